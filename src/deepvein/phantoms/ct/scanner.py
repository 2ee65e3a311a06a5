"""CT venography: how a scenario becomes Hounsfield units."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.tissues import CLOT_HU, TISSUES, VEIN_HU, Tissue, attenuation
from deepvein.core.seeds import generator
from deepvein.phantoms.ct.hardening import Section, degrade
from deepvein.phantoms.ct.motion import doubled
from deepvein.phantoms.ct.noise import (
    overlap_weights,
    raw_shape,
    reconstructed,
    smeared,
    softened,
    white,
)
from deepvein.phantoms.ct.protocol import CENTRES, COVERAGES, CtSettings
from deepvein.phantoms.ct.scan import CtScan, sample_ct
from deepvein.phantoms.ct.streaks import streaks_hu
from deepvein.phantoms.ct.table import TABLES, paint_table
from deepvein.phantoms.painter import Painter
from deepvein.phantoms.person.arms import Arm, sample_arms
from deepvein.phantoms.shapes.canvas import Canvas
from deepvein.phantoms.shapes.tube import Pixels32

__all__ = [
    "CENTRES",
    "COVERAGES",
    "CtPalette",
    "CtScan",
    "CtScanner",
    "CtSettings",
    "sample_ct",
]

_TRAVEL_MM = 6.0
"""Table travel during the data of one slice (M): over it a movement doubles the picture."""
OUTSIDE_HU = -1024.0
"""Outside the circle of reconstruction, and the least that a scanner stores."""


@dataclass(frozen=True)
class CtPalette:
    """Hounsfield units at a tube voltage."""

    kvp: int

    def tissue(self, tissue: Tissue) -> float:
        return attenuation(tissue, self.kvp)

    def blood(self, enhancement: Pixels32) -> Pixels32:
        plain = np.float32(TISSUES[Tissue.BLOOD].hu)
        return plain + enhancement * (np.float32(VEIN_HU[self.kvp]) - plain)

    def clot(self, acute: bool, quantile: float) -> float:
        mean, sd = CLOT_HU["acute" if acute else "chronic"]
        return min(max(mean + quantile * sd, 28.0), 74.0)


@dataclass(frozen=True, eq=False)
class CtScanner:
    """Paints slices of a scan. Slices do not depend on the order in which they are asked for."""

    scan: CtScan
    painter: Painter

    def slice_at(self, index: int) -> tuple[Canvas, Pixels32]:
        """The painted canvas of slice `index` (from the feet) and its noisy Hounsfield units."""
        scan = self.scan
        canvas = self._painted(scan.heights_mm[index])
        section = Section(canvas)
        degraded = degrade(section, scan.kvp, scan.modulation, scan.hardening)
        value = softened(canvas.value, scan.kernel)
        value = value + degraded.shade_hu
        rng = generator(scan.seed, "acquisition", "streaks", index)
        streaks = streaks_hu(section, rng, scan.kvp, scan.noise_hu, scan.metal)
        if streaks is not None:
            value += streaks
            metal = canvas.metal > 0
            value[metal] = np.maximum(value[metal], canvas.value[metal])
        noise = self._noise(index, degraded.streaky)
        noise *= degraded.noise
        noise *= np.float32(scan.noise_hu)
        value += noise
        if scan.padded:
            value[scan.outside] = OUTSIDE_HU
            for plane in canvas.labels:
                plane[scan.outside] = 0
        return canvas, value

    def _painted(self, z_mm: float) -> Canvas:
        scan = self.scan
        shift = scan.motion.shift_mm(z_mm)
        pixels = scan.shifted_pixels(*shift) if any(shift) else scan.pixels
        canvas = Canvas(pixels, CtPalette(scan.kvp), z_mm, scan.sub_planes(z_mm))
        canvas.value[...] = self._background
        table_mm = scan.table_mm - shift[1]
        scan.coverings.paint_under(canvas, table_mm)
        for arm in self._arms:
            arm.paint(canvas)
        body = self.painter.paint(canvas)
        if body is None:
            return canvas
        scan.coverings.paint_over(canvas, body, table_mm)
        smear = scan.motion.smear_mm(z_mm, _TRAVEL_MM)
        if any(smear):
            columns, rows = (round(mm / scan.pixel_mm) for mm in smear)
            place = body.window.place
            canvas.value[place] = doubled(canvas.value[place], rows, columns)
        return canvas

    def _noise(self, index: int, streaky: Pixels32 | None = None) -> Pixels32:
        scan = self.scan
        shape = (scan.matrix, scan.matrix)
        own, following = overlap_weights(scan.thickness_mm, scan.increment_mm)
        raw = self._white(index) * np.int32(own)
        if following:
            raw += self._white(index + 1) * np.int32(following)
        noise = reconstructed(raw, shape, scan.kernel)
        if streaky is not None:
            noise *= np.sqrt(np.float32(1) - streaky * streaky)
            noise += streaky * smeared(raw, shape, scan.kernel)
        return noise

    def _white(self, index: int) -> NDArray[np.int32]:
        rng = generator(self.scan.seed, "acquisition", "noise", index)
        return white(rng, raw_shape((self.scan.matrix, self.scan.matrix)))

    @cached_property
    def _arms(self) -> tuple[Arm, ...]:
        if not self.scan.arms:
            return ()
        return sample_arms(generator(self.scan.seed, "acquisition", "arms"), self.painter.body)

    @cached_property
    def _background(self) -> Pixels32:
        """Air and the table, which stays where it is."""
        scan = self.scan
        canvas = Canvas(scan.pixels, CtPalette(scan.kvp), scan.low_mm, (scan.low_mm,))
        paint_table(canvas, TABLES[scan.table], scan.table_mm)
        return canvas.value
