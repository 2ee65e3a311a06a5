"""Which kind of DICOM object a mask file is."""

from __future__ import annotations

from pathlib import Path

from deepvein.studies.dicom.files import is_dicom


def sop_class_of(path: Path) -> str:
    """The SOP Class UID of a DICOM file; empty for anything else or where it cannot be read."""
    if not is_dicom(path):
        return ""
    from pydicom.filereader import dcmread

    try:
        found = dcmread(path, specific_tags=["SOPClassUID"], force=True, stop_before_pixels=True)
        return str(found.get("SOPClassUID", ""))
    except Exception:  # noqa: BLE001  (pydicom raises whatever a damaged value makes it raise)
        return ""
