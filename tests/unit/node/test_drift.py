from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from deepvein.node.drift import LEAST, REFERENCE, WATCHED, drifts
from unit.node.test_dashboard import NOW, models_of, screened

RECENT = LEAST + 30


def history(database, *, bundle="ct", shift=0.0, noise=1.0, late_days=3):
    """The first studies of a site, and those of the last days with other probabilities or noise."""
    chance = np.random.default_rng(3)
    with database.writing() as session:
        for number in range(REFERENCE + RECENT):
            late = number >= REFERENCE
            probability = float(chance.uniform(0, 0.6) + shift * late)
            row = screened(
                session,
                f"{bundle}{number}",
                days=late_days if late else 60,
                probability=probability,
            )
            sd = float(chance.normal(10, 2)) * (noise if late else 1)
            row.image = {"pixel_mm": 0.8, "slice_mm": 2.0, "noise": sd, "opacification": None}
            row.models = models_of(bundle)


def told(database):
    with database.reading() as session:
        return {one.name: one for one in drifts(session, NOW)}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [({}, set()), ({"shift": 0.35}, {"probability"}), ({"noise": 1.6}, {"noise"})],
)
def test_what_moved_raises_its_own_alarm(database, changed, expected):
    history(database, **changed)
    found = told(database)
    assert tuple(found) == WATCHED
    assert {name for name, one in found.items() if one.alarm} == expected
    assert (found["noise"].recent, found["noise"].reference) == (RECENT, REFERENCE)
    assert found["slice_mm"].p == 1.0
    assert (found["pixel_mm"].recent_median, found["pixel_mm"].reference_median) == (0.8, 0.8)


def test_what_was_never_told_is_not_compared(database):
    history(database)
    one = told(database)["opacification"]
    assert (one.recent, one.reference, one.p, one.recent_median) == (0, 0, None, None)


def alarms(database):
    with database.reading() as session:
        return {(one.models, one.name) for one in drifts(session, NOW) if one.alarm}


def test_models_that_serve_in_turn_are_watched_each(database):
    """CT and MR, or two bundles: whichever of them screened last."""
    history(database, shift=0.35)
    history(database, bundle="mr", noise=1.6)
    assert alarms(database) == {("ct 1", "probability"), ("mr 1", "noise")}
    with database.writing() as session:
        screened(session, "last", days=1)
    assert alarms(database) == {("ct 1", "probability"), ("mr 1", "noise")}


def test_other_models_begin_anew(database):
    history(database, shift=0.35, late_days=40)
    assert {one.models for one in told(database).values()} == {"ct 1"}
    with database.writing() as session:
        screened(session, 9999, days=1).models = models_of("next")
    assert {(one.models, one.alarm) for one in told(database).values()} == {("next 1", False)}


def test_a_study_that_no_model_could_look_at_hides_nothing(database):
    history(database, shift=0.35)
    with database.writing() as session:
        screened(session, 9999, days=1).models = []
    assert alarms(database) == {("ct 1", "probability")}


def test_too_few_studies_raise_no_alarm(database):
    with database.writing() as session:
        for number in range(LEAST):
            screened(session, number, days=60, probability=0.1)
    assert {one.p for one in told(database).values()} == {None}


def test_only_the_last_days_are_recent(database):
    history(database, shift=0.35)
    with database.reading() as session:
        later = drifts(session, NOW + timedelta(days=60))
    assert {one.recent for one in later} == {0}
