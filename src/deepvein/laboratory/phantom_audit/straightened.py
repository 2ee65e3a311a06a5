"""Strips: small sections that follow a vein, painted alone, a few milliseconds each.

A whole section costs as much as a hundred of these, and readers need thousands. What acts on whole
sections is left out: beam hardening, streaks, movement, coils and ghosts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.tissues import Tissue
from deepvein.anatomy.veins import Side
from deepvein.core.seeds import generator
from deepvein.laboratory.phantom_audit.sections import ct_normalised, mr_normalised
from deepvein.laboratory.phantom_audit.studies import Order
from deepvein.laboratory.phantom_audit.thrombus_extents import drawn, stretches
from deepvein.phantoms.ct.noise import KERNELS, correlated, softened
from deepvein.phantoms.ct.scanner import CtPalette, CtScan
from deepvein.phantoms.mr import MrPalette, MrScan
from deepvein.phantoms.mr.palette import VEIN_SIGNAL
from deepvein.phantoms.mr.rician import magnitude
from deepvein.phantoms.painter import Painter
from deepvein.phantoms.phantom import Scenario
from deepvein.phantoms.shapes.canvas import Canvas
from deepvein.phantoms.shapes.tube import Pixels, Pixels32
from deepvein.phantoms.vessels.vascular_tree import Vessel

SIZE = 28
PIXEL_MM = 1.1
STEP_MM = 5.0
"""Distance of the sections: the commonest increment of CT venography."""
PER_THROMBUS = 3
PER_ARTEFACT = 2
_JITTER_MM = 2.0
_LEAST_PIXELS = 4
_FULL = 0.5


@dataclass(frozen=True, eq=False)
class Strips:
    """Of one person: (n, section, 2, row, column), the picture and the true vein (0 or 1), and (n,)
    whether the middle section shows a thrombus; else it shows a mixing artefact."""

    study: str
    pictures: NDArray[np.float32]
    thrombus: NDArray[np.bool_]


@dataclass(frozen=True)
class Spot:
    """A place on a vein where a thrombus (or an artefact) is."""

    vessel: Vessel
    z_mm: float
    thrombus: bool


def strips(order: Order, depth: int) -> Strips:
    """The strips of one person, `depth` sections each (odd), 5 mm apart along the vein; none where
    neither thrombus nor artefact lies in the deep axis."""
    scenario = order.scenario()
    brush = Brush.of(scenario)
    rng = generator(order.seed, "audit", "strips")
    found = [brush.strip(rng, spot, depth) for spot in spots(rng, scenario)]
    kept = [one for one in found if one is not None]
    shape = (0, depth, 2, SIZE, SIZE)
    return Strips(
        order.name,
        np.stack([pictures for pictures, _ in kept]) if kept else np.zeros(shape, np.float32),
        np.array([thrombus for _, thrombus in kept], dtype=bool),
    )


def spots(rng: np.random.Generator, scenario: Scenario) -> list[Spot]:
    """Places in the deep axis, from the popliteal veins to the vena cava, where both kinds are found:
    three a thrombus and two an artefact, where it has at least half of its depth."""
    axis = {v.name: v for side in (Side.LEFT, Side.RIGHT) for v in scenario.vessels.axis(side)}
    inside = [one for one in stretches(scenario) if one.vessel.name in axis]
    out = []
    for thrombus in scenario.thrombi:
        own = [one for one in inside if one.thrombus is thrombus]
        places = [drawn(rng, own) for _ in range(PER_THROMBUS)]
        out += [Spot(*place, True) for place in places if place is not None]
    for artefact in scenario.contrast.artefacts:
        names = [name for name in (artefact.vessel, *artefact.vessels) if name in axis]
        for part in rng.uniform(-0.5, 0.5, PER_ARTEFACT).tolist():
            z = artefact.centre_mm + part * artefact.length_mm
            here = [axis[n] for n in names if axis[n].tube.low_mm <= z <= axis[n].tube.high_mm]
            if here and artefact.strength(z) > _FULL * artefact.depth:
                out.append(Spot(here[0], z, False))
    return out


@dataclass(frozen=True, eq=False)
class Brush:
    """Paints small sections of one scenario as its scanner would see them, noise included."""

    scan: CtScan | MrScan
    painter: Painter
    palette: CtPalette | MrPalette

    @classmethod
    def of(cls, scenario: Scenario) -> Brush:
        scan, painter = scenario.scan, scenario.painter
        if isinstance(scan, CtScan):
            return cls(scan, painter, CtPalette(scan.kvp))
        contrast = scan.phase.applied(painter.contrast, painter.vessels)
        palette = MrPalette(scan.settings, scan.fat_suppression)
        return cls(scan, replace(painter, contrast=contrast), palette)

    def strip(
        self, rng: np.random.Generator, spot: Spot, depth: int
    ) -> tuple[Pixels32, bool] | None:
        """(section, 2, row, column) around the vein, and whether its middle shows thrombus; None where that
        is not what the spot says."""
        aside = rng.uniform(-_JITTER_MM, _JITTER_MM, 2)
        heights = spot.z_mm + STEP_MM * (np.arange(depth) - depth // 2)
        planes, clotted = [], False
        for k, z in enumerate(heights.tolist()):
            x, y = (spot.vessel.tube.centre([z])[0] + aside).tolist()
            canvas = self._painted(z, x, y)
            vein = canvas.segments == spot.vessel.label
            planes.append(np.stack([self._seen(rng, canvas), vein.astype(np.float32)]))
            if k == depth // 2:
                clotted = int((vein & (canvas.thrombi > 0)).sum()) >= _LEAST_PIXELS
        return (np.stack(planes), clotted) if clotted is spot.thrombus else None

    def _painted(self, z: float, x: float, y: float) -> Canvas:
        offset = (np.arange(SIZE) - (SIZE - 1) / 2) * PIXEL_MM
        pixels = Pixels(np.round(x + offset, 6), np.round(y + offset, 6))
        canvas = Canvas(pixels, self.palette, z, (z,))
        self.painter.paint(canvas)
        return canvas

    def _seen(self, rng: np.random.Generator, canvas: Canvas) -> Pixels32:
        scan, value = self.scan, canvas.value
        if isinstance(scan, CtScan):
            noise = correlated(rng, value.shape, KERNELS[scan.kernel]) * np.float32(scan.noise_hu)
            return ct_normalised(softened(value, scan.kernel) + noise)
        sd = VEIN_SIGNAL / scan.vein_snr
        return mr_normalised(magnitude(value, sd, rng), self.palette.tissue(Tissue.MUSCLE))


def joined(
    found: Sequence[Strips],
) -> tuple[NDArray[np.float32], NDArray[np.bool_], list[str]]:
    """All pictures, their truth, and the person of each."""
    pictures = np.concatenate([one.pictures for one in found])
    thrombus = np.concatenate([one.thrombus for one in found])
    return pictures, thrombus, [one.study for one in found for _ in one.thrombus]
