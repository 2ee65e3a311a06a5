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
from deepvein.reports.seg_masks import place_of
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

    images: (frames, rows, columns) uint8, segment numbers from 1 on the source's frames; kept: (n,) indices
    of the frames that show any.
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

    headers = _headers(tuple(dict.fromkeys(frame.path for frame in frames)))
    lacking = [name for name in _REQUIRED if not headers[0].get(name)]
    if lacking:
        _LOG.warning("no DICOM SEG for %s: its headers lack %s", frames[0].path, lacking[0])
        return False
    images: NDArray[np.uint8] = content.images
    positions = None
    if len({place_of(frame) for frame in frames}) < len(frames):
        # Several frames in one place, as in a dynamic series: the first of them stands for all.
        images = images[list(content.kept)]
        positions = [
            PlanePositionSequence("PATIENT", frames[index].grid.origin_mm.tolist())
            for index in content.kept
        ]
    marked = "synthetic phantom - " if screening.study.synthetic else ""
    models = screening.prediction.models
    file = Segmentation(
        source_images=headers,
        pixel_array=images,
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
        plane_positions=positions,
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


def _headers(paths: tuple[Path, ...]) -> list[Any]:
    from pydicom import dcmread

    headers = []
    for path in paths:
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
