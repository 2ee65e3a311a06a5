"""The figures against a node whose story is known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from deepvein.node.dashboard import WEEKS, Share, dashboard
from deepvein.node.database.schema import (
    InstanceRow,
    JobRow,
    ResultRow,
    ReviewRow,
    SeriesRow,
    StudyRow,
)
from deepvein.node.states import JobState, ReviewState

NOW = datetime(2026, 3, 11, 12, tzinfo=UTC)
"""A Wednesday."""


def models_of(bundle):
    """Of a screening by this bundle."""
    return [
        {"name": f"{bundle}/{one}", "version": "1", "sha256": bundle}
        for one in ("localiser", "segmenter")
    ]


def screened(session, number, *, days=0.0, probability=0.9, wait_min=5.0):
    """A study that came `days` ago and was screened `wait_min` minutes after its last image."""
    came = NOW - timedelta(days=days)
    study = StudyRow(uid=f"1.{number}", received=came)
    session.add(study)
    session.flush()
    series = SeriesRow(study_id=study.id, uid="1")
    job = JobRow(study_id=study.id, revision=1, priority=1, state=JobState.DONE)
    session.add_all([series, job])
    session.flush()
    for order, at in enumerate((came - timedelta(minutes=9), came)):
        session.add(
            InstanceRow(
                study_id=study.id, series_id=series.id, uid=f"{order}", sop_class="1",
                transfer_syntax="1", path="x", bytes=1, sha256="x", received=at,
            )
        )  # fmt: skip
    result = ResultRow(
        study_id=study.id, job_id=job.id, revision=1, findings=1, folder="x",
        verdict="DVT suspected" if probability > 0.5 else "no DVT found", probability=probability,
        created=came + timedelta(minutes=wait_min), models=models_of("ct"),
    )  # fmt: skip
    session.add(result)
    session.flush()
    return result


def signed(session, result, verdict, choices, days=0.0):
    read = ResultRow(
        study_id=result.study_id, job_id=None, revision=1, findings=0, folder="y", verdict=verdict,
        probability=1.0, created=NOW,
    )  # fmt: skip
    session.add(read)
    session.flush()
    session.add(
        ReviewRow(
            result_id=result.id, uid=f"2.{result.id}", state=ReviewState.SIGNED, changed_by="anna",
            decisions={str(n): {"choice": choice} for n, choice in enumerate(choices, 1)},
            signed=NOW - timedelta(days=days), signed_result_id=read.id,
        )
    )  # fmt: skip


def test_an_empty_node_has_weeks_and_no_shares(database):
    with database.reading() as session:
        told = dashboard(session, NOW)
    assert len(told.weeks) == WEEKS
    assert told.weeks[-1].begin.isoformat() == "2026-03-09"
    assert {week.positive.value for week in told.weeks} == {None}
    assert told.minutes_median is None
    assert told.drift == ()


def test_weeks_count_what_came_what_was_found_and_what_readers_said(database):
    with database.writing() as session:
        results = [
            screened(session, n, probability=p, wait_min=wait)
            for n, (p, wait) in enumerate([(0.9, 4), (0.8, 6), (0.1, 20)])
        ]
        screened(session, 10, days=8, probability=0.2)
        screened(session, 11, days=7 * WEEKS + 7)
        signed(session, results[0], "DVT suspected", ["accepted", "rejected"])
        signed(session, results[1], "no DVT found", ["rejected"])
        signed(session, results[2], "no DVT found", [])
    with database.reading() as session:
        told = dashboard(session, NOW)
    week, before = told.weeks[-1], told.weeks[-2]
    assert (week.received, week.screened, before.received) == (3, 3, 1)
    assert (week.positive.hits, week.positive.count) == (2, 3)
    assert (week.studies_agreed.hits, week.studies_agreed.count) == (2, 3)
    assert (week.findings_accepted.hits, week.findings_accepted.count) == (1, 3)
    assert sum(one.received for one in told.weeks) == 4
    assert told.minutes_median == pytest.approx(5.5)


def test_a_share_has_wilson_s_interval():
    share = Share.of(8, 10)
    assert (share.low, share.high) == pytest.approx((0.4902, 0.9433), abs=1e-4)


def test_a_study_counts_once_however_often_it_was_screened_and_also_when_it_is_signed(database):
    """An image that came late had it screened again; what a reader signs takes the place of it all."""
    with database.writing() as session:
        first = screened(session, 1, wait_min=2)
        job = JobRow(study_id=first.study_id, revision=2, priority=1, state=JobState.DONE)
        session.add(job)
        session.flush()
        second = ResultRow(
            study_id=first.study_id, job_id=job.id, revision=2, findings=0, folder="z",
            verdict="no DVT found", probability=0.1, created=NOW + timedelta(minutes=4),
        )  # fmt: skip
        session.add(second)
        session.flush()
        signed(session, second, "no DVT found", [])
        first.superseded = second.superseded = True
    with database.reading() as session:
        told = dashboard(session, NOW + timedelta(hours=1))
    positive = told.weeks[-1].positive
    assert (positive.hits, positive.count, told.weeks[-1].screened) == (0, 1, 1)
    assert told.minutes_median == pytest.approx(4.0)
