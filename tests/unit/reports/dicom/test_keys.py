import shutil
import subprocess
from pathlib import Path

import pytest
from pydicom import dcmread

from deepvein.findings.screening import Screening, Verdict
from deepvein.reports.dicom.keys import keys_report
from deepvein.reports.dicom.seg import seg_report
from deepvein.reports.dicom.series import NOT_DICOM
from deepvein.reports.writer import Report, ReportContext
from unit.reports.dicom.test_seg import edited, from_series
from unit.reports.legs import screening
from unit.reports.series import orientation_grid, origin_of, write_enhanced


def write_keys(result: Screening, folder: Path) -> Path:
    context = ReportContext(documents=seg_report(result).documents)
    (document,) = keys_report(result, context).documents
    document.save(folder / document.name)
    return folder / document.name


def test_selects_the_key_image_of_each_finding_and_the_segmentation(tmp_path: Path) -> None:
    result = from_series(tmp_path / "in")
    file = dcmread(write_keys(result, tmp_path))
    assert file.SOPClassUID == "1.2.840.10008.5.1.4.1.1.88.59"
    assert file.ConceptNameCodeSequence[0].CodeValue == "113000"
    selected = [
        item.ReferencedSOPSequence[0].ReferencedSOPInstanceUID
        for item in file.ContentSequence
        if "ReferencedSOPSequence" in item
    ]
    key = result.findings[0].key_slice
    image = dcmread(result.study.origin.paths[key])
    assert selected == [
        image.SOPInstanceUID,
        seg_report(result).documents[0].dataset.SOPInstanceUID,
    ]
    assert (file.PatientID, str(file.PatientName)) == ("P1", "Phantom^One")
    texts = [item.TextValue for item in file.ContentSequence if "TextValue" in item]
    assert any("1 L FV, POPV" in text and "not a medical device" in text for text in texts)


def test_names_the_frame_of_a_multi_frame_image(tmp_path: Path) -> None:
    grid = orientation_grid("axial")
    path = write_enhanced(screening(grid=grid).study.volume, tmp_path / "in" / "all.dcm")
    result = screening(grid=grid, origin_of=origin_of(path, (path,)))
    file = dcmread(write_keys(result, tmp_path))
    (image, _) = (item for item in file.ContentSequence if "ReferencedSOPSequence" in item)
    number = image.ReferencedSOPSequence[0].ReferencedFrameNumber
    assert number == result.findings[0].key_slice + 1


def test_without_findings_or_dicom_or_uids_there_is_none(tmp_path: Path) -> None:
    assert keys_report(screening()) == Report(unfit=NOT_DICOM)
    assert keys_report(from_series(tmp_path, verdict=Verdict.NOT_SUSPECTED)) == Report()
    nameless = edited(tmp_path / "odd", lambda data: delattr(data, "SOPInstanceUID"))
    report = keys_report(nameless)
    assert report.documents == ()
    assert "No key images" in report.remarks[0].text


@pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="dicom3tools is not installed")
def test_dciodvfy_finds_no_error(tmp_path: Path) -> None:
    path = write_keys(from_series(tmp_path / "in"), tmp_path)
    done = subprocess.run(["dciodvfy", "-new", path], capture_output=True, text=True, check=False)
    assert [line for line in done.stderr.splitlines() if line.startswith("Error")] == []
