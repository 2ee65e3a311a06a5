"""report.pdf: the report on paper, and the same page as a DICOM object in the study."""

from __future__ import annotations

from functools import partial

from deepvein.findings.screening import Screening
from deepvein.reports.dicom.context import study_context
from deepvein.reports.dicom.encapsulated import encapsulated
from deepvein.reports.dicom.seg import save_dataset
from deepvein.reports.dicom.series import obstacle
from deepvein.reports.sheet import TITLE, sheet
from deepvein.reports.writer import EMPTY_CONTEXT, WRITERS, Document, Report, ReportContext
from deepvein.studies.study import Format, Remark


@WRITERS.register("pdf")
def pdf_report(screening: Screening, context: ReportContext = EMPTY_CONTEXT) -> Report:
    """report.pdf, and report_pdf.dcm for a DICOM study.

    Images without the UIDs that a reference needs carry no DICOM object, and a remark says so.
    """
    pdf = sheet(screening, context.pictures)
    documents = [Document("report.pdf", lambda path: path.write_bytes(pdf))]
    if screening.study.origin.format is not Format.DICOM:
        return Report(tuple(documents))
    sources = screening.study.origin.sources
    for source in sources:
        reason = obstacle(source)
        if reason:
            text = f"The PDF could not be made a DICOM object for {source.frames[0].path.name}: {reason}."
            return Report(tuple(documents), (Remark("no-dicom-pdf", text),))
    study = study_context(sources[0].header)
    file = encapsulated(pdf, TITLE, screening, study)
    documents.append(Document("report_pdf.dcm", partial(save_dataset, file), file))
    return Report(tuple(documents), study.remarks)
