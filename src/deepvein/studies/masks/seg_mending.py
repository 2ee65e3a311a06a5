"""What highdicom asks of a DICOM Segmentation beyond what is needed to know its marks, put in where it lacks.

Work stations and scripts leave out labels, codes and dimensions, and give a distance of slices that is not that
of their frames, or none; where the frames lie and which segment they mark says the file all the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

_SAME = 0.02
"""Share of a slice distance within which frames lie on its multiples."""
_PARALLEL = 0.999
_PLACES = ("PixelMeasuresSequence", "PlaneOrientationSequence", "PlanePositionSequence")
_SPARE_BYTES = 4
"""That writers may leave behind the last pixel."""


def mend(dataset: Any, apart: NDArray[np.float64]) -> None:
    """Complete a segmentation's data set in place; apart: (3,) from one slice of the image to the next, mm.

    ValueError if its frames do not say where they lie, or its pixels are not as many as its header says.
    """
    from pydicom.uid import generate_uid

    _require_places(dataset)
    _require_pixels(dataset)
    dataset.SegmentationType = str(dataset.SegmentationType).upper()
    if not dataset.get("FrameOfReferenceUID"):
        dataset.FrameOfReferenceUID = generate_uid()
    for item in dataset.SegmentSequence:
        _name(item)
    if dataset.SegmentationType != "LABELMAP":
        _identify(dataset)
        if not dataset.get("DimensionIndexSequence"):
            _index(dataset)
    _space(dataset, apart)


def _require_places(dataset: Any) -> None:
    shared = dataset.SharedFunctionalGroupsSequence[0]
    for keyword in _PLACES:
        bare = [one for one in dataset.PerFrameFunctionalGroupsSequence if not one.get(keyword)]
        if bare and not shared.get(keyword):
            raise ValueError(f"its frames do not say where they lie: {keyword} is missing")


def _require_pixels(dataset: Any) -> None:
    """Marks of one bit follow one another without a gap; where there are more bytes, as of frames that were
    each filled up to a byte, all marks behind would lie elsewhere."""
    syntax = dataset.file_meta.get("TransferSyntaxUID")
    if syntax is None or syntax.is_compressed:
        return
    values = dataset.Rows * dataset.Columns * int(dataset.get("NumberOfFrames", 1))
    told = -(-values * int(dataset.BitsAllocated) // 8)
    if len(dataset.PixelData) > told + _SPARE_BYTES:
        raise ValueError(
            f"it holds {len(dataset.PixelData)} bytes of pixels where its rows, columns and frames need {told}"
        )


def _name(item: Any) -> None:
    from pydicom.dataset import Dataset

    tissue = Dataset()
    tissue.CodeValue, tissue.CodingSchemeDesignator, tissue.CodeMeaning = (
        "85756007", "SCT", "Tissue",
    )  # fmt: skip
    for keyword in ("SegmentedPropertyCategoryCodeSequence", "SegmentedPropertyTypeCodeSequence"):
        if not item.get(keyword):
            setattr(item, keyword, [tissue])
    item.SegmentLabel = item.get("SegmentLabel") or f"segment {item.SegmentNumber}"
    item.SegmentAlgorithmType = item.get("SegmentAlgorithmType") or "MANUAL"


def _identify(dataset: Any) -> None:
    """Frames that do not name their segment mark the only one."""
    from pydicom.dataset import Dataset

    shared = dataset.SharedFunctionalGroupsSequence[0].get("SegmentIdentificationSequence")
    for groups in () if shared else dataset.PerFrameFunctionalGroupsSequence:
        if not groups.get("SegmentIdentificationSequence"):
            (only,) = dataset.SegmentSequence
            named = Dataset()
            named.ReferencedSegmentNumber = only.SegmentNumber
            groups.SegmentIdentificationSequence = [named]


def _index(dataset: Any) -> None:
    """Order the frames by segment and place."""
    from pydicom.datadict import tag_for_keyword
    from pydicom.dataset import Dataset
    from pydicom.uid import generate_uid

    organization = Dataset()
    organization.DimensionOrganizationUID = generate_uid()
    dataset.DimensionOrganizationSequence = [organization]
    dataset.DimensionIndexSequence = []
    for pointer, groups in (
        ("ReferencedSegmentNumber", "SegmentIdentificationSequence"),
        ("ImagePositionPatient", "PlanePositionSequence"),
    ):
        item = Dataset()
        item.DimensionOrganizationUID = organization.DimensionOrganizationUID
        item.DimensionIndexPointer = tag_for_keyword(pointer)
        item.FunctionalGroupPointer = tag_for_keyword(groups)
        dataset.DimensionIndexSequence.append(item)
    frames = dataset.PerFrameFunctionalGroupsSequence
    segments = list(_of_frames(dataset, "SegmentIdentificationSequence", "ReferencedSegmentNumber"))
    places = [tuple(map(float, one)) for one in _positions(dataset)]
    ranks = {place: rank for rank, place in enumerate(sorted(set(places)), start=1)}
    for groups, segment, place in zip(frames, segments, places, strict=True):
        content = Dataset()
        content.DimensionIndexValues = [int(segment), ranks[place]]
        groups.FrameContentSequence = [content]


def _space(dataset: Any, apart: NDArray[np.float64]) -> None:
    """Give the distance of slices of which the frames' places are multiples.

    The first that fits of what the file says, the thickness, and the image's own: where frames without marks
    are left out, the smallest distance between those that are there may be larger, and marks would grow.
    """
    orientations = list(_of_frames(dataset, "PlaneOrientationSequence", "ImageOrientationPatient"))
    measures = [
        one
        for groups in (
            *dataset.SharedFunctionalGroupsSequence,
            *dataset.PerFrameFunctionalGroupsSequence,
        )
        for one in groups.get("PixelMeasuresSequence") or ()
    ]
    if not orientations or not measures:
        return
    axes = np.array(orientations[0], dtype=np.float64)
    normal = np.cross(axes[:3], axes[3:])
    depths = np.array(list(_positions(dataset)), dtype=np.float64) @ normal
    step = float(np.linalg.norm(apart))
    own = step if abs(float(normal @ apart)) >= _PARALLEL * step else 0.0
    told = [
        float(measures[0].get(name) or 0) for name in ("SpacingBetweenSlices", "SliceThickness")
    ]
    for distance in (*map(abs, told), own):
        if distance > 0 and _are_multiples(depths - depths.min(), distance):
            for one in measures:
                one.SpacingBetweenSlices = distance
            return


def _are_multiples(depths: NDArray[np.float64], distance: float) -> bool:
    return bool(np.abs(depths - np.rint(depths / distance) * distance).max() <= _SAME * distance)


def _positions(dataset: Any) -> Iterator[Any]:
    return _of_frames(dataset, "PlanePositionSequence", "ImagePositionPatient")


def _of_frames(dataset: Any, sequence: str, keyword: str) -> Iterator[Any]:
    """A value of each frame, its own or the shared one; AttributeError where there is none."""
    shared = dataset.SharedFunctionalGroupsSequence[0].get(sequence)
    for groups in dataset.PerFrameFunctionalGroupsSequence:
        yield getattr((groups.get(sequence) or shared)[0], keyword)
