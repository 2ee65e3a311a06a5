"""Masks as DICOM Segmentation, read by highdicom."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from deepvein.anatomy.naming import names_thrombus, side_named, vein_coded, vein_named
from deepvein.anatomy.veins import Side
from deepvein.core.errors import GeometryError, MaskError
from deepvein.studies.guard import DecodingError, Limits, guarded
from deepvein.studies.masks.alignment import grid_remarks, place, require_same_frame
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
        frame = str(header.get("FrameOfReferenceUID") or "")
        require_same_frame(frame, onto, path.name)
        regions = _regions(header, path)
        try:
            _require_all_frames(header, [one.number for one in regions], path)
        except (AttributeError, TypeError, ValueError) as error:
            raise MaskError(f"{path} is damaged: {_told(error)}") from error
        asked = [one for one in regions if only is None or one.number in only]
        remarks: dict[str, None] = {}
        if not frame:
            bare = f"{path.name} names no frame of reference; it is placed by position alone"
            remarks[bare] = None
        placed = []
        for region, mask in _masks(asked, path, onto, header):
            remarks |= dict.fromkeys(grid_remarks(mask, onto, path.name))
            placed.append((region, place(mask, onto, f"{region.name} of {path.name}")))
        return combine(placed, onto, path, remarks)


def _require_all_frames(header: Any, listed: Collection[int], path: Path) -> None:
    """MaskError if marks would be lost: frames are counted that are not described, or the other way round, or
    one marks a segment that is not listed or not named."""
    counted = int(header.get("NumberOfFrames", 1))
    frames = header.get("PerFrameFunctionalGroupsSequence", ())
    if counted != len(frames):
        raise MaskError(
            f"{path} counts {counted} frames and describes {len(frames)}; export the segmentation again"
        )
    if str(header.get("SegmentationType", "")).upper() == "LABELMAP":
        return
    shared = header.get("SharedFunctionalGroupsSequence", ())
    for number, groups in enumerate(frames, start=1):
        marked = [
            one.get("ReferencedSegmentNumber")
            for place in (groups, *shared)
            for one in place.get("SegmentIdentificationSequence") or ()
        ]
        if (not marked and len(listed) > 1) or any(one not in listed for one in marked):
            what = ", ".join(map(str, marked)) if marked else "a segment that it does not name"
            raise MaskError(
                f"frame {number} of {path} marks {what}, which is not listed; export the segmentation again"
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
    """Codes that are known decide; the label does where they say nothing, and tells the side that they leave
    out. Of other codes, older ones or a site's own, the meaning counts where the label says nothing either."""
    told = Region.named(number, str(item.get("SegmentLabel") or f"segment {number}"))
    kinds = item.get("SegmentedPropertyTypeCodeSequence") or []
    if told.thrombus or any(_said(kind, "CodeValue") in _THROMBI for kind in kinds):
        return replace(told, vein=None, thrombus=True)
    concepts = list(_concepts(item))
    coded = (
        vein_coded(_said(one, "CodeValue"), _said(side, "CodeValue")) for one, side in concepts
    )
    vein = next(filter(None, coded), None)
    if vein is None and told.vein is None:
        if any(names_thrombus(_said(kind, "CodeMeaning")) for kind in kinds):
            return replace(told, thrombus=True)
        meant = (
            vein_named(f"{_said(side, 'CodeMeaning')} {_said(one, 'CodeMeaning')}")
            for one, side in concepts
        )
        vein = next(filter(None, meant), None)
    if vein is None:
        return told
    segment, side = vein
    named = side is Side.UNKNOWN and side_named(told.name)
    return replace(told, vein=(segment, named or side))


def _concepts(item: Any) -> Iterator[tuple[Any, Any]]:
    """What a segment is said to be, each concept with its first modifier, or an empty one."""
    for concepts, modifiers in _VEINS_IN:
        for concept in item.get(concepts) or []:
            yield concept, next(iter(concept.get(modifiers) or []), {})


def _said(code: Any, keyword: str) -> str:
    return str(code.get(keyword) or "")


def _masks(
    regions: Collection[Region], path: Path, onto: Grid, header: Any
) -> Iterator[tuple[Region, Volume]]:
    """The mask (0 and 1) of each region on the segmentation's own grid."""
    limits, frame = _limits(header), str(header.get("FrameOfReferenceUID") or "")
    apart = (onto.directions[:, 0] * onto.spacing_mm[0]).tolist()
    for region in regions:
        asked: dict[str, Any] = {"path": str(path), "number": region.number, "apart": apart}
        try:
            array = guarded(segment_mask, limits, **asked)
            where = guarded(segment_place, limits, **asked)
            grid = Grid(array.shape, np.array(where["affine"]), frame or None)
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
