"""A trained model over the studies of a cohort, one study at a time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from deepvein.cohorts.case import Case
from deepvein.cohorts.cohort import Cohort
from deepvein.core.progress import Progress, silent
from deepvein.inference.models import Model

STEPS = 10
"""Levels a unit of the logit."""


def read_masks(
    model: Model, cohort: Cohort, progress: Progress = silent
) -> Iterator[tuple[Case, NDArray[np.uint8]]]:
    """Each case with the (slice, row, column) level of each pixel as a byte, at the model's size.

    A level is the logit in tenths, 128 for 0: a probability of a half or more is a level of 128 or
    more. Probabilities themselves would all fall into the lowest bytes where veins are rare.
    """
    from deepvein.examples.preprocessing import EMPTY
    from deepvein.inference.case_reader import read_case

    for case in _each(model, cohort, progress):
        levels: dict[int, NDArray[np.uint8]] = {}
        for item, logits in read_case(model, case, cohort):
            steps = (logits[0] * STEPS).floor().clamp(-128, 127) + 128
            planes = steps.byte().cpu().numpy()
            planes = planes.reshape(-1, *planes.shape[-2:])
            levels.update(zip(item.answers, planes, strict=True))
        levels.pop(EMPTY, None)
        yield case, np.stack([levels[index] for index in range(len(levels))])


def read_labels(
    model: Model, cohort: Cohort, progress: Progress = silent
) -> Iterator[tuple[Case, NDArray[np.float64]]]:
    """Each case with the (slices,) probability that a slice shows DVT."""
    from deepvein.inference.case_reader import read_case

    for case in _each(model, cohort, progress):
        answers = [logits.softmax(0)[1].item() for _, logits in read_case(model, case, cohort)]
        yield case, np.array(answers, dtype=np.float64)


def _each(model: Model, cohort: Cohort, progress: Progress) -> Iterator[Case]:
    for done, case in enumerate(cohort):
        progress(f"reading with {model.folder.name}", done, len(cohort))
        yield case
    progress(f"reading with {model.folder.name}", len(cohort), len(cohort))


def probability_of(levels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The probabilities, float32, at the middle of each level."""
    middle = (levels.astype(np.float32) - 127.5) / STEPS
    return np.asarray(1 / (1 + np.exp(-middle)), dtype=np.float32)
