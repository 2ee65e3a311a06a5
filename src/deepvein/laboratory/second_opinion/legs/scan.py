"""What a scanner does to legs: blur, artefacts, noise."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from deepvein.laboratory.second_opinion.legs.curves import Float, Single, mottle

_HU = (-1024, 3000)
_STREAK_MM = 90.0
_FAILED_SUPPRESSION = 1 / 3


def ct(
    rng: np.random.Generator,
    value: Single,
    spacing_mm: tuple[float, float, float],
    x: Float,
    y: Float,
    back_mm: float,
) -> NDArray[np.int16]:
    """Hounsfield units of legs whose skin ends at `back_mm`, where the table begins. x, y: of pixels,
    in mm."""
    from scipy.ndimage import gaussian_filter, gaussian_filter1d

    dz, dy, dx = spacing_mm
    value = np.maximum(value, _table(rng, x, y, back_mm))
    blur = rng.uniform(0.5, 0.75)
    value = gaussian_filter(value, (0, blur / dy, blur / dx))
    if dz < 2.5:
        value = gaussian_filter1d(value, 0.45, axis=0)
    bone: Single = np.clip(value - 250, 0, 900) / np.float32(900)
    soft = value > -300
    value -= _hardening(rng, bone, (dy, dx)) * soft
    value += _noise(rng, bone, soft, spacing_mm)
    return np.rint(np.clip(value, *_HU)).astype(np.int16)


def _table(rng: np.random.Generator, x: Float, y: Float, back_mm: float) -> Single:
    """A mattress on a hollow table, (rows, columns); a little lower in the middle."""
    curve = back_mm + rng.uniform(6, 14) - 0.25 * x**2 / rng.uniform(900, 2000)
    depth = y[:, None] - curve[None, :] - rng.uniform(4, 12)
    out = np.full(depth.shape, -1000, np.float32)
    out[(depth > -6) & (depth < 0)] = -930
    out[(depth > 0) & (depth < 26)] = -940
    out[((depth > 0) & (depth < 1.8)) | ((depth > 24) & (depth < 26))] = rng.uniform(-350, -150)
    return out


def _hardening(rng: np.random.Generator, bone: Single, pixel_mm: tuple[float, float]) -> Single:
    """How much darker the surroundings of dense bone are: along rows, where rays cross most of it, and
    about."""
    from scipy.ndimage import gaussian_filter, zoom

    dy, dx = pixel_mm
    coarse = bone[:, ::4, ::4]
    dark = gaussian_filter(coarse, (0, 1.5 / dy, 40 / dx)) * rng.uniform(25, 60)
    dark += gaussian_filter(coarse, (0, 10 / dy, 10 / dx)) * rng.uniform(8, 20)
    back = [full / few for full, few in zip(bone.shape, coarse.shape, strict=True)]
    out: Single = zoom(dark, back, order=1)
    return out


def _noise(
    rng: np.random.Generator,
    bone: Single,
    soft: NDArray[np.bool_],
    spacing_mm: tuple[float, float, float],
) -> Single:
    """Of a smooth kernel, more where much is crossed, with streaks along rows that cross bone."""
    from scipy.ndimage import gaussian_filter, gaussian_filter1d, uniform_filter1d

    dz, dy, dx = spacing_mm
    slices, rows, columns = bone.shape
    frequency = np.hypot(np.fft.fftfreq(rows, dy)[:, None], np.fft.rfftfreq(columns, dx))
    kernel = frequency ** rng.uniform(0.4, 0.9)
    kernel *= np.exp(-((frequency / rng.uniform(0.32, 0.5)) ** 2))
    crossed = gaussian_filter(soft[slices // 2].astype(np.float32), 25 / dy)
    local = rng.uniform(7, 14) * (0.55 + 0.6 * crossed / (crossed.max() + 1e-6))
    grain = rng.standard_normal(bone.shape, dtype=np.float32)
    if dz < 2:
        grain = gaussian_filter1d(grain, 0.5, axis=0)
    out = np.empty_like(grain)
    long = max(1, int(_STREAK_MM / dx))
    for number in range(slices):
        fine = np.fft.irfft2(np.fft.rfft2(grain[number]) * kernel, s=(rows, columns))
        streaks = rng.standard_normal((rows, columns), dtype=np.float32)
        for _ in range(2):
            streaks = uniform_filter1d(streaks, long, axis=1)
        streaks = gaussian_filter1d(streaks, 0.8, axis=0)
        dense = gaussian_filter1d(bone[number].sum(1), 3)
        streaked = 0.12 + 0.25 * dense / (dense.max() + 1e-6)
        streaks *= streaked[:, None] / streaks.std()
        out[number] = local * (fine / fine.std() + streaks)
    return out


def mr(
    rng: np.random.Generator, value: Single, spacing_mm: tuple[float, float, float]
) -> NDArray[np.int16]:
    """Magnitudes: coils that are near to one place and far from another, in some studies fat that was not
    suppressed everywhere, Rician noise."""
    from scipy.ndimage import gaussian_filter

    if rng.random() < _FAILED_SUPPRESSION:
        failed = mottle(rng, value.shape, spacing_mm, (150, 90, 120))
        fat = np.exp(-(((value - 0.3) / 0.16) ** 2)) * (value > 0.08)
        value = value + fat * np.clip(0.5 * (failed + 0.2), 0, 0.9)
    coils = np.exp(0.22 * mottle(rng, value.shape, spacing_mm, (180, 90, 130)))
    ends = 1 - 0.35 * np.linspace(-1, 1, len(value), dtype=np.float32) ** 4
    value = gaussian_filter(value * coils * ends[:, None, None], 0.35)
    sd = 1 / rng.uniform(10.5, 13.5)
    real, imaginary = (
        np.float32(sd) * rng.standard_normal(value.shape, dtype=np.float32) for _ in range(2)
    )
    signal = np.hypot(value + real, imaginary) * rng.uniform(150, 400)
    out: NDArray[np.int16] = np.rint(np.clip(signal, 0, 32767)).astype(np.int16)
    return out
