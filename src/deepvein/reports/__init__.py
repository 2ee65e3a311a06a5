"""Reports of a screening: one output format a file, each under a name in WRITERS."""

# isort: off
# The order of building: a report may refer to those before it, and show their remarks.
from deepvein.reports.dicom import seg, sr, presentation, keys
from deepvein.reports import nifti, findings_json, pdf, html, manifest

# isort: on
from deepvein.reports.writer import WRITERS, Document, Report, ReportContext, Writer
from deepvein.reports.writing import write

write_reports = write
"""The name by which the package offers it."""

__all__ = [
    "WRITERS",
    "Document",
    "Report",
    "ReportContext",
    "Writer",
    "findings_json",
    "html",
    "keys",
    "manifest",
    "nifti",
    "pdf",
    "presentation",
    "seg",
    "sr",
    "write",
    "write_reports",
]
