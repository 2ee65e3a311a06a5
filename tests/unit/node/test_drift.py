from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from deepvein.node.drift import LEAST, REFERENCE, WATCHED, drifts
from unit.node.test_dashboard import NOW, screened

RECENT = LEAST + 30


def history(database, *, shift=0.0, noise=1.0):
    """The first studies of a site, and those of the last days with other probabilities or noise."""
    chance = np.random.default_rng(3)
    with database.writing() as session:
        for number in range(REFERENCE + RECENT):
            late = number >= REFERENCE
            probability = float(chance.uniform(0, 0.6) + shift * late)
            row = screened(session, number, days=3 if late else 60, probability=probability)
            sd = float(chance.normal(10, 2)) * (noise if late else 1)
            row.image = {"pixel_mm": 0.8, "slice_mm": 2.0, "noise": sd, "opacification": None}


def told(database):
    with database.reading() as session:
        return {one.name: one for one in drifts(session, NOW)}


@pytest.mark.parametrize(
    ("changed", "alarms"),
    [({}, set()), ({"shift": 0.35}, {"probability"}), ({"noise": 1.6}, {"noise"})],
)
def test_what_moved_raises_its_own_alarm(database, changed, alarms):
    history(database, **changed)
    found = told(database)
    assert tuple(found) == WATCHED
    assert {name for name, one in found.items() if one.alarm} == alarms
    assert (found["noise"].recent, found["noise"].reference) == (RECENT, REFERENCE)
    assert found["slice_mm"].p == 1.0
    assert (found["pixel_mm"].recent_median, found["pixel_mm"].reference_median) == (0.8, 0.8)


def test_what_was_never_told_is_not_compared(database):
    history(database)
    one = told(database)["opacification"]
    assert (one.recent, one.reference, one.p, one.recent_median) == (0, 0, None, None)


def test_other_models_begin_anew(database):
    history(database, shift=0.35)
    with database.writing() as session:
        screened(session, 9999, days=1).models = [{"name": "next"}]
    assert not any(one.alarm for one in told(database).values())


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
