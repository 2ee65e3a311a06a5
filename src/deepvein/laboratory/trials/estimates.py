"""From estimates with their intervals to the figures that a bundle keeps."""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite

from deepvein.evaluation.statistics import Estimate
from deepvein.screening.bundle import Metric


def metrics_of(names: Iterable[str], estimates: Iterable[Estimate]) -> tuple[Metric, ...]:
    """One figure for each name; what could not be computed (NaN) is left out, an interval that could not
    is None at both ends."""
    return tuple(
        _metric(name, one)
        for name, one in zip(names, estimates, strict=True)
        if isfinite(one.value)
    )


def _metric(name: str, one: Estimate) -> Metric:
    if not (isfinite(one.low) and isfinite(one.high)):
        return Metric(name, one.value)
    return Metric(name, one.value, one.low, one.high)
