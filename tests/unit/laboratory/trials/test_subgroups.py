from dataclasses import replace

import pytest

from deepvein.anatomy.veins import VeinSegment
from deepvein.laboratory.trials.subgroups import UNNAMED, subgroups, territory
from unit.laboratory.trials.outcomes import finding, outcome, thrombus_outcome


def by(outcomes, kind):
    found = {one.group: one for one in subgroups(outcomes, draws=20) if one.by == kind}
    return found, {
        group: {metric.name: metric.value for metric in one.metrics} for group, one in found.items()
    }


def with_thrombi(number, *thrombi):
    return replace(outcome(number, has_dvt=True), thrombi=thrombi)


OUTCOMES = [
    with_thrombi(
        0,
        thrombus_outcome(number=1),
        thrombus_outcome(False, number=2, segments=(VeinSegment.PERONEAL,), length_mm=30.0),
    ),
    with_thrombi(1, thrombus_outcome(False, acute=False, occlusive=False)),
    outcome(2, has_dvt=False, false=2),
]


def test_sensitivity_and_dice_are_those_of_the_thrombi_of_a_kind():
    found, values = by(OUTCOMES, "location")
    assert {group: one.count for group, one in found.items()} == {
        "femoropopliteal": 2,
        "isolated calf": 1,
    }
    assert values["femoropopliteal"] == {"lesion sensitivity": 0.5, "lesion Dice": 0.375}
    assert values["isolated calf"]["lesion sensitivity"] == 0.0
    _, values = by(OUTCOMES, "extent")
    assert values["up to 50 mm"]["lesion sensitivity"] == 0.0
    assert values["50 to 200 mm"]["lesion sensitivity"] == 0.5
    _, values = by(OUTCOMES, "age")
    assert values["chronic"]["lesion sensitivity"] == 0.0
    assert values["acute"]["lesion sensitivity"] == 0.5
    told = [m for g in found.values() for m in g.metrics if m.low is not None]
    assert all(m.low <= m.value <= m.high for m in told)


def test_only_what_would_be_reported_is_found():
    strict = [replace(one, least_probability=0.95) for one in OUTCOMES]
    _, values = by(strict, "location")
    assert values["femoropopliteal"]["lesion sensitivity"] == 0.0


def test_what_is_not_known_makes_no_group():
    unknown = [with_thrombi(0, thrombus_outcome(acute=None, occlusive=None, segments=()))]
    assert {one.by for one in subgroups(unknown, draws=5)} == {"extent"}
    assert subgroups([]) == ()


def test_centres_are_told_apart_where_there_are_several():
    rows = [
        outcome(0, has_dvt=True, probability=0.9, centre="A"),
        outcome(1, has_dvt=False, probability=0.1, centre="A"),
        outcome(2, has_dvt=True, probability=0.1, centre="B", found=False),
        outcome(3, has_dvt=False, probability=0.9, false=3, centre="B"),
    ]
    found, values = by(rows, "centre")
    assert {one.count for one in found.values()} == {2}
    assert (values["A"]["study AUROC"], values["B"]["study AUROC"]) == (1.0, 0.0)
    assert values["B"]["lesion sensitivity"] == 0.0
    assert values["B"]["false positives a study"] == 1.5
    assert by(rows[:2], "centre") == ({}, {})


def test_false_findings_are_counted_by_the_vein_they_lie_in():
    found, values = by(OUTCOMES, "territory")
    assert found["popliteal vein"].count == 2
    assert values["popliteal vein"]["false findings a study"] == pytest.approx(2 / 3)
    assert values["popliteal vein"]["share of them in a vein"] == 0.0
    assert territory(replace(finding(), segments=())) == UNNAMED
