"""From estimates with their intervals to the figures that a bundle keeps."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from math import isfinite
from typing import Protocol

from deepvein.evaluation.statistics import Estimate
from deepvein.screening.bundle import Metric


def metrics_of(names: Iterable[str], estimates: Iterable[Estimate]) -> tuple[Metric, ...]:
    """One figure for each name; what could not be computed (NaN) is left out, an interval that could not
    is None at both ends, and so is one without width."""
    return tuple(
        _metric(name, one)
        for name, one in zip(names, estimates, strict=True)
        if isfinite(one.value)
    )


class _Figure(Protocol):
    """A figure by its name, with the lower end of its interval, None without one."""

    @property
    def name(self) -> str: ...

    @property
    def low(self) -> float | None: ...


def not_measured(
    names: Iterable[str], metrics: Collection[_Figure], cases: int, sick: int
) -> tuple[str, ...]:
    """Which of the figures `names` are not among `metrics`, which of these lack an interval, and why; `sick` of
    the `cases` have DVT."""
    there = {metric.name for metric in metrics}
    lost = [name for name in names if name not in there]
    bare = [metric.name for metric in metrics if metric.low is None]
    notes = (_no_interval(bare),) if bare else ()
    if not lost:
        return notes
    if sick in (0, cases):
        why = f"{'no case has' if not sick else 'every case has'} DVT"
    else:
        why = "these cases do not show what they are counted on"
    return (f"not measured, since {why}: {', '.join(lost)}", *notes)


def _no_interval(names: Collection[str]) -> str:
    return (
        "no interval, since the patients are one, too few with what is counted, or all alike, which does not "
        f"tell how others differ: {', '.join(names)}"
    )


def _metric(name: str, one: Estimate) -> Metric:
    if not one.has_width:
        return Metric(name, one.value)
    return Metric(name, one.value, one.low, one.high)
