"""Which parts of the slices the segmenter looks at: boxes around the deep-vein territories."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepvein.volumes.grid import Grid
from deepvein.volumes.resample import nearest_values
from deepvein.volumes.volume import Volume

_LATTICE = 4
"""Territories are looked up at every fourth pixel: they are blobs of several centimetres."""


@dataclass(frozen=True)
class RegionSettings:
    """block: slices that share one box. margin_mm: added round the territory.

    multiple: box sides are multiples of this many pixels. longest: no side is longer, in pixels;
    longer boxes are cut into parts that overlap by `overlap` pixels.
    """

    block: int = 8
    margin_mm: float = 8.0
    multiple: int = 16
    longest: int = 320
    overlap: int = 32


@dataclass(frozen=True)
class Region:
    """Half-open ranges of slices, rows and columns; rows and columns may reach outside the image."""

    slices: tuple[int, int]
    rows: tuple[int, int]
    columns: tuple[int, int]

    @property
    def size(self) -> tuple[int, int]:
        """(rows, columns)."""
        return self.rows[1] - self.rows[0], self.columns[1] - self.columns[0]


def regions(
    territories: Volume, grid: Grid, settings: RegionSettings | None = None
) -> tuple[Region, ...]:
    """Boxes on `grid` that together cover all voxels whose territory is not 0; empty if there are none."""
    settings = settings or RegionSettings()
    found: list[Region] = []
    for start in range(0, grid.shape[0], settings.block):
        stop = min(start + settings.block, grid.shape[0])
        for rows, columns in _boxes(_lattice(territories, grid, start, stop), grid, settings):
            found.extend(
                Region((start, stop), r, c)
                for r in _cut(rows, settings)
                for c in _cut(columns, settings)
            )
    return tuple(found)


def _lattice(territories: Volume, grid: Grid, start: int, stop: int) -> NDArray[np.bool_]:
    rows = np.arange(0, grid.shape[1], _LATTICE)
    columns = np.arange(0, grid.shape[2], _LATTICE)
    slices = np.unique(np.linspace(start, stop - 1, min(stop - start, 4)).round())
    points = np.stack(np.meshgrid(slices, rows, columns, indexing="ij"), axis=-1)
    hit = nearest_values(territories, grid.to_world(points.reshape(-1, 3)), beyond=0) > 0
    return np.asarray(hit.reshape(points.shape[:3]).any(axis=0), dtype=np.bool_)


Range = tuple[int, int]


def _boxes(
    seen: NDArray[np.bool_], grid: Grid, settings: RegionSettings
) -> list[tuple[Range, Range]]:
    from scipy.ndimage import find_objects, label

    labels, _ = label(seen, structure=np.ones((3, 3)))
    boxes = []
    for rows, columns in find_objects(labels):
        boxes.append(
            (
                _widen(rows, grid.spacing_mm[1], settings),
                _widen(columns, grid.spacing_mm[2], settings),
            )
        )
    return _merge(boxes)


def _widen(lattice: slice, spacing_mm: float, settings: RegionSettings) -> Range:
    """Pixels of a run of lattice points with its margin, grown evenly to a multiple."""
    margin = int(np.ceil(settings.margin_mm / spacing_mm))
    start, stop = lattice.start * _LATTICE - margin, (lattice.stop - 1) * _LATTICE + 1 + margin
    grow = -(stop - start) % settings.multiple
    return start - grow // 2, stop + grow - grow // 2


def _merge(boxes: list[tuple[Range, Range]]) -> list[tuple[Range, Range]]:
    """Joins boxes wherever the joint box is no larger than the two apart."""

    def area(box: tuple[Range, Range]) -> int:
        return (box[0][1] - box[0][0]) * (box[1][1] - box[1][0])

    def joined(a: tuple[Range, Range], b: tuple[Range, Range]) -> tuple[Range, Range]:
        rows = (min(a[0][0], b[0][0]), max(a[0][1], b[0][1]))
        columns = (min(a[1][0], b[1][0]), max(a[1][1], b[1][1]))
        return rows, columns

    boxes = list(boxes)
    for i in range(len(boxes)):
        for j in range(i + 1, len(boxes)):
            both = joined(boxes[i], boxes[j])
            if area(both) <= area(boxes[i]) + area(boxes[j]):
                rest = [box for k, box in enumerate(boxes) if k not in (i, j)]
                return _merge([*rest, both])
    return boxes


def _cut(side: Range, settings: RegionSettings) -> list[Range]:
    """A range in overlapping parts of equal length, each a multiple and none longer than `longest`."""
    start, stop = side
    length = stop - start
    if length <= settings.longest:
        return [(start, stop + -length % settings.multiple)]
    parts = int(np.ceil((length - settings.overlap) / (settings.longest - settings.overlap)))
    size = (length + (parts - 1) * settings.overlap) / parts
    size = int(np.ceil(size / settings.multiple)) * settings.multiple
    starts = np.linspace(start, stop - size, parts).round().astype(int)
    return [(int(first), int(first) + size) for first in starts]


def whole_slices(grid: Grid, block: int = 4) -> tuple[Region, ...]:
    """Regions of `block` whole slices each, their sides grown to multiples of the settings' default."""
    multiple = RegionSettings().multiple
    rows, columns = ((0, n + -n % multiple) for n in grid.shape[1:])
    return tuple(
        Region((start, min(start + block, grid.shape[0])), rows, columns)
        for start in range(0, grid.shape[0], block)
    )
