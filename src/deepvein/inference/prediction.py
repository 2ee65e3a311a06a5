"""What the networks say about a study, on the study's own grid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepvein.core.errors import GeometryError
from deepvein.inference.second_reader.answers import Reading
from deepvein.volumes.grid import Grid
from deepvein.volumes.volume import Volume

SCALE = 255
"""Probabilities are stored as bytes, so that a 1,500-slice CT fits into memory: p = value / SCALE."""


MOST_VOXELS = 8_000_000
"""More likely voxels than this are several litres of vein: the threshold then rises until they are fewer,
so that memory stays bounded whatever a network says."""


@dataclass(frozen=True)
class ModelIdentity:
    """Which weights spoke; sha256 is that of `model.safetensors`."""

    name: str
    version: str
    sha256: str


@dataclass(frozen=True)
class EngineIdentity:
    """What computed a model's answers.

    largest_difference: of probabilities from torch's, on tiles that were compared before. instead_of: the
    engine that was asked for and could not do it, and why; both empty if it did.
    """

    name: str
    version: str
    largest_difference: float = 0.0
    instead_of: str = ""
    reason: str = ""


@dataclass(frozen=True, eq=False)
class Profile:
    """DVT probability along the body: (n,) LPS z in mm, ascending, and (n,) probability in [0, 1]."""

    positions_mm: NDArray[np.float64]
    probability: NDArray[np.float32]

    def __post_init__(self) -> None:
        if self.positions_mm.shape != self.probability.shape or self.positions_mm.ndim != 1:
            raise GeometryError(
                f"positions {self.positions_mm.shape} and probabilities {self.probability.shape} of a "
                "profile must be one-dimensional and of the same length"
            )


@dataclass(frozen=True, eq=False)
class Prediction:
    """Probabilities are uint8 arrays (slice, row, column) on `grid`, in steps of 1/255.

    vein_probability: deep vein, open or thrombosed.
    thrombus_probability: thrombus in a deep vein.
    territories: segment values (1 to 13, 0 none; no side) on a coarse axial grid: which deep vein runs
    nearest. Sample it with nearest neighbour to name a voxel.
    profile: DVT probability of each axial slice (CT) or each row along the body (MR).
    reading: the opinions that thrombus_probability is the mean of, where there was a second reader.
    engines: what computed each of `models`, in their order; () where nobody said.
    """

    grid: Grid
    vein_probability: NDArray[np.uint8]
    thrombus_probability: NDArray[np.uint8]
    territories: Volume
    profile: Profile
    models: tuple[ModelIdentity, ...]
    device: str
    seconds: float
    reading: Reading | None = None
    engines: tuple[EngineIdentity, ...] = ()

    def __post_init__(self) -> None:
        for name in ("vein_probability", "thrombus_probability"):
            array = getattr(self, name)
            if array.shape != self.grid.shape or array.dtype != np.uint8:
                raise GeometryError(
                    f"{name} must be uint8 of shape {self.grid.shape}, got {array.dtype} {array.shape}"
                )


def likely_voxels(
    arrays: Sequence[NDArray[np.uint8]], least: float, most: int = MOST_VOXELS
) -> NDArray[np.int64]:
    """(n, 3) indices, in array order, of the voxels that have a probability of `least` or more in one of
    the arrays, all (slice, row, column) of one shape. Read slice by slice; see MOST_VOXELS."""
    counts = np.zeros(SCALE + 1, dtype=np.int64)
    threshold = max(1, int(np.ceil(least * SCALE)))
    shown = []
    for number, planes in enumerate(zip(*arrays, strict=True)):
        plane = np.maximum.reduce(planes)
        values = plane[plane >= threshold]
        if len(values):
            shown.append(number)
            counts += np.bincount(values, minlength=SCALE + 1)
    while threshold < SCALE and counts[threshold:].sum() > most:
        threshold += 1
    found = [np.zeros((0, 3), dtype=np.int64)]
    for number in shown:
        place = np.argwhere(np.maximum.reduce([array[number] for array in arrays]) >= threshold)
        found.append(np.column_stack([np.full(len(place), number), place]))
    return np.concatenate(found)
