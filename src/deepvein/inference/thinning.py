"""Slices closer together than a network tells apart: some are looked at, those between interpolated."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from deepvein.examples.settings import ExampleSettings
from deepvein.examples.slices import SliceExamples
from deepvein.volumes.grid import Grid
from deepvein.volumes.volume import Volume
from deepvein.volumes.zeros import marked

SHARE = 2 / 3
"""Slices that are looked at lie no farther apart than this share of the step between those that a network
sees at once: 2 mm where that is 3 mm."""


def stride(examples: ExampleSettings, spacing_mm: float) -> int:
    """Of every so many slices one is enough; 1 for a network whose step is the slices' own."""
    if not isinstance(examples, SliceExamples) or examples.slice_step_mm is None:
        return 1
    # Spacings from headers are rounded.
    return max(1, int(SHARE * examples.slice_step_mm / spacing_mm + 1e-3))


def thinned(volume: Volume, step: int) -> Volume:
    """A view of every `step`-th slice of `volume`, from the first."""
    if step == 1:
        return volume
    array, affine = volume.array[::step], volume.grid.affine.copy()
    affine[:3, 0] *= step
    return Volume(array, Grid(array.shape, affine, volume.grid.frame_of_reference))


def fill_between(array: NDArray[np.uint8], step: int) -> None:
    """Fills the slices of `array` between those that `thinned` shows, linearly, in place.

    Those behind the last of them are like it. Nothing is written where nothing was marked.
    """
    last = (len(array) - 1) // step * step
    for low in range(0, len(array) if step > 1 else 0, step):
        one, other = array[low], array[min(low + step, last)]
        box = marked((one, other))
        if box is None:
            continue
        before, after = one[box].astype(np.uint16), other[box].astype(np.uint16)
        for part, between in enumerate(array[low + 1 : low + step], start=1):
            between[box] = (before * (step - part) + after * part + step // 2) // step
