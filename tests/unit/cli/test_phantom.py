"""Real phantoms, kept small: coarse slices of 48 × 48 pixels."""

import errno
import json
import os
import platform
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
from typer.testing import CliRunner

from deepvein.cli.main import app
from deepvein.cli.options import changed
from deepvein.cli.phantom import AnnotationName, CentreName, DifficultyName
from deepvein.cohorts.cohort import Cohort
from deepvein.phantoms import centres, difficulty
from deepvein.phantoms.annotation.annotation import ANNOTATIONS, RADIOLOGIST
from deepvein.phantoms.difficulty import settings_at
from deepvein.phantoms.phantom import render, sample
from deepvein.phantoms.plan import load_plan
from deepvein.studies.nifti import read_nifti
from deepvein.studies.reading import read_study
from deepvein.studies.study import Modality

runner = CliRunner()
SMALL = ["--set", "ct.matrix=48", "--set", "ct.increment_mm=12", "--set", "ct.planes=1"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("phantom") / "ct"
    done = runner.invoke(app, ["phantom", "ct", "--dvt", "--seed", "4", "--out", str(out), *SMALL])
    assert done.exit_code == 0, done.output
    assert f"{out}: synthetic CT, " in done.stdout
    assert "planted" in done.stdout
    return out


def test_a_study_can_be_read_and_is_marked_as_synthetic(folder: Path) -> None:
    study = read_study(folder)
    assert study.synthetic
    assert study.modality is Modality.CT
    assert study.volume.grid.shape[1:] == (48, 48)


def test_truth_lies_on_the_grid_of_the_study(folder: Path) -> None:
    study = read_study(folder)
    for name in ("segments", "thrombi", "arteries", "bones"):
        truth = read_nifti(folder / "truth" / f"{name}.nii.gz")
        assert truth.grid.matches(study.volume.grid, tolerance_mm=0.01)
        assert truth.array.any()
    assert json.loads((folder / "planted.json").read_text())["thrombi"]


def test_inspect_sees_one_synthetic_study_and_not_its_truth(folder: Path) -> None:
    done = runner.invoke(app, ["inspect", str(folder), "--json"])
    assert done.exit_code in (0, 4), done.output
    answer = json.loads(done.stdout)
    assert answer["synthetic"] is True
    assert answer["modality"] == "CT"
    assert answer["geometry"]["shape"][1:] == [48, 48]
    text = runner.invoke(app, ["inspect", str(folder)]).stdout
    assert "A synthetic study, not a patient." in text
    assert "voxels of 12.00" in text


def test_a_folder_that_holds_something_is_refused(folder: Path) -> None:
    before = sorted(folder.iterdir())
    done = runner.invoke(app, ["phantom", "ct", "--out", str(folder), *SMALL])
    assert done.exit_code == 2
    assert "is not empty" in done.stderr
    assert sorted(folder.iterdir()) == before


def test_a_full_disk_leaves_no_part_of_a_study(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("deepvein.phantoms.writing.write_planted", full)
    done = runner.invoke(app, ["phantom", "ct", "--out", str(tmp_path / "ct"), *SMALL])
    assert done.exit_code == 6
    assert "no room to write" in " ".join(done.output.split())
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_left_is_in_nobodys_way(tmp_path: Path) -> None:
    left = tmp_path / f".partial-{platform.node()[:40]}-killed"
    left.mkdir()
    (left / "0001.dcm").write_bytes(b"half")
    done = runner.invoke(
        app, ["phantom", "ct", "--no-truth", "--format", "nifti", "--out", str(tmp_path), *SMALL]
    )
    assert done.exit_code == 0, done.output
    assert {path.name for path in tmp_path.iterdir()} == {"image.nii.gz", "planted.json"}


def test_nifti_without_truth_or_thrombi(tmp_path: Path) -> None:
    out = tmp_path / "healthy"
    options = ["--no-dvt", "--no-truth", "--format", "nifti", "--out", str(out), "--json"]
    done = runner.invoke(app, ["phantom", "ct", *options, *SMALL])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == {"folder": str(out), "modality": "CT", "thrombi": []}
    assert sorted(path.name for path in out.iterdir()) == ["image.nii.gz", "planted.json"]


def test_a_cohort_is_laid_out_and_then_written_case_by_case(tmp_path: Path) -> None:
    arguments = ["phantom", "cohort", "ct", "--out", str(tmp_path), "--workers", "1", "--json"]
    laid = runner.invoke(app, [*arguments, "--n", "2", *SMALL])
    assert laid.exit_code == 0, laid.output
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cohort.csv", "cohort.json"]
    first = runner.invoke(app, [*arguments, "--n", "1", "--write", "nifti", *SMALL])
    assert first.exit_code == 0, first.output
    written = (tmp_path / "ct0-0000" / "image.nii").stat().st_mtime_ns
    second = runner.invoke(app, [*arguments, "--n", "2", "--write", "nifti", *SMALL])
    assert json.loads(second.stdout) == {"table": str(tmp_path / "cohort.csv"), "cases": 2}
    assert (tmp_path / "ct0-0000" / "image.nii").stat().st_mtime_ns == written
    assert [case.case for case in Cohort.load(tmp_path)] == ["ct0-0000", "ct0-0001"]


def test_options_of_a_cohort_are_kept_in_its_plan(tmp_path: Path) -> None:
    options = ["--difficulty", "hard", "--centre", "b", "--annotation", "radiologist"]
    done = runner.invoke(
        app,
        [
            "phantom",
            "cohort",
            "mr",
            "--n",
            "5",
            "--patients",
            "3",
            *options,
            "--out",
            str(tmp_path),
        ],
    )
    assert done.exit_code == 0, done.output
    plan = load_plan(tmp_path / "cohort.json")
    assert plan.settings == replace(settings_at("hard"), centre="B")
    assert plan.annotation == RADIOLOGIST
    cohort = Cohort.load(tmp_path)
    assert len(cohort.patients) == 3
    assert {case.centre for case in cohort} == {"B"}


def test_choices_are_those_that_exist() -> None:
    assert get_args(AnnotationName) == ANNOTATIONS.names()
    assert get_args(CentreName) == centres.NAMES
    assert get_args(DifficultyName) == difficulty.NAMES


def test_one_study_of_a_centre_and_level(tmp_path: Path) -> None:
    options = ["--difficulty", "easy", "--centre", "C", "--format", "nifti", "--no-truth"]
    done = runner.invoke(app, ["phantom", "ct", "--out", str(tmp_path / "a"), *options, *SMALL])
    assert done.exit_code == 0, done.output
    settings = changed(
        replace(settings_at("easy"), centre="C"),
        {"ct": {"matrix": 48, "increment_mm": 12, "planes": 1}},
    )
    wanted = render(sample(0, Modality.CT, None, settings))
    found = read_nifti(tmp_path / "a" / "image.nii.gz")
    assert (found.array == wanted.image.array).all()


@pytest.mark.parametrize(
    "arguments",
    [
        ["cohort", "us", "--n", "1", "--out", "x"],
        ["cohort", "ct", "--n", "0", "--out", "x"],
        ["ct"],
        ["ct", "--out", "x", "--seed", "-1"],
        ["ct", "--out", "x", "--set", "ct.matrix=many"],
        ["ct", "--out", "x", "--set", "ct.colour=red"],
        ["ct", "--out", "x", "--centre", "D"],
        ["cohort", "ct", "--n", "5", "--patients", "2", "--out", "x"],
        ["cohort", "ct", "--n", "5", "--annotation", "sloppy", "--out", "x"],
    ],
)
def test_bad_usage(arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert runner.invoke(app, ["phantom", *arguments]).exit_code == 2
    assert not list(tmp_path.iterdir())
