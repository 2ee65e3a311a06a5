from pathlib import Path

from pydicom import dcmread

from deepvein.findings.screening import Verdict
from deepvein.reports.pdf import pdf_report
from unit.reports.dicom.test_seg import edited, from_series
from unit.reports.legs import screening


def test_the_dicom_object_holds_the_file(tmp_path: Path) -> None:
    documents = pdf_report(from_series(tmp_path / "in", verdict=Verdict.NOT_SUSPECTED)).documents
    for document in documents:
        document.save(tmp_path / document.name)
    pdf = (tmp_path / "report.pdf").read_bytes()
    assert pdf.startswith(b"%PDF-")
    file = dcmread(tmp_path / "report_pdf.dcm")
    assert file.EncapsulatedDocument[: file.EncapsulatedDocumentLength] == pdf


def test_other_formats_have_the_pdf_alone() -> None:
    (document,) = pdf_report(screening(verdict=Verdict.NOT_SUSPECTED)).documents
    assert document.name == "report.pdf"


def test_images_without_uids_keep_the_pdf_and_get_a_remark(tmp_path: Path) -> None:
    report = pdf_report(edited(tmp_path, lambda data: delattr(data, "StudyInstanceUID")))
    assert [document.name for document in report.documents] == ["report.pdf"]
    assert "Study Instance UID" in report.remarks[0].text
