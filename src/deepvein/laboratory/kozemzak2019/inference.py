"""A trained model over the studies of a cohort, one study at a time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from deepvein.cohorts.case import Case
from deepvein.cohorts.cohort import Cohort
from deepvein.core.errors import ModelError
from deepvein.core.progress import Progress, silent
from deepvein.inference.models import Model

HALF = 1 << 15
"""The level of a logit of 0, a probability of a half."""


def read_masks(
    model: Model, cohort: Cohort, progress: Progress = silent
) -> Iterator[tuple[Case, NDArray[np.uint16]]]:
    """Each case with the (slice, row, column) `levels_of` its pixels' logits, at the model's size."""
    from deepvein.examples.preprocessing import EMPTY
    from deepvein.inference.case_reader import read_case

    for case in _each(model, cohort, progress):
        levels: dict[int, NDArray[np.uint16]] = {}
        for item, logits in read_case(model, case, cohort):
            planes = levels_of(logits[0].float().cpu().numpy())
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


def levels_of(logits: NDArray[np.float32]) -> NDArray[np.uint16]:
    """The logits in half precision as whole numbers that rise with them, `HALF` or more from 0 on.

    Eleven binary digits are kept, those of a network that computes in bfloat16 all; what lies beyond
    ±65,504 is put there. Probabilities would lose more: where veins are rare they are all nearly 0.
    ModelError for a logit that is no number.
    """
    if np.isnan(logits).any():
        raise ModelError("a network answered with NaN; it has to be trained anew")
    most = np.float32(np.finfo(np.float16).max)
    # A negative logit that rounds to nought keeps its sign, and nought itself counts as positive.
    half = (np.clip(logits, -most, most) + np.float32(0)).astype(np.float16)
    bits = half.view(np.uint16)
    return np.asarray(np.where(bits & HALF, ~bits, bits | HALF), dtype=np.uint16)


def probability_of(levels: NDArray[np.uint16]) -> NDArray[np.float32]:
    """The probabilities, float32, of `levels_of` logits."""
    bits = np.where(levels & HALF, levels & ~np.uint16(HALF), ~levels).astype(np.uint16)
    with np.errstate(over="ignore"):  # e to the power of a large number is infinite, and p is 0
        return np.asarray(1 / (1 + np.exp(-bits.view(np.float16).astype(np.float32))))
