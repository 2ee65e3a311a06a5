"""What one station stores of the signal that it receives."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from deepvein.core.seeds import generator
from deepvein.phantoms.mr.coils import sample_sensitivity
from deepvein.phantoms.mr.rician import magnitude
from deepvein.phantoms.mr.scan import MrScan
from deepvein.phantoms.shapes.canvas import Labels
from deepvein.phantoms.shapes.tube import Pixels32

FINE = 8.0
"""Noise-free signal is kept in eighths of a unit."""
_EDGE_SIGNAL, _EDGE_SHARE = 0.4, 0.05
"""The slab's excitation falls off over the first and last twentieth of the slices (M)."""


def acquire(
    scan: MrScan,
    number: int,
    sequence: str,
    clean: NDArray[np.uint16],
    arteries: Labels | None,
    noise_sd: float,
) -> NDArray[np.int16]:
    """(slice, row, column) the magnitude picture of station `number`.

    clean: signal in eighths of a unit; arteries: mask of the same shape, what pulsates, or None; noise_sd:
    of one receiver channel where the coils' sensitivity is 1. Signal passes the slab's profile, gets its
    ghosts, is softened, heard by the coils, joined by noise, and amplified by the station's gain. Each
    sequence has its own random stream.
    """
    station = scan.stations[number]
    spacing = (scan.settings.slice_mm, scan.settings.row_mm, scan.settings.column_mm)
    size = tuple(n * edge for n, edge in zip(clean.shape, spacing, strict=True))
    coils = sample_sensitivity(scan.seed, number, (size[0], size[1], size[2]), station.uncorrected)
    ghosts = station.ghosts if arteries is not None else replace(station.ghosts, pulsation=0.0)
    out = np.empty(clean.shape, dtype=np.int16)
    slices, rows, columns = clean.shape
    nothing = np.zeros((1, 1), dtype=np.uint8)
    for index in range(slices):
        signal: Pixels32 = clean[index].astype(np.float32)
        signal *= np.float32(_profile(index, slices) / FINE)
        signal = ghosts.added(signal, nothing if arteries is None else arteries[index])
        signal = softened(signal, scan.softness)
        depth = index / max(1, slices - 1)
        signal *= coils.signal.section(depth, rows, columns)
        sd = coils.noise.section(depth, rows, columns)
        sd *= np.float32(noise_sd)
        rng = generator(scan.seed, "acquisition", "noise", sequence, number, index)
        seen = magnitude(signal, sd, rng)
        seen *= np.float32(station.gain)
        np.minimum(np.rint(seen, out=seen), 32767, out=out[index], casting="unsafe")
    return out


def softened(signal: Pixels32, weight: float) -> Pixels32:
    """(rows, columns) every pixel with `weight` of either neighbour, along rows, then columns; the outermost
    pixels stay. `signal` is reused."""
    if weight == 0:
        return signal
    w, rest = np.float32(weight), np.float32(1 - 2 * weight)
    for plane in (signal, signal.T):
        sides = plane[:-2] + plane[2:]
        sides *= w
        middle = plane[1:-1]
        middle *= rest
        middle += sides
    return signal


def _profile(index: int, slices: int) -> float:
    near = min(index + 0.5, slices - index - 0.5) / (_EDGE_SHARE * slices)
    return round(_EDGE_SIGNAL + (1 - _EDGE_SIGNAL) * min(1.0, near), 6)
