"""From a trained network to a mask on the grid of the study."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from deepvein.cohorts.case import Case
from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.opening import open_case
from deepvein.examples.preprocessing import EMPTY, resize
from deepvein.inference.case_reader import read_case
from deepvein.inference.models import Model

THRESHOLD = 0.5
_BATCH = 8


@dataclass(frozen=True, eq=False)
class Segmented:
    """mask: (slice, row, column) on the image's grid; seconds: of a slice, reading and resizing included."""

    mask: NDArray[np.bool_]
    seconds: float


def segment(model: Model, case: Case, cohort: Cohort) -> Segmented:
    """Where the network gives thrombus a probability of 0.5 or more.

    Chunks overlap as in training; their probabilities are averaged.
    """
    begun = time.perf_counter()
    slices, rows, columns = open_case(case, cohort.cache).image.grid.shape
    mask = np.empty((slices, rows, columns), dtype=np.bool_)
    for index, probability in enumerate(_mean_of_chunks(model, case, cohort, slices)):
        native = resize(probability[None, None], (rows, columns))[0, 0]
        mask[index] = (native >= THRESHOLD).cpu().numpy()
    return Segmented(mask, (time.perf_counter() - begun) / slices)


def _mean_of_chunks(model: Model, case: Case, cohort: Cohort, slices: int) -> Tensor:
    """(slices, rows, columns) probabilities at the network's size, each the mean of all answers."""
    sums: dict[int, Tensor] = {}
    counts = [0] * slices
    batch = 1 if model.description.examples.spatial else _BATCH
    for item, logits in read_case(model, case, cohort, batch):
        planes = logits[0].sigmoid()
        for index, plane in zip(item.answers, planes.reshape(-1, *planes.shape[-2:]), strict=True):
            if index != EMPTY:
                sums[index] = sums[index] + plane if index in sums else plane
                counts[index] += 1
    return torch.stack([sums[index] / counts[index] for index in range(slices)])
