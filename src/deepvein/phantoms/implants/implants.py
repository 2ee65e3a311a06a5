"""Who carries metal, and how it is painted: arthroplasties and osteosyntheses of the legs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from deepvein.anatomy.tissues import Tissue
from deepvein.anatomy.veins import Side
from deepvein.core.errors import SettingsError
from deepvein.core.seeds import generator
from deepvein.phantoms.implants.arthroplasty import Material, Part, Site, hip, knee
from deepvein.phantoms.implants.osteosynthesis import FIXATIONS
from deepvein.phantoms.person.frame import Frame
from deepvein.phantoms.person.population import Person
from deepvein.phantoms.shapes import draw
from deepvein.phantoms.shapes.canvas import Canvas
from deepvein.phantoms.shapes.solids import Box, Solid
from deepvein.phantoms.shapes.tube import coverage


@dataclass(frozen=True)
class ImplantSettings:
    """Shares of people with implants in the legs (M): about 8 % of adults referred for venography.

    Arthroplasties grow from none at 40 years to these shares at 80 and beyond, in the order of Maradit
    Kremers, J Bone Joint Surg Am 2015; 97:1386 (knees about twice as common as hips).
    """

    knee_share_at_80: float = 0.075
    hip_share_at_80: float = 0.04
    fixation_share: float = 0.025
    bilateral_share: float = 0.3

    def __post_init__(self) -> None:
        for name, share in vars(self).items():
            if not 0 <= share <= 1:
                raise SettingsError(f"{name} must lie between 0 and 1, got {share}")


@dataclass(frozen=True, eq=False)
class Implant:
    """One implant: what it is ("knee", "hip" or a name of FIXATIONS), on which side, and its solids."""

    kind: str
    side: Side
    parts: tuple[Part, ...]


@dataclass(frozen=True, eq=False)
class Implants:
    """All implants of a person; none in most people."""

    items: tuple[Implant, ...] = ()

    def paint(self, canvas: Canvas) -> None:
        """Paint metal, cement and polyethylene over the bones; mark metal in canvas.metal."""
        for implant in self.items:
            for solid, material in implant.parts:
                _paint(canvas, solid, material)


def sample_implants(
    seed: int, person: Person, frame: Frame, settings: ImplantSettings = ImplantSettings()
) -> Implants:
    """The implants of a person; the same seed gives the same whatever else is drawn."""
    rng = generator(seed, "anatomy", "implants")
    worn = min(max((person.age_years - 40) / 40, 0.0), 1.0)
    items: list[Implant] = []
    for kind, build, share in (
        ("knee", knee, settings.knee_share_at_80),
        ("hip", hip, settings.hip_share_at_80),
    ):
        present = draw.chance(rng, share * worn)
        left, both = draw.chance(rng, 0.5), draw.chance(rng, settings.bilateral_share)
        for side in (Side.RIGHT, Side.LEFT):
            if present and (both or (side is Side.LEFT) == left):
                stream = generator(seed, "anatomy", "implants", kind, side.value)
                items.append(Implant(kind, side, build(Site(frame, side), stream)))
    broken = draw.chance(rng, settings.fixation_share)
    kind = draw.choose(rng, tuple(FIXATIONS), [weight for _, weight in FIXATIONS.values()])
    side = Side.LEFT if draw.chance(rng, 0.5) else Side.RIGHT
    if broken and not any(_clash(kind, item.kind) and item.side is side for item in items):
        stream = generator(seed, "anatomy", "implants", "fixation")
        items.append(Implant(kind, side, FIXATIONS[kind][0](Site(frame, side), stream)))
    return Implants(tuple(items))


def _clash(fixation: str, joint: str) -> bool:
    """Nails and stems cannot share a bone."""
    bone = {"femoral nail": ("hip", "knee"), "hip screws": ("hip",), "ankle plate": ()}
    return joint in bone.get(fixation, ("knee",))


def _paint(canvas: Canvas, solid: Solid, material: Material) -> None:
    boxes = [(z, box) for z in canvas.planes_mm if (box := solid.reach(z)) is not None]
    if not boxes:
        return
    size = canvas.pixels.size_mm
    window = canvas.pixels.window(*_union([box for _, box in boxes], 1.0 + size))
    if window is None:
        return
    part = np.zeros((len(window.y), len(window.x)), dtype=np.float32)
    for z, _ in boxes:
        part += coverage(solid.distance(z, window), size)
    part *= np.float32(1 / len(canvas.planes_mm))
    canvas.lay(window, part, _value(canvas, material))
    inside = part >= 0.5
    canvas.bones[window.place][inside] = 0
    canvas.metal[window.place][inside] = 1 if material is Material.METAL else 0


def _value(canvas: Canvas, material: Material) -> float:
    tissue = canvas.palette.tissue
    if material is Material.METAL:
        return tissue(Tissue.METAL)
    if material is Material.CEMENT:
        # Bone cement is loaded with barium or zirconium: as dense as cortex, no MR signal.
        return tissue(Tissue.CORTICAL_BONE)
    if material is Material.POLYETHYLENE:
        # About -75 HU (M) and no MR signal: between loaded plastic and air.
        return 0.74 * tissue(Tissue.PLASTIC) + 0.26 * tissue(Tissue.AIR)
    return 0.6 * tissue(Tissue.MUSCLE) + 0.4 * tissue(Tissue.FAT)


def _union(boxes: list[Box], margin_mm: float) -> Box:
    x0, x1, y0, y1 = zip(*boxes, strict=True)
    return min(x0) - margin_mm, max(x1) + margin_mm, min(y0) - margin_mm, max(y1) + margin_mm
