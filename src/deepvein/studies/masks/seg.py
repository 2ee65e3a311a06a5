"""Masks as DICOM Segmentation, read by highdicom."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from deepvein.anatomy.naming import side_named, vein_coded
from deepvein.anatomy.veins import Side
from deepvein.core.errors import GeometryError, MaskError
from deepvein.studies.dicom.decompression import decompressed
from deepvein.studies.masks.alignment import place, require_same_frame
from deepvein.studies.masks.dicom_class import sop_class_of
from deepvein.studies.masks.labels import HALF, Labels, Region, combine
from deepvein.studies.masks.reader import MASK_READERS
from deepvein.volumes.grid import Grid
from deepvein.volumes.volume import Volume

SEG_CLASSES = ("1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7")
"""Segmentation Storage and Label Map Segmentation Storage."""

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
        return _regions(_open(path))

    def read(self, path: Path, onto: Grid, only: Collection[int] | None = None) -> Labels:
        segmentation = _open(path)
        _require_all_frames(segmentation, path)
        require_same_frame(str(segmentation.get("FrameOfReferenceUID", "")), onto, path.name)
        regions = [one for one in _regions(segmentation) if only is None or one.number in only]
        placed = (
            (region, place(mask, onto, f"{region.name} of {path.name}"))
            for region, mask in _masks(segmentation, regions, path)
        )
        return combine(placed, onto, path)


def _require_all_frames(segmentation: Any, path: Path) -> None:
    """MaskError if frames are counted that are not described, or the other way round: marks would be lost."""
    counted = int(segmentation.get("NumberOfFrames", 1))
    described = len(segmentation.get("PerFrameFunctionalGroupsSequence", ()))
    if counted != described:
        raise MaskError(
            f"{path} counts {counted} frames and describes {described}; export the segmentation again"
        )


def _open(path: Path) -> Any:
    import highdicom as hd
    from pydicom.filereader import dcmread

    try:
        return hd.seg.Segmentation.from_dataset(decompressed(dcmread(path), path), copy=False)
    except Exception as error:
        raise MaskError(f"{path} cannot be read as a DICOM segmentation: {_told(error)}") from error


def _regions(segmentation: Any) -> tuple[Region, ...]:
    """The segments in the order of their numbers; a LABELMAP's background is none."""
    found = []
    for item in segmentation.SegmentSequence:
        number = int(item.SegmentNumber)
        if number:
            found.append(_region(number, item))
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
    segmentation: Any, regions: Collection[Region], path: Path
) -> Iterator[tuple[Region, Volume]]:
    """The mask (0 and 1) of each region on the segmentation's own grid."""
    for region in regions:
        try:
            volume = segmentation.get_volume(
                segment_numbers=[region.number],
                combine_segments=False,
                rescale_fractional=True,
                allow_missing_positions=True,
            )
            share = np.asarray(volume.array)[..., 0]
            mask = Volume(
                (share >= HALF).astype(np.uint8),
                Grid(
                    tuple(volume.spatial_shape),
                    np.asarray(volume.affine),
                    volume.frame_of_reference_uid,
                ),
            )
        except GeometryError as error:
            raise MaskError(f"{region.name} of {path}: {error}") from error
        except Exception as error:
            raise MaskError(f"{region.name} of {path} cannot be read: {_told(error)}") from error
        if share.any() and not mask.array.any():
            raise MaskError(
                f"{region.name} of {path} has fractions that nowhere reach {HALF} (highest "
                f"{float(share.max()):g}); threshold it first"
            )
        yield region, mask


def _told(error: Any) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]


MASK_READERS.add("seg", SegMaskReader())
