import dataclasses
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deepvein.cli.main import app
from deepvein.findings.screening import Verdict
from deepvein.reports import write
from deepvein.screening.record import RECORD
from deepvein.studies.nifti import write_nifti
from deepvein.studies.reading import read_study
from deepvein.studies.study import Modality
from unit.reports.legs import screening
from unit.reports.series import orientation_grid, write_series

NO_DICOM = "it refers to DICOM images, and the study has none"


def saved(folder: Path, study: Path, verdict: Verdict = Verdict.SUSPECTED) -> Path:
    """The record of a screening of what lies at `study`."""
    read = read_study(study, Modality.CT)
    result = screening(verdict=verdict, grid=read.volume.grid)
    write(dataclasses.replace(result, study=read), folder / "out", RECORD)
    return folder / "out"


@pytest.fixture
def of_nifti(tmp_path: Path) -> Path:
    path = tmp_path / "legs.nii.gz"
    write_nifti(screening().study.volume, path)
    return saved(tmp_path, path)


def run(folder: Path, names: str, *more: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, ["report", str(folder), "--write", names, *more])
    assert done.exit_code == code, done.output
    return done.output


@pytest.mark.parametrize("name", ["seg", "sr", "presentation", "keys"])
def test_a_report_that_the_study_cannot_have_is_refused_with_its_reason(
    of_nifti: Path, name: str
) -> None:
    before = (of_nifti / "manifest.json").read_bytes()
    told = run(of_nifti, name, code=2)
    assert f"No {name} could be written: {NO_DICOM}." in told
    assert (of_nifti / "manifest.json").read_bytes() == before


def test_beside_others_it_is_told_and_they_are_written(of_nifti: Path) -> None:
    told = run(of_nifti, "html,sr,seg")
    assert "report.html" in told
    for name in ("sr", "seg"):
        assert f"No {name} could be written: {NO_DICOM}." in told
    assert "could be written" not in (of_nifti / "report.html").read_text(encoding="utf-8")
    answer = json.loads(run(of_nifti, "html,sr", "--json"))
    assert answer["remarks"] == [f"No sr could be written: {NO_DICOM}."]


@pytest.mark.parametrize("names", ["html,json", "manifest"])
def test_what_can_be_written_is_followed_by_no_remark(of_nifti: Path, names: str) -> None:
    assert json.loads(run(of_nifti, names, "--json"))["remarks"] == []


def test_key_images_of_no_finding_are_no_error(tmp_path: Path) -> None:
    grid = orientation_grid("axial")
    write_series(screening(grid=grid).study.volume, tmp_path / "study")
    folder = saved(tmp_path, tmp_path / "study", Verdict.NOT_SUSPECTED)
    assert "manifest.json" in run(folder, "keys,presentation")


def test_images_without_their_uids_are_the_reason_too(tmp_path: Path) -> None:
    """Also where the first screening has said so."""
    from pydicom import dcmread

    grid = orientation_grid("axial")
    for path in write_series(screening(grid=grid).study.volume, tmp_path / "study"):
        image = dcmread(path)
        del image.FrameOfReferenceUID
        image.save_as(path)
    folder = saved(tmp_path, tmp_path / "study")
    run(folder, "html,json,sr")
    assert "carry no Frame of Reference UID" in run(folder, "sr", code=2)
