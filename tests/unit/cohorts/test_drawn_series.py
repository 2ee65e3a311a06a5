"""Sessions as XNAT gives them: scans and assessors in trees of their own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from pydicom.uid import generate_uid

from deepvein.cohorts.importing import import_folder
from deepvein.cohorts.opening import open_case
from unit.studies import making
from unit.studies.masks.test_seg import segmentation


def session(folder: Path, number: int, *, drawn: str, own_study: bool) -> tuple[Path, Path]:
    """A session with a native and a venous scan and a SEG drawn on one; the scan's folder and the SEG."""
    grid = making.grid_of(making.SHAPE)
    tags = {"StudyInstanceUID": generate_uid(), "FrameOfReferenceUID": generate_uid()}
    tags["PatientID"] = f"X{number}"
    for place, name in enumerate(("native", "venous"), start=3):
        image = making.ramp(making.SHAPE) + 10 * number + place
        series = {
            "SeriesInstanceUID": generate_uid(),
            "SeriesNumber": place,
            "SeriesDescription": name,
        }
        files = folder / "scans" / f"{place}-CT_{name}" / "resources" / "DICOM" / "files"
        making.series(files, grid, image, **tags, **series)
    scan = next((folder / "scans").glob(f"*_{drawn}")) / "resources" / "DICOM" / "files"
    blobs = making.two_blobs(grid).array
    seg = segmentation(scan, blobs, "BINARY", ("left popliteal vein", "Thrombus"))
    if own_study:
        seg.StudyInstanceUID = generate_uid()
    path = (
        folder / "assessors" / f"RoiCollection_{number}" / "resources" / "SEG" / "files" / "seg.dcm"
    )
    path.parent.mkdir(parents=True)
    seg.save_as(path)
    return scan, path


@pytest.mark.parametrize("own_study", [False, True])
@pytest.mark.parametrize("drawn", ["native", "venous"])
def test_assessors_belong_to_the_scan_that_they_name(
    tmp_path: Path, drawn: str, own_study: bool
) -> None:
    made = [
        session(tmp_path / "in" / f"S{n}" / f"S{n}_CT1", n, drawn=drawn, own_study=own_study)
        for n in range(2)
    ]
    found = import_folder(tmp_path / "in", tmp_path / "out")
    assert found.left_out == ()
    assert [(case.patient, case.thrombi, case.has_dvt) for case in found.cohort] == [
        (f"X{n}", path, True) for n, (_, path) in enumerate(made)
    ]
    for case, (scan, _) in zip(found.cohort, made, strict=True):
        opened = open_case(case, found.cohort.cache)
        alone = open_case(type(case)("alone", "x", case.modality, scan), found.cohort.cache)
        assert opened.image_digest == alone.image_digest
        assert not any("was drawn on series" in remark for remark in opened.remarks)
    said = any("on which its masks were drawn" in guess for guess in found.guesses)
    assert said is (drawn == "native")


def test_assessors_without_a_name_or_study_of_a_scan_are_joined_by_its_series(
    tmp_path: Path,
) -> None:
    for number in range(2):
        folder = tmp_path / "in" / f"S{number}"
        _, path = session(folder, number, drawn="venous", own_study=True)
        (tmp_path / "in" / "rois").mkdir(exist_ok=True)
        shutil.move(path, tmp_path / "in" / "rois" / f"{1 - number}.dcm")
    found = import_folder(tmp_path / "in", tmp_path / "out")
    assert found.left_out == ()
    assert [(case.patient, case.thrombi.name) for case in found.cohort] == [
        ("X0", "1.dcm"),
        ("X1", "0.dcm"),
    ]
