"""The frames of a SEG: what each shows on which source image, and all their pixels packed to bits.

highdicom makes and checks the object with its first frame. The others differ from it in position, source
image, segment and pixels alone, and are made after it: through highdicom 1,500 of them take ten times as long.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from deepvein.reports.dicom.planes import labels_in
from deepvein.studies.source import SourceFrame, SourceSeries

if TYPE_CHECKING:
    from pydicom import Dataset

Shown = tuple[int, int]
"""A segment's number, and the index of the source frame that it is shown on."""


def write_frames(
    file: Dataset, source: SourceSeries, kept: Sequence[int], images: NDArray[np.uint8]
) -> None:
    """Give a BINARY SEG that shows its first frame all of its frames.

    kept: indices of source frames, ascending. images: (frames, rows, columns) segment numbers on all source
    frames. Segment after segment, its frames lie in the order of their places. A kept frame that shows nothing
    is one of the first segment: SimpleITK and all that stands on it read frames as if they lay side by
    side.
    """
    from pydicom.config import disable_value_validation
    from pydicom.dataset import Dataset

    # highdicom says the segment of a single frame once for all, and then neither its own references to a
    # segment nor MONAI can read it.
    file.SharedFunctionalGroupsSequence[0].pop("SegmentIdentificationSequence", None)
    order = _along_normal(file, source, kept)
    place = {index: number for number, index in enumerate(order, start=1)}
    shown = _shown(order, images, len(file.SegmentSequence))
    (first,) = file.PerFrameFunctionalGroupsSequence
    # The values are numbers of ours and what the source says: checking each takes half of the time.
    with disable_value_validation():
        file.PerFrameFunctionalGroupsSequence = [
            _group(first, source.frames[index], (segment, place[index]), Dataset)
            for segment, index in shown
        ]
    file.NumberOfFrames = len(shown)
    file.PixelData = packed(images[index] == segment for segment, index in shown)
    file.SourceImageSequence = _instances([source.frames[index] for index in kept], Dataset)
    _organise(file, order, source)


def packed(masks: Iterator[NDArray[np.bool_]]) -> bytes:
    """Masks as one row of bits, the first in the lowest place (PS3.5 8.1.1 and annex D), of even length.

    A mask whose pixels do not fill whole bytes is followed by the next within the same byte.
    """
    parts, rest = [], np.zeros(0, dtype=np.bool_)
    for mask in masks:
        bits = np.concatenate([rest, mask.ravel()]) if len(rest) else mask.ravel()
        whole = len(bits) // 8 * 8
        parts.append(np.packbits(bits[:whole], bitorder="little").tobytes())
        rest = bits[whole:]
    parts.append(np.packbits(rest, bitorder="little").tobytes())
    size = sum(map(len, parts))
    return b"".join((*parts, b"\0" * (size % 2)))


def _along_normal(file: Dataset, source: SourceSeries, kept: Sequence[int]) -> list[int]:
    """Indices of frames in the order of dimension index values: as highdicom sorts them, along the normal
    that makes a right-handed system with the directions down and right."""
    shared = file.SharedFunctionalGroupsSequence[0]
    cosines = np.reshape(
        [float(v) for v in shared.PlaneOrientationSequence[0].ImageOrientationPatient], (2, 3)
    )
    normal = np.cross(cosines[1], cosines[0])
    return sorted(kept, key=lambda index: float(normal @ source.frames[index].position_mm))


def _shown(order: Sequence[int], images: NDArray[np.uint8], segments: int) -> list[Shown]:
    found: dict[int, list[int]] = {number: [] for number in range(1, segments + 1)}
    for index in order:
        for number in labels_in(images[index]) or [1]:
            found[number].append(index)
    return [(number, index) for number, indices in found.items() for index in indices]


def _group(first: Dataset, frame: SourceFrame, dimensions: tuple[int, int], make: Any) -> Dataset:
    """The functional groups of one frame; what it has in common with the first one is the first one's."""
    from pydicom.valuerep import format_number_as_ds

    group, content, position, derivation, identified = (make() for _ in range(5))
    content.DimensionIndexValues = list(dimensions)
    position.ImagePositionPatient = [format_number_as_ds(float(mm)) for mm in frame.position_mm]
    common = first.DerivationImageSequence[0]
    image = _reference(frame, make)
    image.PurposeOfReferenceCodeSequence = common.SourceImageSequence[
        0
    ].PurposeOfReferenceCodeSequence
    image.SpatialLocationsPreserved = "YES"
    derivation.DerivationCodeSequence = common.DerivationCodeSequence
    derivation.SourceImageSequence = [image]
    identified.ReferencedSegmentNumber = dimensions[0]
    group.FrameContentSequence = [content]
    group.PlanePositionSequence = [position]
    group.DerivationImageSequence = [derivation]
    group.SegmentIdentificationSequence = [identified]
    return group


def _reference(frame: SourceFrame, make: Any) -> Dataset:
    image = make()
    image.ReferencedSOPClassUID = frame.sop_class_uid
    image.ReferencedSOPInstanceUID = frame.sop_instance_uid
    if frame.number is not None:
        image.ReferencedFrameNumber = frame.number
    return image


def _instances(frames: Sequence[SourceFrame], make: Any) -> list[Dataset]:
    """Each instance once, with the numbers of all its frames if it has several."""
    numbers: dict[str, list[int]] = {}
    firsts: dict[str, SourceFrame] = {}
    for frame in frames:
        firsts.setdefault(frame.sop_instance_uid, frame)
        if frame.number is not None:
            numbers.setdefault(frame.sop_instance_uid, []).append(frame.number)
    items = []
    for uid, frame in firsts.items():
        items.append(_reference(frame, make))
        if uid in numbers:
            items[-1].ReferencedFrameNumber = numbers[uid]
    return items


def _organise(file: Dataset, order: Sequence[int], source: SourceSeries) -> None:
    """Say that the frames of a single segment lie evenly, where they do (PS3.3 C.7.6.17)."""
    from highdicom.spatial import get_volume_positions

    if len(file.SegmentSequence) == 1 and len(order) > 1:
        shared = file.SharedFunctionalGroupsSequence[0]
        spacing, _ = get_volume_positions(
            image_positions=np.array([source.frames[index].position_mm for index in order]),
            image_orientation=shared.PlaneOrientationSequence[0].ImageOrientationPatient,
            sort=False,
        )
        if spacing is not None and spacing > 0:
            file.DimensionOrganizationType = "3D"
