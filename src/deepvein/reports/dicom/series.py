"""The source series of a derived DICOM object: what must be known of it, and how its images are named."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from deepvein.studies.dicom.values import number as header_number
from deepvein.studies.dicom.values import text
from deepvein.studies.source import SourceFrame, SourceSeries

if TYPE_CHECKING:
    from pydicom import Dataset

    from deepvein.reports.dicom.context import StudyContext

_CLASSIC_CT = "1.2.840.10008.5.1.4.1.1.2"


NOT_DICOM = "it refers to DICOM images, and the study has none"
"""Why a study of another kind has no DICOM objects."""


def obstacle(source: SourceSeries) -> str:
    """Why no DICOM object can refer to these images, as the rest of a sentence; empty if one can."""
    uids = [(frame.sop_instance_uid, frame.number) for frame in source.frames]
    for missing, name in (
        (not text(source.header, "StudyInstanceUID"), "Study Instance UID (0020,000D)"),
        (any(not f.series_instance_uid for f in source.frames), "Series Instance UID (0020,000E)"),
        (not source.frame_of_reference_uid, "Frame of Reference UID (0020,0052)"),
        (any(not uid for uid, _ in uids), "SOP Instance UID (0008,0018)"),
    ):
        if missing:
            return f"its images carry no {name}"
    if len(set(uids)) < len(uids):
        return "several of its images carry the same SOP Instance UID (0008,0018)"
    return ""


def stand_in(source: SourceSeries, index: int, context: StudyContext) -> Dataset:
    """A classic image header for one of the frames, holding valid values alone, without pixels.

    highdicom takes geometry and references from source images and raises for whatever it finds odd in
    them. Cosines are made perpendicular again as the volume's are, a missing slice thickness is the
    distance of slices. A frame of a multi-frame instance stands as an image of its own.
    """
    from pydicom import Dataset
    from pydicom.valuerep import format_number_as_ds

    def decimals(values: Iterable[float]) -> list[str]:
        return [format_number_as_ds(float(value)) for value in values]

    first, frame, image = source.frames[0], source.frames[index], Dataset()
    step = _distance_mm(source.frames)
    context.enter(image)
    image.SOPClassUID = _CLASSIC_CT
    image.SOPInstanceUID = frame.sop_instance_uid
    image.SeriesInstanceUID = first.series_instance_uid
    image.FrameOfReferenceUID = source.frame_of_reference_uid
    image.Modality = "CT"
    image.Rows, image.Columns = frame.rows, frame.columns
    image.PixelSpacing = decimals(first.spacing_mm)
    image.SliceThickness = decimals([frame.thickness_mm or step])[0]
    image.SpacingBetweenSlices = decimals([step])[0]
    image.ImageOrientationPatient = decimals(first.cosines.ravel())
    image.ImagePositionPatient = decimals(frame.position_mm)
    return image


def instances(
    source: SourceSeries, context: StudyContext, chosen: Container[str] | None = None
) -> list[Dataset]:
    """One header for each stored instance, as evidence of an SR names it; of all, or of those whose SOP
    Instance UID is `chosen`.

    The first alone says all about patient and study: from it highdicom takes that.
    """
    from pydicom import Dataset

    listed: list[Dataset] = []
    for frame in _first_frames(source.frames):
        if chosen is not None and frame.sop_instance_uid not in chosen:
            continue
        image = Dataset()
        if listed:
            image.StudyInstanceUID = context.dataset.StudyInstanceUID
        else:
            context.enter(image)
        image.SOPClassUID, image.SOPInstanceUID = frame.sop_class_uid, frame.sop_instance_uid
        image.SeriesInstanceUID = frame.series_instance_uid
        # By these highdicom tells an image from other objects.
        image.Rows, image.Columns = frame.rows, frame.columns
        listed.append(image)
    return listed


def series_number(source: SourceSeries, number: int) -> int:
    """Beside the source's series, in the thousands where scanners put derived series."""
    given = header_number(source.header, "SeriesNumber") or 0
    return int(max(0, min(given, 1_000_000))) * 100 + 1000 + number


def referenced_series(source: SourceSeries) -> list[Dataset]:
    """All images of a series, also those that show nothing, for a Referenced Series Sequence."""
    from pydicom import Dataset

    items: dict[str, Any] = {}
    for frame in _first_frames(source.frames):
        image, uid = Dataset(), frame.series_instance_uid
        image.ReferencedSOPClassUID = frame.sop_class_uid
        image.ReferencedSOPInstanceUID = frame.sop_instance_uid
        if uid not in items:
            items[uid] = Dataset()
            items[uid].SeriesInstanceUID = uid
            items[uid].ReferencedInstanceSequence = []
        items[uid].ReferencedInstanceSequence.append(image)
    return list(items.values())


def _first_frames(frames: Iterable[SourceFrame]) -> list[SourceFrame]:
    """The first frame of each instance."""
    firsts: dict[str, SourceFrame] = {}
    for frame in frames:
        firsts.setdefault(frame.sop_instance_uid, frame)
    return list(firsts.values())


def _distance_mm(frames: Sequence[SourceFrame]) -> float:
    """From slice to slice: the usual one of the distances above 0, else the thickness, else 1 mm."""
    normal = np.cross(*frames[0].cosines)
    along = np.array([frame.position_mm for frame in frames]) @ normal
    steps = np.abs(np.diff(along))
    steps = steps[steps > 1e-3]
    return float(np.median(steps)) if len(steps) else frames[0].thickness_mm or 1.0
