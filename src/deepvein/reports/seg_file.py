"""One DICOM SEG instance from label images on the frames of one source."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from deepvein._version import __version__
from deepvein.core.errors import StudyError
from deepvein.reports.sources import SourceFrame

if TYPE_CHECKING:
    from highdicom.seg import SegmentDescription

    from deepvein.findings.screening import Screening

_LOG = logging.getLogger(__name__)

_REQUIRED = ("FrameOfReferenceUID", "StudyInstanceUID", "SeriesInstanceUID")
_MAY_BE_EMPTY = (
    "PatientID",
    "PatientName",
    "PatientBirthDate",
    "PatientSex",
    "StudyID",
    "StudyDate",
    "StudyTime",
    "AccessionNumber",
    "ReferringPhysicianName",
)
"""Type 2 attributes: de-identified files often lack what should be there, though empty."""


@dataclass(frozen=True, eq=False)
class SegContent:
    """What one SEG shows.

    kept: (n,) indices of the source's frames; images: (n, rows, columns) uint8, segment numbers from 1.
    """

    name: str
    label: str
    title: str
    kept: tuple[int, ...]
    images: NDArray[np.uint8]
    segments: tuple[SegmentDescription, ...]


def save_seg(
    content: SegContent,
    frames: tuple[SourceFrame, ...],
    path: Path,
    screening: Screening,
    number: int,
) -> bool:
    """Write one SEG; False, with a warning in the log, if the source headers cannot carry one.

    number: counts the SEG series of this screening from 1.
    """
    from highdicom import ContributingEquipment, PlanePositionSequence
    from highdicom.seg import Segmentation, SegmentationTypeValues
    from highdicom.uid import UID
    from pydicom.sr.codedict import codes

    headers = _headers(frames)
    lacking = [name for name in _REQUIRED if not headers[0].get(name)]
    if lacking:
        _LOG.warning("no DICOM SEG for %s: its headers lack %s", frames[0].path, lacking[0])
        return False
    marked = "synthetic phantom - " if screening.study.synthetic else ""
    models = screening.prediction.models
    file = Segmentation(
        source_images=headers,
        pixel_array=content.images,
        segmentation_type=SegmentationTypeValues.BINARY,
        segment_descriptions=list(content.segments),
        series_instance_uid=UID(),
        series_number=_series_number(headers[0], number),
        sop_instance_uid=UID(),
        instance_number=1,
        manufacturer="deepvein",
        manufacturer_model_name="deepvein",
        software_versions=__version__,
        # The weights make the device: another model is another serial number.
        device_serial_number=models[0].sha256[:16] if models else __version__,
        content_label=content.label,
        content_description=f"{content.title}, {marked}research only",
        series_description=f"deepvein {content.title.lower()} - {marked}research only",
        plane_positions=[
            PlanePositionSequence("PATIENT", frames[index].grid.origin_mm.tolist())
            for index in content.kept
        ],
        omit_empty_frames=True,
        contributing_equipment=[
            ContributingEquipment(
                manufacturer="deepvein",
                purpose_of_reference=codes.DCM.ProcessingEquipment,
                manufacturer_model_name="deepvein",
                software_versions=__version__,
            )
        ],
    )
    file.save_as(path)
    return True


def _headers(frames: tuple[SourceFrame, ...]) -> list[Any]:
    from pydicom import dcmread

    headers = []
    for path in dict.fromkeys(frame.path for frame in frames):
        try:
            header = dcmread(path, stop_before_pixels=True)
        except (OSError, ValueError) as error:
            raise StudyError(f"cannot read the header of {path}: {error}") from error
        for name in _MAY_BE_EMPTY:
            if name not in header:
                setattr(header, name, "")
        headers.append(header)
    return headers


def _series_number(header: Any, number: int) -> int:
    """Beside the source's series, in the thousands where scanners put derived series."""
    try:
        source = int(header.get("SeriesNumber") or 0)
    except (TypeError, ValueError):
        source = 0
    return max(0, min(source, 1_000_000)) * 100 + 1000 + number
