"""The source series of a derived DICOM object: what must be known of it, and how its images are named."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from deepvein.studies.dicom.values import number as header_number
from deepvein.studies.dicom.values import text
from deepvein.studies.source import SourceFrame, SourceSeries

if TYPE_CHECKING:
    from pydicom import Dataset

    from deepvein.reports.dicom.context import StudyContext

_CLASSIC_CT = "1.2.840.10008.5.1.4.1.1.2"


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


def stand_ins(source: SourceSeries, indices: Iterable[int], context: StudyContext) -> list[Dataset]:
    """A classic image header for each of the frames, holding valid values alone, without pixels.

    highdicom takes geometry and references from source images and raises for whatever it finds odd in
    them. Cosines are made perpendicular again as the volume's are, a missing slice thickness is the
    distance of slices. A frame of a multi-frame instance stands as an image of its own under the UID
    `stand_in_uid`; `refer_to_frames` puts the true references in its place.
    """
    from pydicom import Dataset
    from pydicom.valuerep import format_number_as_ds

    def decimals(values: Iterable[float]) -> list[str]:
        return [format_number_as_ds(float(value)) for value in values]

    first = source.frames[0]
    orientation = decimals(first.cosines.ravel())
    step = _distance_mm(source.frames)
    images = []
    for index in indices:
        frame, image = source.frames[index], Dataset()
        context.enter(image)
        image.SOPClassUID = _CLASSIC_CT
        image.SOPInstanceUID = stand_in_uid(frame)
        image.SeriesInstanceUID = first.series_instance_uid
        image.FrameOfReferenceUID = source.frame_of_reference_uid
        image.Modality = "CT"
        image.Rows, image.Columns = frame.rows, frame.columns
        image.PixelSpacing = decimals(first.spacing_mm)
        image.SliceThickness = decimals([frame.thickness_mm or step])[0]
        image.SpacingBetweenSlices = decimals([step])[0]
        image.ImageOrientationPatient = orientation
        image.ImagePositionPatient = decimals(frame.position_mm)
        images.append(image)
    return images


def stand_in_uid(frame: SourceFrame) -> str:
    """The SOP Instance UID under which a frame stands among `stand_ins`."""
    uid = frame.sop_instance_uid
    return uid if frame.number is None else f"{uid}.{frame.number}"


def refer_to_frames(derived: Dataset, source: SourceSeries) -> None:
    """Let an object made from `stand_ins` name the true images and frames of its source.

    All images of the series are listed as its source, also those that show nothing.
    """
    from pydicom import Sequence as Items

    frames = {stand_in_uid(frame): frame for frame in source.frames}
    for group in derived.PerFrameFunctionalGroupsSequence:
        for derivation in group.DerivationImageSequence:
            for item in derivation.SourceImageSequence:
                frame = frames[item.ReferencedSOPInstanceUID]
                item.ReferencedSOPClassUID = frame.sop_class_uid
                item.ReferencedSOPInstanceUID = frame.sop_instance_uid
                if frame.number is not None:
                    item.ReferencedFrameNumber = frame.number
    derived.ReferencedSeriesSequence = Items(_referenced_series(source))


def instances(source: SourceSeries, context: StudyContext) -> list[Dataset]:
    """One header for each stored instance, as evidence of an SR names it."""
    from pydicom import Dataset

    listed = []
    for frame in _first_frames(source.frames):
        image = Dataset()
        context.enter(image)
        image.SOPClassUID, image.SOPInstanceUID = frame.sop_class_uid, frame.sop_instance_uid
        image.SeriesInstanceUID = frame.series_instance_uid
        listed.append(image)
    return listed


def series_number(source: SourceSeries, number: int) -> int:
    """Beside the source's series, in the thousands where scanners put derived series."""
    given = header_number(source.header, "SeriesNumber") or 0
    return int(max(0, min(given, 1_000_000))) * 100 + 1000 + number


def _referenced_series(source: SourceSeries) -> list[Dataset]:
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
