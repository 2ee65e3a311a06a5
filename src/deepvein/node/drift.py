"""Whether studies have changed since the models came into service.

Probabilities and image statistics of the last `RECENT_DAYS` are held against those of the first `REFERENCE`
studies that the same models screened here (two-sample Kolmogorov-Smirnov), for all models that screened in
these days: those for CT and for MR, and both bundles where two serve in turn. The alarm of one is raised below
`ALARM_P` after Holm's correction for all of them, with at least `LEAST` studies on both sides. It says that
patients, scanners or protocols may have changed, not that the models have become worse; agreement with the
readers tells that.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import select

from deepvein.evaluation.statistics import holm
from deepvein.node.database.schema import ResultRow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

RECENT_DAYS = 30
REFERENCE = 200
LEAST = 30
ALARM_P = 0.01

PROBABILITY = "probability"
WATCHED = (PROBABILITY, "pixel_mm", "slice_mm", "noise", "opacification")
"""The probability, and the fields of `screening.image_statistics.ImageStatistics`."""


@dataclass(frozen=True)
class Drift:
    """Of one of WATCHED. models: name and version of the bundle that screened. recent, reference: how many
    studies are compared, and their medians, None for none; statistic and p (by Holm) are None where they are
    too few for the test."""

    models: str
    name: str
    recent: int
    reference: int
    recent_median: float | None = None
    reference_median: float | None = None
    statistic: float | None = None
    p: float | None = None
    alarm: bool = False


_Study = tuple[datetime, dict[str, Any]]
"""When one was screened, and its value of each of WATCHED that is known."""


def drifts(session: Session, moment: datetime) -> tuple[Drift, ...]:
    """Of all that is watched, as of `moment`, for all models that screened in the last days, or else for those
    that did so last; () where none ever did."""
    since = moment - timedelta(days=RECENT_DAYS)
    compared = []
    for models, studies in _by_models(session, since):
        for name in WATCHED:
            told = [
                (when, values[name]) for when, values in studies if values.get(name) is not None
            ]
            reference = [value for _, value in told[:REFERENCE]]
            recent = [value for when, value in told[REFERENCE:] if when >= since]
            compared.append((models, name, recent, reference))
    tests = [_test(recent, reference) for *_, recent, reference in compared]
    corrected = holm([p for _, p in tests]).tolist()
    return tuple(
        _drift(*one, statistic, p)
        for one, (statistic, _), p in zip(compared, tests, corrected, strict=True)
    )


def _by_models(session: Session, since: datetime) -> list[tuple[str, list[_Study]]]:
    """Name, and all studies, of each bundle that has screened since then, or else last."""
    rows = session.execute(
        select(ResultRow.created, ResultRow.probability, ResultRow.image, ResultRow.models)
        .where(ResultRow.job_id.is_not(None))
        .order_by(ResultRow.id)
    )
    found: dict[str, tuple[str, list[_Study]]] = {}
    last = ""
    for created, probability, image, models in rows:
        if not models:  # none could look at it
            continue
        last = json.dumps(models, sort_keys=True)
        bundle = f"{models[0]['name'].split('/')[0]} {models[0]['version']}"
        _, studies = found.setdefault(last, (bundle, []))
        studies.append((created, {**(image or {}), PROBABILITY: probability}))
    return [
        one
        for models, one in found.items()
        if models == last or any(when >= since for when, _ in one[1])
    ]


def _test(recent: list[float], reference: list[float]) -> tuple[float, float]:
    """Statistic and p; NaN for too few."""
    if min(len(recent), len(reference)) < LEAST:
        return float("nan"), float("nan")
    from scipy.stats import ks_2samp

    tested = ks_2samp(recent, reference)
    return float(tested.statistic), float(tested.pvalue)


def _drift(
    models: str,
    name: str,
    recent: list[float],
    reference: list[float],
    statistic: float,
    p: float,
) -> Drift:
    known = bool(np.isfinite(p))
    return Drift(
        models,
        name,
        len(recent),
        len(reference),
        float(np.median(recent)) if recent else None,
        float(np.median(reference)) if reference else None,
        statistic if known else None,
        p if known else None,
        known and p < ALARM_P,
    )
