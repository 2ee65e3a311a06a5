"""What a node did week by week: studies, positive results, waiting, agreement with its readers, drift."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from deepvein.evaluation.statistics import wilson
from deepvein.findings.screening import Verdict
from deepvein.node.database.columns import now
from deepvein.node.database.schema import InstanceRow, ResultRow, ReviewRow, StudyRow
from deepvein.node.drift import RECENT_DAYS, Drift, drifts
from deepvein.node.states import ReviewState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.orm import Session

WEEKS = 12


@dataclass(frozen=True)
class Share:
    """`hits` of `count`, with Wilson's 95 % interval; value, low and high are None for no count."""

    hits: int
    count: int
    value: float | None
    low: float | None
    high: float | None

    @classmethod
    def of(cls, hits: int, count: int) -> Share:
        """The share and its interval."""
        if count == 0:
            return cls(0, 0, None, None, None)
        found = wilson(hits, count)
        return cls(hits, count, float(found.value), float(found.low), float(found.high))


@dataclass(frozen=True)
class Week:
    """From Monday `begin`. studies_agreed: signed studies whose verdict was the software's; findings_accepted:
    of the findings that a reader decided on."""

    begin: date
    received: int
    screened: int
    positive: Share
    studies_agreed: Share
    findings_accepted: Share


@dataclass(frozen=True)
class Dashboard:
    """Weeks from the oldest to the present one; minutes from the last image to the result of the last
    `RECENT_DAYS`, median and 90th percentile, None without a result; drift of all that is watched."""

    weeks: tuple[Week, ...]
    minutes_median: float | None
    minutes_p90: float | None
    drift: tuple[Drift, ...]


def dashboard(session: Session, moment: datetime | None = None) -> Dashboard:
    """All figures as of `moment` (now unless told otherwise)."""
    moment = moment or now()
    first = _monday(moment) - timedelta(weeks=WEEKS - 1)
    since = datetime.combine(first, datetime.min.time(), moment.tzinfo)
    weeks: dict[date, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for received in session.scalars(select(StudyRow.received).where(StudyRow.received >= since)):
        weeks[_monday(received)]["received"] += 1
    for created, verdict in _results(session, since):
        week = weeks[_monday(created)]
        week["screened"] += 1
        week["positive"] += verdict == Verdict.SUSPECTED.value
    for signed_at, said, read, decisions in _signed(session, since):
        week = weeks[_monday(signed_at)]
        week["signed"] += 1
        week["agreed"] += said == read
        for one in decisions.values():
            week["decided"] += 1
            week["accepted"] += one["choice"] == "accepted"
    minutes = _minutes(session, moment - timedelta(days=RECENT_DAYS))
    return Dashboard(
        weeks=tuple(
            _week(begin, weeks[begin])
            for begin in (first + timedelta(weeks=number) for number in range(WEEKS))
        ),
        minutes_median=float(np.median(minutes)) if minutes else None,
        minutes_p90=float(np.percentile(minutes, 90)) if minutes else None,
        drift=drifts(session, moment),
    )


def _monday(moment: datetime) -> date:
    return moment.date() - timedelta(days=moment.weekday())


def _week(begin: date, counts: dict[str, int]) -> Week:
    return Week(
        begin,
        counts["received"],
        counts["screened"],
        Share.of(counts["positive"], counts["screened"]),
        Share.of(counts["agreed"], counts["signed"]),
        Share.of(counts["accepted"], counts["decided"]),
    )


def _last_of_each() -> Select[Any]:
    """The software's last result of each study, also where a reader's took its place."""
    return (
        select(func.max(ResultRow.id))
        .where(ResultRow.job_id.is_not(None))
        .group_by(ResultRow.study_id)
    )


def _results(session: Session, since: datetime) -> Iterable[Any]:
    return session.execute(
        select(ResultRow.created, ResultRow.verdict).where(
            ResultRow.created >= since, ResultRow.id.in_(_last_of_each())
        )
    )


def _signed(session: Session, since: datetime) -> Iterable[Any]:
    read = aliased(ResultRow)
    return session.execute(
        select(ReviewRow.signed, ResultRow.verdict, read.verdict, ReviewRow.decisions)
        .join(ResultRow, ResultRow.id == ReviewRow.result_id)
        .join(read, read.id == ReviewRow.signed_result_id)
        .where(ReviewRow.state == ReviewState.SIGNED, ReviewRow.signed >= since)
    )


def _minutes(session: Session, since: datetime) -> list[float]:
    """From the last image to the software's result."""
    last = (
        select(InstanceRow.study_id, func.max(InstanceRow.received).label("last"))
        .group_by(InstanceRow.study_id)
        .subquery()
    )
    rows = session.execute(
        select(ResultRow.created, last.c.last)
        .join(last, last.c.study_id == ResultRow.study_id)
        .where(ResultRow.created >= since, ResultRow.id.in_(_last_of_each()))
    )
    return [max(0.0, (created - came).total_seconds() / 60) for created, came in rows]
