from __future__ import annotations

import pytest
from sqlalchemy import select

from deepvein.node.completeness import Completeness, CompletenessSettings
from deepvein.node.database.schema import JobRow, SendingRow, SeriesRow, StudyRow
from deepvein.node.rules import DEFAULT_RULES
from deepvein.node.states import StudyState


class Clock:
    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def watch(database, clock):
    return Completeness(database, CompletenessSettings(10.0, 100.0), DEFAULT_RULES, clock)


@pytest.fixture
def study(database):
    with database.writing() as session:
        session.add(
            StudyRow(id=1, uid="1.2", arrivals=1, series=[SeriesRow(uid="1.3", modality="CT")])
        )


def state(database) -> StudyState:
    with database.reading() as session:
        return session.scalars(select(StudyRow.state)).one()


def test_a_quiet_study_is_queued_once(database, watch, clock, study):
    assert not watch.step()
    clock.time += 9.9
    assert not watch.step()
    clock.time += 0.2
    assert watch.step()
    assert state(database) is StudyState.QUEUED
    clock.time += 100
    assert not watch.step()
    with database.reading() as session:
        assert len(session.scalars(select(JobRow)).all()) == 1


def test_every_new_image_begins_the_wait_anew(database, watch, clock, study):
    for _ in range(5):
        watch.step()
        clock.time += 9
        with database.writing() as session:
            session.get(StudyRow, 1).arrivals += 1
    assert not watch.step()
    clock.time += 11
    assert watch.step()


def test_an_open_association_keeps_a_study_open_but_not_for_ever(database, watch, clock, study):
    with database.writing() as session:
        session.add(SendingRow(receiver="r", association="a", study_id=1))
    watch.step()
    clock.time += 50
    assert not watch.step()
    clock.time += 51
    assert watch.step()


def test_an_image_that_comes_between_look_and_decision_is_not_overlooked(
    database, watch, clock, study, monkeypatch
):
    watch.step()
    clock.time += 11
    decide = watch._decide

    def late(number, arrivals):
        with database.writing() as session:
            session.get(StudyRow, 1).arrivals += 1
        decide(number, arrivals)

    monkeypatch.setattr(watch, "_decide", late)
    watch.step()
    assert state(database) is StudyState.RECEIVING


def test_what_no_rule_wants_is_listed_with_the_reason(database, watch, clock, study):
    with database.writing() as session:
        session.scalars(select(SeriesRow)).one().modality = "US"
    watch.step()
    clock.time += 11
    watch.step()
    with database.reading() as session:
        found = session.scalars(select(StudyRow)).one()
        assert (found.state, "US" in found.reason) == (StudyState.LEFT_OUT, True)
        assert session.scalars(select(JobRow)).all() == []


def test_two_watchers_make_one_job(database, clock, study):
    settings = CompletenessSettings(10.0, 100.0)
    watchers = [Completeness(database, settings, DEFAULT_RULES, clock) for _ in range(2)]
    for one in watchers:
        one.step()
    clock.time += 11
    for one in watchers:
        one.step()
    with database.reading() as session:
        assert len(session.scalars(select(JobRow)).all()) == 1


def test_the_next_look_is_due_when_the_study_is(watch, clock, study):
    watch.step()
    assert watch.pause_s() == 0.2
    clock.time += 9.95
    watch.step()
    assert watch.pause_s() == pytest.approx(0.05)
    clock.time += watch.pause_s() + 1e-6
    assert watch.step()
    watch.step()
    assert watch.pause_s() == 0.2
