"""What kind of thrombus each true one is, from the label maps: place, side, length, volume.

Groups by which sensitivity is given apart, since thrombi differ in how hard they are to see.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.veins import Level, Side, VeinSegment, decode, in_words
from deepvein.core.errors import MaskError
from deepvein.volumes.grid import Grid

NAMED_SHARE = 0.02
"""Segments that hold less of a thrombus are not named: where veins join, a voxel or two may bear the
neighbour's name."""

SHORT_MM, LONG_MM = 50.0, 200.0
"""Over 5 cm a thrombus of the calf counts as extensive (Kearon 2016, Chest 149:315; M); about half of
the thrombi of the deep axis are longer than 20 cm."""


class Location(Enum):
    """The usual three groups, by the highest vein that is reached (Meissner 2012, J Vasc Surg 55:1449; M)."""

    ILIOFEMORAL = "iliofemoral"
    """In the common femoral vein or above, whatever lies below."""
    FEMOROPOPLITEAL = "femoropopliteal"
    CALF = "isolated calf"

    @classmethod
    def of(cls, segments: tuple[VeinSegment, ...]) -> Location:
        """Of the segments a thrombus lies in, one or more; superficial ones count as the calf's."""
        if any(segment <= VeinSegment.COMMON_FEMORAL for segment in segments):
            return cls.ILIOFEMORAL
        proximal = any(segment.level is Level.PROXIMAL for segment in segments)
        return cls.FEMOROPOPLITEAL if proximal else cls.CALF


class Extent(Enum):
    """How long a thrombus is along the body."""

    SHORT = f"up to {SHORT_MM:.0f} mm"
    MIDDLE = f"{SHORT_MM:.0f} to {LONG_MM:.0f} mm"
    LONG = f"over {LONG_MM:.0f} mm"

    @classmethod
    def of(cls, length_mm: float) -> Extent:
        if length_mm <= SHORT_MM:
            return cls.SHORT
        return cls.MIDDLE if length_mm <= LONG_MM else cls.LONG


@dataclass(frozen=True)
class TrueThrombus:
    """One thrombus of the reference.

    number: its value in the instance map. segments: those that hold at least NAMED_SHARE of it, cranial
    to caudal; empty if no vein is labelled there. length_mm: along the body axis, outermost voxels
    included. occlusive, acute: None where not known.
    """

    number: int
    side: Side
    segments: tuple[VeinSegment, ...]
    length_mm: float
    volume_ml: float
    occlusive: bool | None = None
    acute: bool | None = None

    @property
    def location(self) -> Location | None:
        return Location.of(self.segments) if self.segments else None

    @property
    def extent(self) -> Extent:
        return Extent.of(self.length_mm)

    @property
    def text(self) -> str:
        """Such as `left femoral and popliteal veins, 120 mm, 3.20 ml, acute, occlusive`."""
        place = in_words(self.side, self.segments)
        parts = [place, f"{self.length_mm:.0f} mm", f"{self.volume_ml:.2f} ml"]
        if self.acute is not None:
            parts.append("acute" if self.acute else "chronic")
        if self.occlusive is not None:
            parts.append("occlusive" if self.occlusive else "partial")
        return ", ".join(parts)


def true_thrombi(
    thrombi: NDArray[np.integer], segments: NDArray[np.uint8], grid: Grid
) -> tuple[TrueThrombus, ...]:
    """The thrombi of an instance map (0 none, 1..n one number a thrombus) in the order of their numbers.

    segments: encoded vein segments (`anatomy.veins.encode`); all (slice, row, column) on `grid`. () for
    none. Raises MaskError if the maps differ in shape.
    """
    if not thrombi.shape == segments.shape == grid.shape:
        raise MaskError(
            f"thrombi of shape {thrombi.shape} and segments of shape {segments.shape} do not lie on one "
            f"grid of shape {grid.shape}"
        )
    places = [
        np.insert(np.argwhere(plane > 0), 0, index, axis=1)
        for index, plane in enumerate(thrombi)
        if plane.any()
    ]
    if not places:
        return ()
    voxels = np.concatenate(places)
    numbers, labels = thrombi[tuple(voxels.T)], segments[tuple(voxels.T)]
    step = grid.spacing_mm[grid.body_axis]
    out = []
    for number in np.unique(numbers).tolist():
        own = numbers == number
        levels = voxels[own, grid.body_axis]
        named, side = _named(labels[own])
        out.append(
            TrueThrombus(
                number=int(number),
                side=side,
                segments=named,
                length_mm=float(levels.max() - levels.min() + 1) * step,
                volume_ml=float(own.sum()) * grid.voxel_volume_ml,
            )
        )
    return tuple(out)


def _named(labels: NDArray[np.uint8]) -> tuple[tuple[VeinSegment, ...], Side]:
    """Segments with their share, and the side that most voxels lie on (midline only if all do)."""
    counts = np.bincount(labels, minlength=1)
    counts[0] = 0
    found: set[VeinSegment] = set()
    sides: dict[Side, int] = {}
    for label in np.flatnonzero(counts >= max(1.0, NAMED_SHARE * counts.sum())).tolist():
        decoded = decode(label)
        if decoded is not None:
            found.add(decoded[0])
            sides[decoded[1]] = sides.get(decoded[1], 0) + int(counts[label])
    beside = {side: n for side, n in sides.items() if side is not Side.MIDLINE}
    if beside:
        return tuple(sorted(found)), max(beside, key=lambda side: beside[side])
    return tuple(sorted(found)), Side.MIDLINE if sides else Side.UNKNOWN
