"""How often negative slices are called positive where an artefact lies, and where none does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepvein.core.errors import CohortError
from deepvein.evaluation.scores import binary, numbers


@dataclass(frozen=True)
class ArtefactRates:
    """False-positive rates at the threshold that finds at least the wanted share of positive slices.

    artefact: of negative slices with an artefact; clear: of the other negative ones; either is NaN where
    there is none. threshold: positive is probability >= threshold. sensitivity: that is reached.
    """

    sensitivity: float
    threshold: float
    artefact: float
    clear: float
    artefact_slices: int
    clear_slices: int


def artefact_rates(
    probability: ArrayLike, truth: ArrayLike, artefact: ArrayLike, sensitivity: float = 0.9
) -> ArtefactRates:
    """Rates of (n,) slices; CohortError without a positive slice or for lengths that differ."""
    p = numbers(probability)
    positive, marked = binary(truth), binary(artefact)
    if not len(p) == len(positive) == len(marked):
        raise CohortError(
            f"{len(p)} probabilities, {len(positive)} truths and {len(marked)} artefacts do not belong "
            "together"
        )
    if not np.isfinite(p).all():
        raise CohortError(f"{int((~np.isfinite(p)).sum())} of {len(p)} probabilities are missing")
    if not 0 < sensitivity <= 1:
        raise CohortError(f"a sensitivity lies above 0 and up to 1, got {sensitivity}")
    if not positive.any():
        raise CohortError("a sensitivity needs positive slices")
    descending = np.sort(p[positive])[::-1]
    needed = int(np.ceil(sensitivity * len(descending) - 1e-9))
    threshold = float(descending[needed - 1])
    called = p >= threshold
    return ArtefactRates(
        sensitivity=float(called[positive].mean()),
        threshold=threshold,
        artefact=_share(called, ~positive & marked),
        clear=_share(called, ~positive & ~marked),
        artefact_slices=int((~positive & marked).sum()),
        clear_slices=int((~positive & ~marked).sum()),
    )


def _share(called: NDArray[np.bool_], among: NDArray[np.bool_]) -> float:
    return float(called[among].mean()) if among.any() else float("nan")
