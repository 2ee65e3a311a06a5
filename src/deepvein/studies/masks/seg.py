"""Masks as DICOM Segmentation, read by highdicom."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from deepvein.anatomy.naming import side_named, vein_coded
from deepvein.anatomy.veins import Side
from deepvein.core.errors import GeometryError, MaskError
from deepvein.studies.guard import DecodingError, Limits, guarded
from deepvein.studies.masks.alignment import place, require_same_frame
from deepvein.studies.masks.dicom_class import sop_class_of
from deepvein.studies.masks.labels import HALF, Labels, Region, combine
from deepvein.studies.masks.reader import MASK_READERS
from deepvein.studies.masks.seg_decoding import segment_mask, segment_place
from deepvein.volumes.grid import Grid
from deepvein.volumes.volume import Volume

SEG_CLASSES = ("1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7")
"""Segmentation Storage and Label Map Segmentation Storage."""

_SECONDS, _SECONDS_A_FRAME = 20.0, 0.25
_MEMORY_BYTES, _COPIES = 2 * 2**30, 16
"""Limits for one segment; highdicom holds it in up to eight bytes a voxel, and twice."""

_THROMBI = {"396339007", "75753009", "128053003"}
"""SNOMED CT: thrombus, blood clot, deep venous thrombosis."""

_VEINS_IN = (
    ("SegmentedPropertyTypeCodeSequence", "SegmentedPropertyTypeModifierCodeSequence"),
    ("PrimaryAnatomicStructureSequence", "PrimaryAnatomicStructureModifierSequence"),
    ("AnatomicRegionSequence", "AnatomicRegionModifierSequence"),
)
"""Where a segment may be coded, each with the sequence inside that holds its side; the first decides."""


class SegMaskReader:
    """BINARY, FRACTIONAL (marked from one half) and LABELMAP; numbers are the segment numbers."""

    def accepts(self, path: Path) -> bool:
        return sop_class_of(path) in SEG_CLASSES

    def regions(self, path: Path) -> tuple[Region, ...]:
        return _regions(_open(path), path)

    def read(self, path: Path, onto: Grid, only: Collection[int] | None = None) -> Labels:
        header = _open(path)
        _require_all_frames(header, path)
        require_same_frame(str(header.get("FrameOfReferenceUID", "")), onto, path.name)
        regions = [one for one in _regions(header, path) if only is None or one.number in only]
        placed = (
            (region, place(mask, onto, f"{region.name} of {path.name}"))
            for region, mask in _masks(regions, path, _limits(header))
        )
        return combine(placed, onto, path)


def _require_all_frames(header: Any, path: Path) -> None:
    """MaskError if frames are counted that are not described, or the other way round: marks would be lost."""
    counted = int(header.get("NumberOfFrames", 1))
    described = len(header.get("PerFrameFunctionalGroupsSequence", ()))
    if counted != described:
        raise MaskError(
            f"{path} counts {counted} frames and describes {described}; export the segmentation again"
        )


def _open(path: Path) -> Any:
    """The header; its pixels are read in a process beside."""
    from pydicom.filereader import dcmread

    try:
        return dcmread(path, stop_before_pixels=True)
    except Exception as error:
        raise MaskError(f"{path} cannot be read as a DICOM segmentation: {_told(error)}") from error


def _limits(header: Any) -> Limits:
    """What the reading of one segment may take: it is put into one volume of all frames."""
    frames = len(header.get("PerFrameFunctionalGroupsSequence", ()))
    size = int(header.get("Rows") or 0) * int(header.get("Columns") or 0) * max(1, frames)
    return Limits(_SECONDS + _SECONDS_A_FRAME * frames, _MEMORY_BYTES + _COPIES * size)


def _regions(header: Any, path: Path) -> tuple[Region, ...]:
    """The segments in the order of their numbers; a LABELMAP's background is none."""
    try:
        found = [
            _region(int(item.SegmentNumber), item)
            for item in header.SegmentSequence
            if int(item.SegmentNumber)
        ]
    except Exception as error:
        raise MaskError(f"{path} cannot be read as a DICOM segmentation: {_told(error)}") from error
    return tuple(sorted(found, key=lambda region: region.number))


def _region(number: int, item: Any) -> Region:
    """Coded terms decide; the label does where they say nothing, and tells the side that they leave out."""
    told = Region.named(number, str(item.get("SegmentLabel") or f"segment {number}"))
    kinds = item.get("SegmentedPropertyTypeCodeSequence") or []
    if told.thrombus or any(str(kind.get("CodeValue", "")) in _THROMBI for kind in kinds):
        return Region(number, told.name, thrombus=True)
    for concepts, modifiers in _VEINS_IN:
        for concept in item.get(concepts) or []:
            sides = [str(one.get("CodeValue", "")) for one in concept.get(modifiers) or []]
            coded = vein_coded(str(concept.get("CodeValue", "")), sides[0] if sides else "")
            if coded is not None:
                segment, side = coded
                named = side is Side.UNKNOWN and side_named(told.name)
                return Region(number, told.name, (segment, named or side))
    return told


def _masks(
    regions: Collection[Region], path: Path, limits: Limits
) -> Iterator[tuple[Region, Volume]]:
    """The mask (0 and 1) of each region on the segmentation's own grid."""
    for region in regions:
        asked: dict[str, Any] = {"path": str(path), "number": region.number}
        try:
            array = guarded(segment_mask, limits, **asked)
            where = guarded(segment_place, limits, **asked)
            grid = Grid(array.shape, np.array(where["affine"]), where["frame_of_reference"])
        except GeometryError as error:
            raise MaskError(f"{region.name} of {path}: {error}") from error
        except DecodingError as error:
            raise MaskError(f"{region.name} of {path} cannot be read: {_told(error)}") from error
        if where["highest"] and not array.any():
            raise MaskError(
                f"{region.name} of {path} has fractions that nowhere reach {HALF} (highest "
                f"{where['highest']:g}); threshold it first"
            )
        yield region, Volume(array, grid)


def _told(error: Any) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]


MASK_READERS.add("seg", SegMaskReader())
