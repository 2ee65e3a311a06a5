import dataclasses
from pathlib import Path

from pydicom import Dataset, dcmread

from deepvein.findings.screening import Screening
from deepvein.reports.dicom.context import study_context
from deepvein.reports.dicom.encapsulated import encapsulated
from deepvein.reports.dicom.seg import save_dataset
from unit.reports.dicom.test_seg import from_series
from unit.reports.legs import MODEL

PDF = b"%PDF-1.4\n odd\n%%EOF"


def made(result: Screening) -> Dataset:
    context = study_context(result.study.origin.sources[0].header)
    return encapsulated(PDF, "A report", result, context)


def test_carries_the_bytes_in_the_study(tmp_path: Path) -> None:
    result = from_series(tmp_path / "in")
    save_dataset(made(result), tmp_path / "pdf.dcm")
    file = dcmread(tmp_path / "pdf.dcm")
    source = dcmread(result.study.origin.paths[0])
    assert file.SOPClassUID == "1.2.840.10008.5.1.4.1.1.104.1"
    assert file.EncapsulatedDocumentLength == len(PDF) == 19
    assert file.EncapsulatedDocument == PDF + b"\0"
    assert file.MIMETypeOfEncapsulatedDocument == "application/pdf"
    assert file.DocumentTitle == "A report"
    assert file.VerificationFlag == "UNVERIFIED"
    assert file.BurnedInAnnotation == "YES"
    for keyword in ("PatientID", "PatientName", "StudyInstanceUID", "StudyDate"):
        assert file[keyword].value == source[keyword].value
    assert file.SeriesInstanceUID != source.SeriesInstanceUID
    named = [item.ReferencedSOPInstanceUID for item in file.SourceInstanceSequence]
    assert len(named) == len(result.study.origin.paths)
    assert source.SOPInstanceUID in named
    assert "synthetic phantom" in file.SeriesDescription


def test_another_model_makes_another_object_and_a_rerun_the_same(tmp_path: Path) -> None:
    result = from_series(tmp_path / "in")
    later = dataclasses.replace(result.provenance, created="2026-02-03T04:05:06+00:00")
    other = dataclasses.replace(MODEL, sha256="cd" * 32)
    prediction = dataclasses.replace(result.prediction, models=(other,))

    def uids(one: Screening) -> tuple[str, str, str]:
        file = made(one)
        device = file.ContributingEquipmentSequence[0].DeviceUID
        return file.SOPInstanceUID, file.SeriesInstanceUID, device

    first = uids(result)
    assert uids(dataclasses.replace(result, provenance=later)) == first
    assert not set(uids(dataclasses.replace(result, prediction=prediction))) & set(first)
