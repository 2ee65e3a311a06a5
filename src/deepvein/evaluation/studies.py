"""From slices to studies: what probabilities of single slices say about a whole examination."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepvein.core.errors import CohortError
from deepvein.evaluation.scores import binary, numbers

Float = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class StudyScores:
    """One row a study, in the order of first appearance: name, whether any slice is positive, the
    highest probability of its slices, and their noisy-or."""

    studies: tuple[str, ...]
    truth: NDArray[np.bool_]
    maximum: Float
    noisy_or: Float


def noisy_or(probability: ArrayLike) -> float:
    """1 - Π(1 - p) of (n,) probabilities: that at least one of n independent slices is positive.

    0 for no slice. Neighbouring slices are far from independent, so it lies near 1 for long studies: it
    orders studies, and is no probability without calibration.
    """
    with np.errstate(divide="ignore"):
        return float(-np.expm1(np.log1p(-_probabilities(probability)).sum())) + 0.0  # no -0


def surprise(probability: ArrayLike) -> float:
    """-Σ log(1 - p): orders studies as the noisy-or does where that is too near 1 to tell them apart."""
    p = np.minimum(_probabilities(probability), 1 - 1e-12)
    return float(-np.log1p(-p).sum()) + 0.0


def of_studies(studies: Sequence[str], probability: ArrayLike, truth: ArrayLike) -> StudyScores:
    """Gather (n,) slices by study; CohortError for lengths that differ."""
    p = _probabilities(probability)
    positive = binary(truth)
    if not len(studies) == len(p) == len(positive):
        raise CohortError(
            f"{len(studies)} names, {len(p)} probabilities and {len(positive)} truths do not belong "
            "together"
        )
    names = tuple(dict.fromkeys(studies))
    number = {name: place for place, name in enumerate(names)}
    place = np.array([number[name] for name in studies], dtype=np.int64)
    parts = [place == k for k in range(len(names))]
    return StudyScores(
        names,
        np.array([positive[part].any() for part in parts], dtype=bool),
        np.array([p[part].max() for part in parts], dtype=np.float64),
        np.array([noisy_or(p[part]) for part in parts], dtype=np.float64),
    )


def _probabilities(values: ArrayLike) -> Float:
    p = numbers(values)
    if not ((p >= 0) & (p <= 1)).all():
        raise CohortError("probabilities must lie within 0 and 1, and none may be missing")
    return p
