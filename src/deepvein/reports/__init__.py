"""Reports of a screening: one output format a file, each under a name in WRITERS."""

from deepvein.reports import dicom_seg, findings_json, html, manifest, masks_nifti
from deepvein.reports.writer import WRITERS, ReportContext, Writer
from deepvein.reports.writing import write

__all__ = [
    "WRITERS",
    "ReportContext",
    "Writer",
    "dicom_seg",
    "findings_json",
    "html",
    "manifest",
    "masks_nifti",
    "write",
]
