"""What a scanner makes of sections: slices, blur, noise and shading, each drawn over all that is usual."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepvein.examples.courses.frame import PIXEL_MM, wave
from deepvein.examples.courses.scene import STEP_MM

Float32 = NDArray[np.float32]

_CT_INCREMENTS_MM = (1.0, 2.0, 3.0, 5.0, 7.0)
_CT_SHARES = (0.12, 0.2, 0.38, 0.27, 0.03)
_MR_THICKNESSES_MM = (0.9, 1.5, 2.5, 3.5, 6.0)
_MR_SHARES = (0.2, 0.36, 0.2, 0.19, 0.05)


@dataclass(frozen=True)
class Scanner:
    """slice_axis: 0 for slices across the course (axial), 1 for slices along it (coronal). slice_steps:
    their distance and thickness in sections or pixels. blur_px: SD of the blur of edges. noise: SD;
    grain_px: how coarse it is; hollow: part of its low frequencies that is missing; rician: of a
    magnitude picture. streaks: SD of streaks along the rows, 0 for none. shade: SD of slow shading, added
    in CT; in MR (rician) it is a factor. seam: SD of the logarithm of the step in signal between two
    stations of MR."""

    slice_axis: int
    slice_steps: float
    blur_px: float
    noise: float
    grain_px: float
    hollow: float
    streaks: float
    shade: float
    rician: bool = False
    seam: float = 0.0

    def scan(self, rng: np.random.Generator, values: Float32) -> Float32:
        """(n, rows, columns) as the scanner shows it."""
        from scipy.ndimage import gaussian_filter

        average, back = self._slices(values.shape[self.slice_axis])
        seen = self._along(average, values)
        seen = gaussian_filter(seen, (0, self.blur_px, self.blur_px))
        if self.shade:
            seen = self._shaded(rng, seen)
        if self.seam:
            seen = seen * self._stations(rng, len(seen))[:, None, None]
        if self.streaks:
            lines = rng.standard_normal((len(seen), seen.shape[1], 1)).astype(np.float32)
            extent = np.clip(wave(rng, len(seen), 1, 8), 0, 1)[:, :, None]
            seen = seen + np.float32(self.streaks) * extent * lines
        seen = seen + np.float32(self.noise) * self._noise(rng, seen.shape)
        if self.rician:
            other = np.float32(self.noise) * self._noise(rng, seen.shape)
            seen = np.sqrt(seen * seen + other * other)
        return self._along(back, seen)

    def through_slices(self, part: Float32) -> Float32:
        """(n, rows, columns) as thick slices blur it, without noise."""
        average, back = self._slices(part.shape[self.slice_axis])
        return self._along(back, self._along(average, part))

    def _along(self, weights: Float32, values: Float32) -> Float32:
        out = np.tensordot(weights, values, (1, self.slice_axis))
        return np.asarray(np.moveaxis(out, 0, self.slice_axis), dtype=np.float32)

    def _slices(self, n: int) -> tuple[Float32, Float32]:
        """(s, n) averages over a slice of n sections, and (n, s) weights that interpolate them back."""
        step = max(1.0, self.slice_steps)
        if step == 1.0:
            eye = np.eye(n, dtype=np.float32)
            return eye, eye
        centres = np.arange(0.5 * (step - 1), n, step)
        if len(centres) < 2:
            return np.full((1, n), 1 / n, np.float32), np.ones((n, 1), np.float32)
        sections = np.arange(n)
        inside = np.clip(step / 2 + 0.5 - np.abs(sections[None, :] - centres[:, None]), 0, 1)
        average = inside / inside.sum(axis=1, keepdims=True)
        place = np.clip((sections - centres[0]) / step, 0, len(centres) - 1.001)
        low = place.astype(int)
        back = np.zeros((n, len(centres)))
        back[sections, low] = 1 - (place - low)
        back[sections, low + 1] = place - low
        return average.astype(np.float32), back.astype(np.float32)

    def _shaded(self, rng: np.random.Generator, seen: Float32) -> Float32:
        down, across = (np.linspace(-1, 1, count, dtype=np.float32) for count in seen.shape[1:])
        drawn = np.float32(self.shade) * wave(rng, len(seen), 3, 10)
        field = (
            drawn[:, :1, None] + drawn[:, 1:2, None] * down[:, None] + drawn[:, 2:, None] * across
        )
        out: Float32 = seen * np.maximum(0.2, 1 + field) if self.rician else seen + field
        return out

    def _stations(self, rng: np.random.Generator, n: int) -> Float32:
        """(n,) signal of two stations that are merged over a few sections."""
        place, width = rng.uniform(0, n), rng.uniform(2, 16)
        share = np.clip((np.arange(n) - place) / width, 0, 1)
        out: Float32 = np.exp(self.seam * rng.standard_normal() * share).astype(np.float32)
        return out

    def _noise(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Float32:
        from scipy.ndimage import gaussian_filter

        noise = rng.standard_normal(shape, dtype=np.float32)
        if self.grain_px > 0.2:
            noise = gaussian_filter(noise, (0, self.grain_px, self.grain_px))
        if self.hollow:
            coarse = 2.5 + self.grain_px
            noise = noise - np.float32(self.hollow) * gaussian_filter(noise, (0, coarse, coarse))
        out: Float32 = noise / max(float(noise.std()), 1e-6)
        return out


def drawn_ct_scanner(rng: np.random.Generator) -> Scanner:
    """4 to 40 HU of noise, most of it below 20; slices of 1 to 7 mm."""
    increment = float(rng.choice(_CT_INCREMENTS_MM, p=_CT_SHARES))
    noise = np.exp(rng.uniform(np.log(4), np.log(20))) * (2 if rng.random() < 0.1 else 1)
    return Scanner(
        slice_axis=0,
        slice_steps=increment / STEP_MM,
        blur_px=float(rng.uniform(0.2, 0.95)),
        noise=float(noise),
        grain_px=float(rng.uniform(0, 1.4)),
        hollow=float(rng.uniform(0, 0.9)) if rng.random() < 0.7 else 0.0,
        streaks=float(rng.uniform(4, 20)) if rng.random() < 0.12 else 0.0,
        shade=float(rng.uniform(1, 8)) if rng.random() < 0.5 else 0.0,
    )


def drawn_mr_scanner(rng: np.random.Generator, vein: float) -> Scanner:
    """Coronal slices of 0.9 to 6 mm; opacified veins of signal `vein` at 10 to 60 times the noise."""
    thickness = float(rng.choice(_MR_THICKNESSES_MM, p=_MR_SHARES))
    return Scanner(
        slice_axis=1,
        slice_steps=thickness / PIXEL_MM,
        blur_px=float(rng.uniform(0.3, 1.0)),
        noise=float(vein / np.exp(rng.uniform(np.log(10), np.log(60)))),
        grain_px=float(rng.uniform(0, 0.9)),
        hollow=0.0,
        streaks=float(vein * rng.uniform(0.03, 0.12)) if rng.random() < 0.15 else 0.0,
        shade=float(rng.uniform(0.03, 0.15)),
        rician=True,
        seam=0.2 if rng.random() < 0.5 else 0.0,
    )
