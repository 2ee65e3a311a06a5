"""DVT probability along the body, from the thrombus probabilities of each slice."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from deepvein.inference.prediction import SCALE, Profile
from deepvein.volumes.volume import Volume

EVIDENCE_MM2 = 15.0
"""Area whose mean probability is a slice's evidence: a vein of 4.4 mm, the smallest credible thrombus
(Bosson 1998: about 5 mm)."""

LEAST = SCALE // 10 + 1
"""Values below a tenth are noise."""


def slice_evidence(thrombus_probability: Volume) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How strongly each position along the body speaks for thrombus.

    Returns (n,) LPS z in mm, ascending, and (n,) evidence in [0, 1]: the mean of the largest
    probabilities over EVIDENCE_MM2 of the section, 0 where nothing speaks for thrombus.
    """
    array, grid = thrombus_probability.array, thrombus_probability.grid
    axis = grid.body_axis
    across = [grid.spacing_mm[other] for other in range(3) if other != axis]
    count = max(1, round(EVIDENCE_MM2 / (across[0] * across[1])))
    counts = _histograms(array, axis)
    # Of each section the `count` largest, counted down from the highest value.
    descending = np.minimum(counts[:, ::-1].cumsum(axis=1), count)
    taken = np.diff(descending, axis=1, prepend=0)
    evidence = taken @ np.arange(SCALE, -1, -1, dtype=np.float64) / (count * SCALE)
    z = grid.body_positions_mm()
    return (z, evidence) if z[0] <= z[-1] else (z[::-1], evidence[::-1])


def _histograms(array: NDArray[np.uint8], axis: int) -> NDArray[np.int64]:
    """(n, 256) how often each value from LEAST on occurs in each of the n sections across `axis`."""
    counts = np.zeros((array.shape[axis], SCALE + 1), dtype=np.int64)
    for number, plane in enumerate(array):
        place = np.nonzero(plane >= LEAST)
        values = plane[place].astype(np.int64)
        if not len(values):
            continue
        if axis == 0:
            counts[number] = np.bincount(values, minlength=SCALE + 1)
        else:
            code = place[axis - 1] * (SCALE + 1) + values
            counts += np.bincount(code, minlength=counts.size).reshape(counts.shape)
    return counts


def profile(thrombus_probability: Volume) -> Profile:
    """The evidence along the body as an uncalibrated profile."""
    positions, evidence = slice_evidence(thrombus_probability)
    return Profile(np.ascontiguousarray(positions), evidence.astype(np.float32))
