"""Headers as archives and anonymisers leave them: every report is written, and others and we can read it."""

import dataclasses
import json
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from highdicom.seg import segread
from highdicom.sr import srread
from pydicom import Dataset, dcmread

from deepvein.reports import write
from deepvein.studies.masks import read_mask
from deepvein.studies.reading import read_study
from unit.reports.dicom.test_seg import store
from unit.reports.legs import screening
from unit.reports.series import orientation_grid, write_series

Edit = Callable[[Dataset], object]


def stored(keyword: str, vr: str, value: bytes) -> Edit:
    return lambda data: store(data, keyword, vr, value)


def without(*keywords: str) -> Edit:
    def edit(data: Dataset) -> None:
        for keyword in keywords:
            if keyword in data:
                delattr(data, keyword)

    return edit


ODD: dict[str, Edit] = {
    "birth date of zeros": stored("PatientBirthDate", "DA", b"00/00/0000"),
    "birth year": stored("PatientBirthDate", "DA", b"1958"),
    "study date of ACR-NEMA": stored("StudyDate", "DA", b"2024.01.31"),
    "study date that is none": stored("StudyDate", "DA", b"20240231"),
    "study date range": stored("StudyDate", "DA", b"20240101-20240131"),
    "study time with colons": stored("StudyTime", "TM", b"12:30:05"),
    "study time in words": stored("StudyTime", "TM", b"noon"),
    "sex in words": stored("PatientSex", "CS", b"Female"),
    "sex that is none": stored("PatientSex", "CS", b"?"),
    "age without zeros": stored("PatientAge", "AS", b"63Y"),
    "age in words": stored("PatientAge", "AS", b"sixty"),
    "weight with a unit": stored("PatientWeight", "DS", b"72 kg"),
    "weight that is not a number": stored("PatientWeight", "DS", b"NaN"),
    "two patient numbers": stored("PatientID", "LO", b"A\\B"),
    "very long numbers": stored("AccessionNumber", "SH", b"7" * 40),
    "control characters": stored("PatientID", "LO", b"1\x072"),
    "name without parts": stored("PatientName", "PN", b"ANONYMOUS"),
    "name with many parts": stored("PatientName", "PN", b"a^b^c^d^e^f^g"),
    "name of another character set": stored("PatientName", "PN", b"M\xfcller^J\xf6rg"),
    "name with a backslash": stored("PatientName", "PN", b"\x83\\^A"),
    "unknown character set": stored("SpecificCharacterSet", "CS", b"LATIN9"),
    "several character sets": stored("SpecificCharacterSet", "CS", b"\\ISO 2022 IR 87"),
    "series number in words": stored("SeriesNumber", "IS", b"five"),
    "series number beyond limits": stored("SeriesNumber", "IS", b"99999999999"),
    "negative series number": stored("SeriesNumber", "IS", b"-3"),
    "UID with letters": stored("StudyInstanceUID", "UI", b"1.2.abc.3"),
    "UID with leading zeros": stored("FrameOfReferenceUID", "UI", b"1.02.003"),
    "very long UID": stored("StudyInstanceUID", "UI", b"1." + b"2" * 80),
    "no slice thickness": without("SliceThickness"),
    "slice thickness of zero": stored("SliceThickness", "DS", b"0"),
    "negative slice thickness": stored("SliceThickness", "DS", b"-5"),
    "no patient at all": without(
        "PatientID", "PatientName", "PatientSex", "PatientBirthDate", "StudyID",
        "StudyDate", "StudyTime", "AccessionNumber", "ReferringPhysicianName",
    ),
    "no instance number": without("InstanceNumber"),
    "lossy without a ratio": stored("LossyImageCompression", "CS", b"01"),
    "a person's method of de-identification": stored(
        "DeidentificationMethod", "LO", b"by hand\\and by eye"
    ),
}  # fmt: skip


@pytest.mark.parametrize("edit", ODD.values(), ids=ODD)
def test_all_reports_are_written_and_read_back(edit: Edit, tmp_path: Path) -> None:
    grid = orientation_grid("axial")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for path in write_series(screening(grid=grid).study.volume, tmp_path / "in"):
            data = dcmread(path)
            edit(data)
            data.save_as(path)
    study = read_study(tmp_path / "in")
    said = screening(grid=study.volume.grid)
    result = dataclasses.replace(said, study=study)
    out = tmp_path / "out"
    written = {path.name for path in write(result, out, ["seg", "sr", "json", "manifest"])}
    assert written == {
        "thrombi.dcm", "veins.dcm", "sr_thrombi.dcm", "sr_assessment.dcm", "findings.json",
        "manifest.json",
    }  # fmt: skip
    assert json.loads((out / "manifest.json").read_text())["failed"] == []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        veins = read_mask(out / "veins.dcm", study.volume.grid).array > 0
        assert (veins == (said.prediction.vein_probability >= 128)).all()
        points = segread(out / "thrombi.dcm").get_volume(combine_segments=True)
        assert np.count_nonzero(points.array) == len(result.findings[0].indices)
        for name in ("sr_thrombi.dcm", "sr_assessment.dcm"):
            assert srread(out / name).StudyInstanceUID == study.identity.study_uid
