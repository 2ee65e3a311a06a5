"""Real phantoms, kept small: coarse slices of 48 × 48 pixels."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deepvein.cli.main import app
from deepvein.cohorts.cohort import Cohort
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


def test_nifti_without_truth_or_thrombi(tmp_path: Path) -> None:
    out = tmp_path / "healthy"
    options = ["--no-dvt", "--no-truth", "--format", "nifti", "--out", str(out), "--json"]
    done = runner.invoke(app, ["phantom", "ct", *options, *SMALL])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == {"folder": str(out), "modality": "CT", "thrombi": []}
    assert sorted(path.name for path in out.iterdir()) == ["image.nii.gz", "planted.json"]


def test_a_cohort_loads_and_the_same_command_goes_on(tmp_path: Path) -> None:
    arguments = ["phantom", "cohort", "ct", "--out", str(tmp_path), "--workers", "1", "--json"]
    first = runner.invoke(app, [*arguments, "--n", "1", *SMALL])
    assert first.exit_code == 0, first.output
    written = (tmp_path / "ct0-0000" / "image.nii").stat().st_mtime_ns
    second = runner.invoke(app, [*arguments, "--n", "2", *SMALL])
    assert json.loads(second.stdout) == {"table": str(tmp_path / "cohort.csv"), "cases": 2}
    assert (tmp_path / "ct0-0000" / "image.nii").stat().st_mtime_ns == written
    assert [case.case for case in Cohort.load(tmp_path)] == ["ct0-0000", "ct0-0001"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["cohort", "us", "--n", "1", "--out", "x"],
        ["cohort", "ct", "--n", "0", "--out", "x"],
        ["ct"],
        ["ct", "--out", "x", "--seed", "-1"],
        ["ct", "--out", "x", "--set", "ct.matrix=many"],
        ["ct", "--out", "x", "--set", "ct.colour=red"],
    ],
)
def test_bad_usage(arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert runner.invoke(app, ["phantom", *arguments]).exit_code == 2
    assert not list(tmp_path.iterdir())
