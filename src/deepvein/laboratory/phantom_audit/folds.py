"""Studies dealt into folds, those with DVT and those without evenly."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

FOLDS = 5


def folds(studies: Sequence[str], dvt: Sequence[bool]) -> NDArray[np.int64]:
    """(n,) fold of each row; rows of one study share a fold, both kinds of study are dealt in turn.

    A study counts as diseased if one of its rows does.
    """
    diseased: dict[str, bool] = {}
    for study, ill in zip(studies, dvt, strict=True):
        diseased[study] = diseased.get(study, False) or bool(ill)
    number: dict[str, int] = {}
    for ill in (True, False):
        for k, study in enumerate(s for s, own in diseased.items() if own is ill):
            number[study] = k % FOLDS
    return np.array([number[study] for study in studies], dtype=np.int64)
