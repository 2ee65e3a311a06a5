"""Masks as NRRD, among them 3D Slicer's .seg.nrrd, which names its segments in the header."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepvein.core.errors import MaskError
from deepvein.studies.masks.alignment import grid_remarks, place
from deepvein.studies.masks.label_tables import named_labels
from deepvein.studies.masks.labels import Labels, Region, combine, whole_labels
from deepvein.studies.masks.reader import MASK_READERS
from deepvein.studies.nrrd import Nrrd, is_nrrd, read_layers, read_nrrd_header, surplus_of_nrrd
from deepvein.volumes.grid import Grid
from deepvein.volumes.volume import Volume

_KEY = re.compile(r"Segment([0-9]{1,6})_(ID|Name|LabelValue)$")
_MITK = "org.mitk.multilabel.segmentation.labelgroups"
_NUMBER = re.compile(r"[0-9]{1,6}")


@dataclass(frozen=True)
class _Segment:
    """A segment of a .seg.nrrd: the voxels of one layer that hold one value."""

    layer: int
    value: int
    name: str


class NrrdMaskReader:
    """.nrrd and .nhdr; segments of one layer keep their values, those of several are numbered from 1."""

    def accepts(self, path: Path) -> bool:
        return is_nrrd(path)

    def regions(self, path: Path) -> tuple[Region, ...]:
        return _regions(read_nrrd_header(path))

    def read(self, path: Path, onto: Grid, only: Collection[int] | None = None) -> Labels:
        header = read_nrrd_header(path)
        regions = _regions(header)
        if header.layers > 1:
            return _read_layers(header, regions, onto, only)
        known = [one.value for one in _segments(header)]
        labels, remarks = whole_labels(read_layers(header), path, known)
        _require_named(labels, _segments(header), path)
        if only is not None and regions:
            labels = np.where(np.isin(labels, list(only)), labels, np.uint8(0))
        names = {one.number: one.name for one in regions if only is None or one.number in only}
        drawn = Volume(labels, header.grid)
        shifted = grid_remarks(drawn, onto, path.name)
        behind = [told] if (told := surplus_of_nrrd(path)) else []
        return Labels(place(drawn, onto, path.name), names, (*remarks, *shifted, *behind))


def _read_layers(
    header: Nrrd, regions: tuple[Region, ...], onto: Grid, only: Collection[int] | None
) -> Labels:
    """Layers exist because segments overlap, or once did; each is told apart."""
    if not regions:
        raise MaskError(f"{header.path} has {header.layers} layers and does not name its segments")
    array = read_layers(header)
    for layer in range(header.layers):
        own = tuple(one for one in _segments(header) if one.layer == layer)
        _require_named(array[..., layer], own, header.path)
    shifted = grid_remarks(Volume(array[..., 0], header.grid), onto, header.path.name)
    masks = (
        (
            region,
            place(
                Volume((array[..., one.layer] == one.value).astype(np.uint8), header.grid),
                onto,
                region.name,
            ),
        )
        for region, one in zip(regions, _segments(header), strict=True)
        if only is None or region.number in only
    )
    behind = [told] if (told := surplus_of_nrrd(header.path)) else []
    return combine(masks, onto, header.path, (*shifted, *behind))


def _regions(header: Nrrd) -> tuple[Region, ...]:
    segments = _segments(header)
    if header.layers == 1:
        return tuple(Region.named(one.value, one.name) for one in segments)
    return tuple(Region.named(number, one.name) for number, one in enumerate(segments, start=1))


def _segments(header: Nrrd) -> tuple[_Segment, ...]:
    """Slicer's keys Segment0_LabelValue, Segment0_Layer, Segment0_Name and so on, ordered by their numbers.

    Before version 4.11 it gave each segment a layer of its own, and neither key. MITK names its labels too; of
    other label maps the names are those of the table beside them. MaskError if two segments are the same
    voxels.
    """
    values = header.values
    found: dict[tuple[int, int], _Segment] = {}
    numbers = {int(told[1]) for key in values if (told := _KEY.match(key))}
    for order, n in enumerate(sorted(numbers)):
        value = values.get(f"Segment{n}_LabelValue", "1")
        layer = values.get(f"Segment{n}_Layer", str(order) if _is_old(values) else "0")
        both = _NUMBER.fullmatch(value) and _NUMBER.fullmatch(layer)
        if both and int(layer) < header.layers:
            name = values.get(f"Segment{n}_Name", f"segment {n + 1}")
            one = _Segment(int(layer), int(value), name)
            if found.setdefault((one.layer, one.value), one) is not one:
                other = found[one.layer, one.value].name
                raise MaskError(
                    f"{header.path} gives the segments {other!r} and {name!r} one value, {value}: which of "
                    "them is marked cannot be told; save it again"
                )
    found = found or _of_mitk(header)
    if not found and header.layers == 1:
        return tuple(_Segment(0, n, name) for n, name in named_labels(header.path).items())
    return tuple(found.values())


def _of_mitk(header: Nrrd) -> dict[tuple[int, int], _Segment]:
    """The labels of MITK Workbench, which keeps those of each group in a layer; empty for other files."""
    try:
        groups = json.loads(header.values.get(_MITK, "[]"))
        labels = [
            _Segment(layer, int(label["value"]), str(label["name"]))
            for layer, group in enumerate(groups)
            for label in group.get("labels") or ()
        ]
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}
    return {(one.layer, one.value): one for one in labels if one.layer < header.layers}


def _is_old(values: Mapping[str, str]) -> bool:
    return not any(key.endswith(("_LabelValue", "_Layer")) for key in values)


def _require_named(labels: NDArray[Any], segments: tuple[_Segment, ...], path: Path) -> None:
    """MaskError if voxels hold a value that none of their layer's segments has: those marks would be lost."""
    known = [0, *(one.value for one in segments)]
    for plane in labels if segments else ():
        other = plane[~np.isin(plane, known)]
        if other.size:
            names = ", ".join(repr(one.name) for one in segments[:3])
            raise MaskError(
                f"{path} marks with {other[0]}, which is the value of none of its segments ({names}); save it "
                "again"
            )


MASK_READERS.add("nrrd", NrrdMaskReader())
