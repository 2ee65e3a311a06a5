"""Whether studies have changed since the models came into service.

Probabilities and image statistics of the last `RECENT_DAYS` are held against those of the first `REFERENCE`
studies that the same models screened here (two-sample Kolmogorov-Smirnov). The alarm of one is raised below
`ALARM_P` after Holm's correction for all of them, with at least `LEAST` studies on both sides. It says that
patients, scanners or protocols may have changed, not that the models have become worse; agreement with the
readers tells that.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

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
    """Of one of WATCHED. recent, reference: how many studies are compared, and their medians, None for none;
    statistic and p (by Holm) are None where they are too few for the test."""

    name: str
    recent: int
    reference: int
    recent_median: float | None = None
    reference_median: float | None = None
    statistic: float | None = None
    p: float | None = None
    alarm: bool = False


def drifts(session: Session, moment: datetime) -> tuple[Drift, ...]:
    """Of all that is watched, as of `moment`, for the models that screened last."""
    models = session.scalar(
        select(ResultRow.models)
        .where(ResultRow.job_id.is_not(None))
        .order_by(ResultRow.id.desc())
        .limit(1)
    )
    rows = session.execute(
        select(ResultRow.created, ResultRow.probability, ResultRow.image, ResultRow.models)
        .where(ResultRow.job_id.is_not(None))
        .order_by(ResultRow.id)
    )
    same = [
        (created, {**(image or {}), PROBABILITY: probability})
        for created, probability, image, spoke in rows
        if spoke == models
    ]
    since = moment - timedelta(days=RECENT_DAYS)
    compared = []
    for name in WATCHED:
        told = [(created, values[name]) for created, values in same if values.get(name) is not None]
        reference = [value for _, value in told[:REFERENCE]]
        recent = [value for created, value in told[REFERENCE:] if created >= since]
        compared.append((name, recent, reference))
    tests = [_test(recent, reference) for _, recent, reference in compared]
    corrected = holm([p for _, p in tests]).tolist()
    return tuple(
        _drift(name, recent, reference, statistic, p)
        for (name, recent, reference), (statistic, _), p in zip(
            compared, tests, corrected, strict=True
        )
    )


def _test(recent: list[float], reference: list[float]) -> tuple[float, float]:
    """Statistic and p; NaN for too few."""
    if min(len(recent), len(reference)) < LEAST:
        return float("nan"), float("nan")
    from scipy.stats import ks_2samp

    tested = ks_2samp(recent, reference)
    return float(tested.statistic), float(tested.pvalue)


def _drift(
    name: str, recent: list[float], reference: list[float], statistic: float, p: float
) -> Drift:
    known = bool(np.isfinite(p))
    return Drift(
        name,
        len(recent),
        len(reference),
        float(np.median(recent)) if recent else None,
        float(np.median(reference)) if reference else None,
        statistic if known else None,
        p if known else None,
        known and p < ALARM_P,
    )
