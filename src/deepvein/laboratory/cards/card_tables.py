"""The tables of a measurement in Markdown, beside what was aimed for."""

from __future__ import annotations

from collections.abc import Sequence

from deepvein.evaluation.lesions import RATES
from deepvein.laboratory.cards.aims import aim_of
from deepvein.laboratory.trials.measurement import FROC_MEAN, rate_name
from deepvein.screening.bundle import Measurement, Metric, Subgroup, of_patients
from deepvein.studies.study import Modality

AIMED_RATE = 0.5
"""The one rate of false positives that has an aim, and so stands among the first figures."""

_NO_WIDTH = 1e-6
"""Of an interval; ends that arithmetic alone parts are one."""

_BY = {
    "location": "By location of the thrombus",
    "extent": "By its length along the body",
    "age": "By its age",
    "filling": "By how it fills the vein",
    "centre": "By centre",
    "territory": "Where false findings lie",
}


def measured_tables(measured: Measurement, modality: Modality) -> list[str]:
    """Lines: all figures with their aims, the FROC curve at its rates, a table for each kind of subgroup."""
    return [
        f"On {measured.cohort}, {measured.with_dvt} of {measured.cases} with DVT"
        f"{of_patients(measured.patients)}:",
        "",
        *_figures(measured, modality),
        *_froc(measured),
        *(line for by in _BY for line in _parts(by, measured.subgroups)),
    ]


def not_reached(measured: Measurement, modality: Modality) -> tuple[str, ...]:
    """The aims that were missed, in words."""
    missed = []
    for metric in measured.metrics:
        aim = aim_of(metric.name, modality)
        if aim is not None and not aim.is_reached(metric):
            missed.append(f"{metric.name} is {metric.value:.3f}, aimed for {aim.least:.2f}")
    return tuple(missed)


def _figures(measured: Measurement, modality: Modality) -> list[str]:
    apart = {FROC_MEAN, *(rate_name(rate) for rate in RATES if rate != AIMED_RATE)}
    lines = ["| measure | value | 95 % interval | aim | reached |", "|---|---|---|---|---|"]
    for metric in measured.metrics:
        if metric.name in apart:
            continue
        aim = aim_of(metric.name, modality)
        wanted = "" if aim is None else f"≥ {aim.least:.2f}"
        reached = "" if aim is None else "yes" if aim.is_reached(metric) else "**no**"
        lines.append(
            f"| {metric.name} | {metric.value:.3f} | {interval(metric)} | {wanted} | {reached} |"
        )
    return [*lines, ""]


def _froc(measured: Measurement) -> list[str]:
    known = {metric.name: metric for metric in measured.metrics}
    if FROC_MEAN not in known:
        return []
    lines = ["| false positives a study | lesion sensitivity | 95 % interval |", "|---|---|---|"]
    for rate in RATES:
        metric = known[rate_name(rate)]
        lines.append(f"| {_fraction(rate)} | {metric.value:.3f} | {interval(metric)} |")
    mean = known[FROC_MEAN]
    return [*lines, f"| mean | {mean.value:.3f} | {interval(mean)} |", ""]


def _fraction(rate: float) -> str:
    return f"{rate:g}" if rate >= 1 else f"1/{1 / rate:g}"


def _parts(by: str, every: Sequence[Subgroup]) -> list[str]:
    parts = [part for part in every if part.by == by]
    if not parts:
        return []
    names = list(dict.fromkeys(metric.name for part in parts for metric in part.metrics))
    unit = parts[0].unit
    lines = [
        f"### {_BY[by]}",
        "",
        f"| {by} | {unit} | {' | '.join(names)} |",
        "|---" * (2 + len(names)) + "|",
    ]
    for part in parts:
        known = {metric.name: metric for metric in part.metrics}
        cells = [_with_interval(known.get(name)) for name in names]
        lines.append(f"| {part.group} | {part.count} | {' | '.join(cells)} |")
    return [*lines, ""]


def _with_interval(metric: Metric | None) -> str:
    if metric is None:
        return "–"
    ends = interval(metric)
    return f"{metric.value:.2f} ({ends})" if ends else f"{metric.value:.2f}"


def interval(metric: Metric) -> str:
    """Both ends of a figure's interval, or nothing where it has none.

    One without width, as bundles of before 0.5 store it, is none: it would read like certainty.
    """
    if metric.low is None or metric.high is None or metric.high - metric.low < _NO_WIDTH:
        return ""
    return f"{metric.low:.2f} to {metric.high:.2f}"
