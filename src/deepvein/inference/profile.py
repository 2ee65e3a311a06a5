"""DVT probability along the body, from the thrombus probabilities of each slice."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from deepvein.inference.prediction import SCALE, Profile
from deepvein.volumes.volume import Volume

EVIDENCE_MM2 = 15.0
"""Area whose mean probability is a slice's evidence: a vein of 4.4 mm, the smallest credible thrombus
(Bosson 1998: about 5 mm)."""


def slice_evidence(thrombus_probability: Volume) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How strongly each position along the body speaks for thrombus.

    Returns (n,) LPS z in mm, ascending, and (n,) evidence in [0, 1]: the mean of the largest
    probabilities over EVIDENCE_MM2 of the section, 0 where nothing speaks for thrombus.
    """
    array, grid = thrombus_probability.array, thrombus_probability.grid
    axis = grid.body_axis
    across = [grid.spacing_mm[other] for other in range(3) if other != axis]
    count = max(1, round(EVIDENCE_MM2 / (across[0] * across[1])))
    evidence = np.zeros(grid.shape[axis])
    places = np.nonzero(array > SCALE // 10)
    order = np.lexsort((array[places], places[axis]))
    values, positions = array[places][order], places[axis][order]
    starts = np.searchsorted(positions, np.arange(grid.shape[axis] + 1))
    for index in np.flatnonzero(np.diff(starts)):
        run = values[max(starts[index], starts[index + 1] - count) : starts[index + 1]]
        evidence[index] = run.sum(dtype=np.float64) / (count * SCALE)
    z = grid.body_positions_mm()
    return (z, evidence) if z[0] <= z[-1] else (z[::-1], evidence[::-1])


def profile(thrombus_probability: Volume) -> Profile:
    """The evidence along the body as an uncalibrated profile."""
    positions, evidence = slice_evidence(thrombus_probability)
    return Profile(np.ascontiguousarray(positions), evidence.astype(np.float32))
