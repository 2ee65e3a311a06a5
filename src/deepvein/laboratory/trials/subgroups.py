"""Figures of parts: thrombi by place, extent, age and centre, studies by centre, false findings by vein."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.veins import VeinSegment
from deepvein.evaluation.statistics import bootstrap_many
from deepvein.evaluation.thrombi import Extent, Location
from deepvein.findings.finding import Finding
from deepvein.laboratory.trials.estimates import metrics_of
from deepvein.laboratory.trials.outcome import Outcome, ThrombusOutcome, study_auroc
from deepvein.screening.bundle import Subgroup

NAN = float("nan")
Rows = Sequence[Outcome]

UNNAMED = "no vein named"
IN_VEIN = 0.5
"""A false finding lies in a vein if at least this share of it does."""


@dataclass(frozen=True)
class _Part:
    """One subgroup before it is measured: how many of what it holds, and its figures of given studies."""

    by: str
    group: str
    unit: str
    count: int
    names: tuple[str, ...]
    of: Callable[[Rows], Sequence[float]]


def subgroups(
    outcomes: Sequence[Outcome], seed: int = 0, draws: int = 1000
) -> tuple[Subgroup, ...]:
    """Every subgroup that the outcomes hold, with 95 % percentile bootstraps over patients.

    What is not known of any thrombus (its age, on patients) or the same for all studies (one centre) is
    left out.
    """
    if not outcomes:
        return ()
    parts = [*_of_thrombi(outcomes), *_of_centres(outcomes), *_of_false_findings(outcomes)]

    def of_rows(rows: NDArray[np.int64]) -> list[float]:
        chosen = [outcomes[row] for row in rows]
        return [value for part in parts for value in part.of(chosen)]

    patients = [outcome.case.patient for outcome in outcomes]
    estimates = iter(bootstrap_many(of_rows, patients, seed, draws))
    made = []
    for part in parts:
        metrics = metrics_of(part.names, islice(estimates, len(part.names)))
        made.append(Subgroup(part.by, part.group, part.unit, part.count, metrics))
    return tuple(made)


Belongs = Callable[[ThrombusOutcome], bool]


def _of_thrombi(outcomes: Rows) -> Iterator[_Part]:
    for by, group, belongs in _kinds():
        count = sum(belongs(one) for row in outcomes for one in row.thrombi)
        if count:
            yield _Part(
                by, group, "thrombi", count, ("lesion sensitivity", "lesion Dice"), _found(belongs)
            )


def _kinds() -> Iterator[tuple[str, str, Belongs]]:
    for location in Location:
        yield "location", location.value, lambda one, of=location: one.truth.location is of  # type: ignore[misc]
    for extent in Extent:
        yield "extent", extent.value, lambda one, of=extent: one.truth.extent is of  # type: ignore[misc]
    yield "age", "acute", lambda one: one.truth.acute is True
    yield "age", "chronic", lambda one: one.truth.acute is False
    yield "filling", "occlusive", lambda one: one.truth.occlusive is True
    yield "filling", "partial", lambda one: one.truth.occlusive is False


def _found(belongs: Belongs) -> Callable[[Rows], Sequence[float]]:
    def of(rows: Rows) -> Sequence[float]:
        own = [(row.is_found(one), one.dice) for row in rows for one in row.thrombi if belongs(one)]
        return np.mean(own, axis=0).tolist() if own else (NAN, NAN)

    return of


def _of_centres(outcomes: Rows) -> Iterator[_Part]:
    centres = sorted({row.case.centre for row in outcomes if row.case.centre})
    names = (
        "study AUROC",
        "deep-vein Dice",
        "thrombus Dice",
        "lesion sensitivity",
        "false positives a study",
    )
    for centre in centres if len(centres) > 1 else ():
        count = sum(row.case.centre == centre for row in outcomes)
        yield _Part("centre", centre, "studies", count, names, _at_centre(centre))


def _at_centre(centre: str) -> Callable[[Rows], Sequence[float]]:
    sensitivity = _found(lambda _: True)

    def of(rows: Rows) -> Sequence[float]:
        own = [row for row in rows if row.case.centre == centre]
        return (
            study_auroc(own),
            _mean([row.veins.dice for row in own if row.shows_veins]),
            _mean([row.thrombus.dice for row in own if row.has_dvt]),
            sensitivity(own)[0],
            _mean([float(len(row.false_findings)) for row in own]),
        )

    return of


def _of_false_findings(outcomes: Rows) -> Iterator[_Part]:
    names = ("false findings a study", "share of them in a vein")
    groups = [*(segment.term.name for segment in VeinSegment if segment.is_deep), UNNAMED]
    for group in groups:
        count = sum(territory(f) == group for row in outcomes for f, _ in row.false_findings)
        if count:
            yield _Part("territory", group, "false findings", count, names, _false_in(group))


def territory(finding: Finding) -> str:
    """The vein that most of a finding lies in or beside."""
    return finding.segments[0].segment.term.name if finding.segments else UNNAMED


def _false_in(group: str) -> Callable[[Rows], Sequence[float]]:
    def of(rows: Rows) -> Sequence[float]:
        inside = [
            share >= IN_VEIN
            for row in rows
            for finding, share in row.false_findings
            if territory(finding) == group
        ]
        return len(inside) / len(rows), _mean([float(one) for one in inside])

    return of


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else NAN
