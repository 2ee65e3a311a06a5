"""From scores to probabilities that mean what they say, by logistic regression on few features.

Coefficients are plain numbers and travel in a model's `model.json`. Platt scaling (Platt 1999, Advances in
Large Margin Classifiers, 61-74) is the case of one feature, the logit of the score.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepvein.core.errors import MissingExtraError, SettingsError

Float = NDArray[np.float64]

_TINY = 1e-4


@dataclass(frozen=True)
class LogisticCalibration:
    """Probability = sigmoid(intercept + sum of coefficient * (feature - mean) / scale).

    features: names in the order of the columns; the other tuples have the same length, scales above 0.
    measured_on: what it was fitted on, for people.
    """

    features: tuple[str, ...]
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    coefficients: tuple[float, ...]
    intercept: float
    measured_on: str = ""

    def __post_init__(self) -> None:
        lengths = {len(self.features), len(self.mean), len(self.scale), len(self.coefficients)}
        if len(lengths) != 1:
            raise SettingsError(f"a calibration needs one number for each of {self.features}")
        numbers = (*self.mean, *self.scale, *self.coefficients, self.intercept)
        if not np.isfinite(numbers).all() or min(self.scale, default=1.0) <= 0:
            raise SettingsError("the numbers of a calibration must be finite, its scales above 0")

    def apply(self, values: ArrayLike) -> Float:
        """(n,) probabilities in [0, 1] of (n, k) feature values, k the number of features."""
        table = np.asarray(values, dtype=np.float64).reshape(-1, len(self.features))
        scaled = (table - np.asarray(self.mean)) / np.asarray(self.scale)
        return sigmoid(scaled @ np.asarray(self.coefficients) + self.intercept)


@dataclass(frozen=True)
class Calibration:
    """What turns scores of one model into probabilities; None leaves scores as they are.

    lesion: from LESION_FEATURES, or READ_LESION_FEATURES where a second reader is asked; study: from
    STUDY_FEATURES; profile: from PROFILE_FEATURES.
    """

    lesion: LogisticCalibration | None = None
    study: LogisticCalibration | None = None
    profile: LogisticCalibration | None = None


def fit(
    features: tuple[str, ...],
    values: ArrayLike,
    truth: ArrayLike,
    measured_on: str = "",
    strength: float = 1.0,
    *,
    increasing: bool = False,
) -> LogisticCalibration:
    """Logistic regression of (n,) truth (0 or 1) on (n, k) feature values.

    strength: inverse of the L2 penalty on standardised coefficients. increasing: no feature may lower the
    probability; the one that lowers it most is dropped (coefficient 0) until none does. Raises
    SettingsError unless both outcomes occur; needs scikit-learn (extra `train`).
    """
    try:
        from sklearn.linear_model import LogisticRegression
    except ImportError as error:
        raise MissingExtraError("fitting a calibration", "train") from error

    table = np.asarray(values, dtype=np.float64).reshape(-1, len(features))
    outcome = np.asarray(truth).astype(bool)
    if len(outcome) != len(table) or outcome.all() or not outcome.any():
        raise SettingsError(
            f"a calibration needs cases of both outcomes, got {int(outcome.sum())} positive "
            f"among {len(outcome)}"
        )
    mean, scale = table.mean(axis=0), table.std(axis=0)
    scale = np.where(scale < 1e-9, 1.0, scale)
    scaled = (table - mean) / scale
    coefficients = np.zeros(len(features))
    kept = np.arange(len(features))
    while True:
        # Without any feature a constant one leaves the intercept to say how often the outcome occurs.
        shown = scaled[:, kept] if len(kept) else np.zeros((len(table), 1))
        model = LogisticRegression(C=strength, max_iter=1000).fit(shown, outcome)
        slopes = model.coef_[0][: len(kept)]
        if not increasing or not len(kept) or slopes.min() >= 0:
            break
        kept = np.delete(kept, slopes.argmin())
    coefficients[kept] = slopes
    return LogisticCalibration(
        features=features,
        mean=tuple(mean.tolist()),
        scale=tuple(scale.tolist()),
        coefficients=tuple(coefficients.tolist()),
        intercept=float(model.intercept_[0]),
        measured_on=measured_on,
    )


def logit(probability: ArrayLike) -> Float:
    """log(p / (1 - p)), p kept within [0.0001, 0.9999]."""
    p = np.clip(np.asarray(probability, dtype=np.float64), _TINY, 1 - _TINY)
    result: Float = np.log(p / (1 - p))
    return result


def sigmoid(value: ArrayLike) -> Float:
    """1 / (1 + exp(-v)), without overflow."""
    v = np.asarray(value, dtype=np.float64)
    small = np.exp(-np.abs(v))
    result: Float = np.where(v >= 0, 1.0, small) / (1.0 + small)
    return result
