"""Masks as NRRD, among them 3D Slicer's .seg.nrrd, which names its segments in the header."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from deepvein.core.errors import MaskError
from deepvein.studies.masks.alignment import place, shift_remarks
from deepvein.studies.masks.labels import Labels, Region, combine, whole_labels
from deepvein.studies.masks.reader import MASK_READERS
from deepvein.studies.nrrd import Nrrd, is_nrrd, read_layers, read_nrrd_header
from deepvein.volumes.grid import Grid
from deepvein.volumes.volume import Volume


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
        labels, remarks = whole_labels(read_layers(header), path)
        if only is not None and regions:
            labels = np.where(np.isin(labels, list(only)), labels, np.uint8(0))
        names = {one.number: one.name for one in regions if only is None or one.number in only}
        drawn = Volume(labels, header.grid)
        shifted = shift_remarks(drawn, onto, path.name)
        return Labels(place(drawn, onto, path.name), names, (*remarks, *shifted))


def _read_layers(
    header: Nrrd, regions: tuple[Region, ...], onto: Grid, only: Collection[int] | None
) -> Labels:
    """Layers exist because segments overlap, or once did; each is told apart."""
    if not regions:
        raise MaskError(f"{header.path} has {header.layers} layers and does not name its segments")
    array = read_layers(header)
    shifted = shift_remarks(Volume(array[..., 0], header.grid), onto, header.path.name)
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
    return combine(masks, onto, header.path, shifted)


def _regions(header: Nrrd) -> tuple[Region, ...]:
    segments = _segments(header)
    if header.layers == 1:
        return tuple(Region.named(one.value, one.name) for one in segments)
    return tuple(Region.named(number, one.name) for number, one in enumerate(segments, start=1))


def _segments(header: Nrrd) -> tuple[_Segment, ...]:
    """Slicer's keys Segment0_LabelValue, Segment0_Layer, Segment0_Name and so on, in their order."""
    values = header.values
    count = len([key for key in values if key.endswith("_LabelValue")])
    found = []
    for n in range(count):
        value, layer = (
            values.get(f"Segment{n}_LabelValue", ""),
            values.get(f"Segment{n}_Layer", "0"),
        )
        if value.isdigit() and layer.isdigit() and int(layer) < header.layers:
            name = values.get(f"Segment{n}_Name", f"segment {n + 1}")
            found.append(_Segment(int(layer), int(value), name))
    return tuple(found)


MASK_READERS.add("nrrd", NrrdMaskReader())
