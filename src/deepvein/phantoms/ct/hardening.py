"""What a section's own thickness and bone do to its CT image: noise, cupping and dark bands.

The section is projected coarsely. Rays through much tissue carry few photons: the variance at a point
is the mean over its rays of exp(p), p the ray's attenuation, less what modulation of the tube current
gives back. Water is corrected for by every scanner, bone only in part: a ray through B of bone and W of
water reads too little by a term in B W and B B (Brooks and Di Chiro, Phys Med Biol 1976; 21:390), which
the reconstruction turns into dark bands between dense bones.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from deepvein.phantoms.ct.projection import Rays, enlarged, rays
from deepvein.phantoms.shapes.canvas import Canvas
from deepvein.phantoms.shapes.tube import Float, Pixels32

WATER_PER_MM: dict[int, float] = {80: 0.0226, 100: 0.0206, 120: 0.0193}
"""Effective linear attenuation of water (M), 1/mm."""

HARDENING: dict[int, float] = {80: 1.6, 100: 1.25, 120: 1.0}
"""Softer beams harden more (M)."""

VIEWS = 48
_FAINT = 0.2
_GRID = 128
_REFERENCE_MM = 265.0
"""Water that rays through the middle of the thighs of a usual adult cross."""
_THIGH = 0.83
"""Brings the median noise of mid-thigh muscle over a population to 1."""


@dataclass(frozen=True, eq=False)
class Section:
    """A painted canvas seen coarsely: where there is body and where cortical bone.

    Neither depends on what flows in the vessels, so a thrombus leaves the noise around it alone.
    block: pixels of the canvas to an edge of the coarse grid.
    """

    canvas: Canvas

    @cached_property
    def block(self) -> int:
        return max(1, -(-max(self.canvas.pixels.shape) // _GRID))

    @cached_property
    def rays(self) -> Rays:
        return rays(self.size, VIEWS)

    @cached_property
    def size(self) -> int:
        """Edge of the coarse grid in its pixels, even."""
        edge = -(-max(self.canvas.pixels.shape) // self.block)
        return edge + edge % 2

    @property
    def edge_mm(self) -> float:
        """Edge of a coarse pixel."""
        return self.block * self.canvas.pixels.size_mm

    @cached_property
    def body(self) -> tuple[Float, Float]:
        """x, y of pixels of body, four coarse pixels each, in coarse pixels."""
        step = 2 * self.block
        y, x = np.nonzero(self.canvas.value[step // 2 :: step, step // 2 :: step] > -300)
        return _float(x, 2.0, 0.5), _float(y, 2.0, 0.5)

    @cached_property
    def bone(self) -> tuple[Float, Float]:
        """x, y of canvas pixels of cortical bone, in coarse pixels; every second row and column."""
        value, bones = self.canvas.value[::2, ::2], self.canvas.bones[::2, ::2]
        y, x = np.nonzero((value > 500) & (bones > 0))
        k = 1.0 / self.block
        return _float(x, 2 * k, 0.5 * k - 0.5), _float(y, 2 * k, 0.5 * k - 0.5)

    def paths_mm(self, fan: Rays, finer: float = 1.0) -> tuple[Float, Float]:
        """Sinograms, in the grid of `fan`, `finer` times as fine, of water and cortical bone in mm."""
        half = rays(self.size // 2, fan.views)
        x, y = self.body
        water = half.project((x - 0.5) / 2, (y - 0.5) / 2) * (2 * self.edge_mm)
        mine = rays(self.size, fan.views)
        bone = _blurred(mine.project(*self.bone, (2 / self.block) ** 2)) * self.edge_mm
        return respaced(water, half, fan, 2 * finer), respaced(bone, mine, fan, finer)


def _float(index: NDArray[np.int64], scale: float, shift: float) -> Float:
    out: Float = index.astype(np.float64)
    return out * scale + shift


def _blurred(sinogram: Float) -> Float:
    """Over five bins, so that few views suffice."""
    out: Float = 3.0 * sinogram
    for k, weight in ((1, 2.0), (2, 1.0)):
        out[:, k:] += weight * sinogram[:, :-k]
        out[:, :-k] += weight * sinogram[:, k:]
    out *= 1 / 9
    return out


def respaced(sinogram: Float, coarse: Rays, fine: Rays, factor: float) -> Float:
    """A sinogram on bins `factor` times as fine."""
    if factor == 1.0:
        return sinogram
    offset = (np.arange(fine.bins) + 0.5 - fine.bins / 2) / factor
    place = np.clip(offset + coarse.bins / 2 - 0.5, 0, coarse.bins - 1.001)
    low = place.astype(np.int64)
    part = place - low
    below = sinogram[:, low]
    out: Float = below + part * (sinogram[:, low + 1] - below)
    return out


@dataclass(frozen=True, eq=False)
class Degraded:
    """What projection physics does to a section.

    noise: (rows, columns) factor on the noise of mid-thigh muscle; shade_hu: added Hounsfield units.
    streaky: (rows, columns) SD, as a part of the whole, of noise smeared from side to side; None where
    no ray from side to side is much poorer in photons than the others.
    """

    noise: Pixels32
    shade_hu: Pixels32
    streaky: Pixels32 | None


def degrade(section: Section, kvp: int, modulation: float, hardening: float) -> Degraded:
    """Noise and shading of a section.

    modulation: 0 (fixed tube current) to 1 (full compensation of each view's mean attenuation).
    hardening: 0 (none) to about 2; 1 is what is left after a usual correction.
    """
    fan = section.rays
    water, bone = section.paths_mm(fan)
    noise, lateral = relative_noise(fan, water + 1.2 * bone, WATER_PER_MM[kvp], modulation)
    loss = ray_loss_mm(water, bone, kvp) * hardening
    shade = fan.back(fan.filtered(-loss / section.edge_mm))
    shade *= np.float32(1000)
    shape, block = section.canvas.pixels.shape, section.block
    x, y = (at.astype(np.int64) for at in section.body)
    faint = not len(x) or float(lateral[y, x].max()) < _FAINT
    streaky = None if faint else enlarged(lateral, shape, block)
    return Degraded(enlarged(noise, shape, block), enlarged(shade, shape, block), streaky)


def ray_loss_mm(water: Float, bone: Float, kvp: int) -> Float:
    """Water-equivalent millimetres by which a ray reads too little: second order in its paths.

    Coefficients (M) chosen so that the band between two femoral heads is about 15 HU dark at 120 kVp
    and muscle in the middle of the pelvis about 5 HU below that at its edge.
    """
    loss: Float = HARDENING[kvp] * (bone * (7e-4 * water + 1.2e-3 * bone) + 1.2e-5 * water * water)
    return loss


def relative_noise(
    fan: Rays, water: Float, per_mm: float, modulation: float
) -> tuple[Pixels32, Pixels32]:
    """(n, n) SD relative to that of mid-thigh, and what part of it runs from side to side."""
    # The middle third of the bins decides the mean: there is the patient.
    third = fan.bins // 3
    mean = np.round(water[:, third : fan.bins - third].mean(axis=1, keepdims=True), 3)
    power = water - modulation * mean - (1 - modulation) * _REFERENCE_MM
    variance = exponential(power * per_mm)
    total = fan.back(variance)
    # Only rays poorer than those of a usual thigh show as streaks, level ones against upright ones.
    poor = np.maximum(variance - 1.5, 0) * (2 * fan.levelness[:, None] - 1)
    part = np.minimum(np.maximum(fan.back(poor) / total, 0), np.float32(0.4))
    total *= np.float32(_THIGH * _THIGH / fan.views)
    return np.sqrt(total), np.sqrt(part)


_STEPS = 16


def exponential(power: Float) -> Float:
    """exp of -8 to 8 from a table of rounded values, so that it is the same on every machine."""
    place = (np.clip(power, -8, 8 - 1e-6) + 8) * _STEPS
    low = place.astype(np.int64)
    below = _TABLE[low]
    out: Float = below + (place - low) * (_TABLE[low + 1] - below)
    return out


_TABLE: Float = np.array([round(math.exp(k / _STEPS - 8), 7) for k in range(16 * _STEPS + 1)])
