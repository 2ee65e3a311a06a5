"""Scores and truths as they come in: what is missing is refused, and rounding makes no difference."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepvein.core.errors import CohortError

DIGITS = 12
"""Significant digits of a score that count: sums in another order differ from the fourteenth on."""


def numbers(values: ArrayLike) -> NDArray[np.float64]:
    """Values as float64, NaN where one is missing: None, masked, NA of data frames. CohortError for words."""
    hidden = np.ma.getmaskarray(values) if isinstance(values, np.ma.MaskedArray) else np.False_
    given = np.asarray(values)
    if given.dtype == np.object_:
        missing = [_is_missing(one) for one in given.flat]
        hidden = hidden | np.array(missing, dtype=bool).reshape(given.shape)
        given = np.where(hidden, np.nan, given)
    try:
        return np.where(hidden, np.nan, given.astype(np.float64))
    except (TypeError, ValueError) as error:
        raise CohortError(f"a figure or score is a number: {error}") from error


def _is_missing(value: object) -> bool:
    return value is None or str(value) in ("<NA>", "--")


def binary(truth: ArrayLike) -> NDArray[np.bool_]:
    """(n,) truths of 0 or 1, False or True. Raises CohortError for any other value, NaN and None among them."""
    given = np.asarray(truth).ravel()
    if given.dtype == np.bool_ and not isinstance(truth, np.ma.MaskedArray):
        return given
    try:
        values = numbers(truth).ravel()
    except CohortError:
        values = np.full(given.shape, np.nan)
    wrong = np.flatnonzero((values != 0) & (values != 1))
    if len(wrong):
        raise CohortError(
            f"a truth is 0 or 1, got {given[wrong[0]]!r} for case {wrong[0] + 1} of {len(given)}"
        )
    return np.asarray(values == 1)


def levels(scores: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The (m,) distinct values of (n,) finite scores, ascending, and which of them each score has.

    Scores that differ by less than DIGITS significant digits of the largest are one level; its value is the
    lowest of them, so that `score >= level` holds for all.
    """
    distinct, place = np.unique(scores, return_inverse=True)
    if not len(distinct):
        return distinct, place.astype(np.int64)
    noise = 10.0**-DIGITS * np.abs(distinct[[0, -1]]).max()
    first = np.diff(distinct, prepend=-np.inf) > noise
    return distinct[first], (np.cumsum(first) - 1)[place]
