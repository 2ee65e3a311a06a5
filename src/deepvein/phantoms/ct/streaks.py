"""Streaks of metal in CT: beam hardening and photon starvation along rays that cross it.

A ray through M of metal reads far too little, the more so the longer its path; the reconstruction
spreads the loss as dark streaks along the metal's long axes and between two pieces of metal, with
bright ones beside them (De Man, IEEE Trans Nucl Sci 1999; 46:691). Behind thick metal hardly any photon
is left, and the noise of those rays becomes fine streaks.
"""

from __future__ import annotations

import numpy as np

from deepvein.phantoms.ct.hardening import HARDENING, WATER_PER_MM, Section, exponential
from deepvein.phantoms.ct.noise import WORD_SD, white
from deepvein.phantoms.ct.projection import enlarged, rays
from deepvein.phantoms.shapes.canvas import Canvas
from deepvein.phantoms.shapes.tube import Float, Pixels32

VIEWS = 180

_METAL = 8.0
"""Attenuation of metal in waters at the effective energy (M)."""
_HALF_MM = 10.0
"""Path in metal at which a ray reads half of what it should (M)."""
_LOSS = 0.25, 3e-3
"""Factors (M) on path^(3/2) in metal and on metal times water, with which streaks of 12 HU and more
behind a knee arthroplasty reach over 4.3 cm on average: 4.5 +/- 0.8 cm (Byun, Korean J Radiol 2008; 9:59)."""


def streaks_hu(
    section: Section, rng: np.random.Generator, kvp: int, noise_hu: float, strength: float
) -> Pixels32 | None:
    """(rows, columns) Hounsfield units to add; None for a section without metal.

    noise_hu: the scan's noise in mid-thigh; strength: 1 without, less with a correction of metal
    artefacts; 0 leaves the noise of starved rays.
    """
    canvas = section.canvas
    if not canvas.metal.any():
        return None
    block = max(1, section.block // 2)
    fan = rays(-(-section.size * section.block // block), VIEWS)
    edge_mm = block * canvas.pixels.size_mm
    metal = fan.project(*_pixels(canvas, block), block**-2.0) * edge_mm
    water, bone = section.paths_mm(fan, section.block / block)
    loss = HARDENING[kvp] * metal * (_LOSS[0] * np.sqrt(metal) + _LOSS[1] * water)
    read = water + 1.2 * bone + _METAL * metal * _HALF_MM / (metal + _HALF_MM)
    sinogram = -strength * loss
    sinogram += _starvation(rng, read, metal, kvp, noise_hu)
    out = fan.back(fan.filtered(sinogram / edge_mm))
    out *= np.float32(1000)
    return enlarged(out, canvas.pixels.shape, block)


def _starvation(
    rng: np.random.Generator, read_mm: Float, metal_mm: Float, kvp: int, noise_hu: float
) -> Float:
    """Noise, in mm of water, of rays through metal beyond that of the others."""
    grain: Float = white(rng, (read_mm.shape[0], read_mm.shape[1])).astype(np.float64)
    grain *= 1.0 / WORD_SD
    starved = exponential(np.minimum((read_mm - 240.0) * (0.5 * WATER_PER_MM[kvp]), 4.0))
    out: Float = grain * np.where(metal_mm > 0.2, 0.03 * noise_hu * starved, 0.0)
    return out


def _pixels(canvas: Canvas, block: int) -> tuple[Float, Float]:
    y, x = np.nonzero(canvas.metal)
    k = 1.0 / block
    at_x: Float = x.astype(np.float64)
    at_y: Float = y.astype(np.float64)
    return (at_x + 0.5) * k - 0.5, (at_y + 0.5) * k - 0.5
