"""A vessel and the graph of a person's vessels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from deepvein.anatomy.veins import Side, VeinSegment, encode
from deepvein.phantoms.shapes.tube import Tube

AXIS = ("popliteal", "femoral", "common femoral", "external iliac", "common iliac")
"""The pieces of the deep axis of a leg from below."""


@dataclass(frozen=True, eq=False)
class Vessel:
    """One vessel as a tube.

    segment: the vein segment, None for arteries and for veins that are not labelled (see `unnamed_vein`).
    drains_into: name of the vein that takes its upper end (for arteries: that feeds it); "" for the top.
    sheath_mm: fat around it.
    unnamed_vein: a vein without a segment's name: perforators, varices, collaterals.
    label_from_mm: lowest height at which it is labelled. Pieces of one course reach a little into the
    piece below, so that thick sections across the border see one uninterrupted vein.
    """

    name: str
    side: Side
    segment: VeinSegment | None
    tube: Tube
    drains_into: str = ""
    sheath_mm: float = 1.5
    label_from_mm: float = -1e9
    unnamed_vein: bool = False

    @property
    def is_vein(self) -> bool:
        return self.segment is not None or self.unnamed_vein

    @property
    def label(self) -> int:
        """Encoded label in segment maps; 0 for arteries and unnamed veins."""
        return 0 if self.segment is None else encode(self.segment, self.side)


@dataclass(frozen=True, eq=False)
class Vessels:
    """All vessels of a person, deepest level of the tree first (tributaries before what they join)."""

    all: tuple[Vessel, ...]

    @cached_property
    def by_name(self) -> dict[str, Vessel]:
        return {vessel.name: vessel for vessel in self.all}

    @property
    def veins(self) -> tuple[Vessel, ...]:
        return tuple(v for v in self.all if v.is_vein)

    @property
    def arteries(self) -> tuple[Vessel, ...]:
        return tuple(v for v in self.all if not v.is_vein)

    def axis(self, side: Side) -> tuple[Vessel, ...]:
        """The deep axis of a side from below: popliteal to common iliac vein."""
        return tuple(self.by_name[f"{side.value} {name}"] for name in AXIS)

    def of(self, side: Side, *segments: VeinSegment) -> tuple[Vessel, ...]:
        return tuple(v for v in self.all if v.segment in segments and v.side is side)
