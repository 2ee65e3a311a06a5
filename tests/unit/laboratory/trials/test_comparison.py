from dataclasses import replace

import pytest

from deepvein.core.errors import CohortError
from deepvein.evaluation.metrics import Overlap
from deepvein.findings.screening import OperatingPoint
from deepvein.laboratory.trials.comparison import RIGHT, differences_of
from unit.laboratory.trials.outcomes import outcome

POINT = OperatingPoint("even odds", 0.5, None, None, "nothing")
POINTS = (POINT, POINT)


def compared(old, new):
    return {one.name: one for one in differences_of(old, new, POINTS, draws=200)}


@pytest.fixture
def old():
    """Four sick studies of which two are found, four others of which one is taken for sick."""
    sick = [
        outcome(n, has_dvt=True, found=n < 2, probability=0.9 if n < 2 else 0.2) for n in range(4)
    ]
    free = [
        outcome(n, has_dvt=False, false=int(n == 4), probability=0.7 if n == 4 else 0.1)
        for n in range(4, 8)
    ]
    return [*sick, *free]


@pytest.fixture
def new():
    """All of them called rightly, the sick ones more sharply outlined."""
    sick = [
        replace(outcome(n, has_dvt=True, probability=0.9), thrombus=Overlap(40, 0, 0, 1000))
        for n in range(4)
    ]
    return [*sick, *(outcome(n, has_dvt=False, probability=0.1) for n in range(4, 8))]


def test_differences_are_those_counted_by_hand(old, new):
    found = compared(old, new)
    assert found["lesion sensitivity"].difference == pytest.approx(0.5)
    assert found["false positives a study"].difference == pytest.approx(-1 / 8)
    assert (found[RIGHT].old, found[RIGHT].new) == (5 / 8, 1.0)
    assert found["thrombus Dice"].difference == pytest.approx(0.25)
    assert found["study sensitivity"].difference == pytest.approx(0.5)
    for one in found.values():
        assert one.difference == pytest.approx(one.new - one.old)
        assert one.low <= one.difference <= one.high


def test_the_tests_for_pairs_are_made_and_corrected(old, new):
    found = compared(old, new)
    # Three studies that the new one alone calls rightly: 2 / 2^3.
    assert found[RIGHT].test == "McNemar"
    assert found[RIGHT].p == pytest.approx(0.25)
    assert found["study AUROC"].test == "DeLong"
    assert found["thrombus Dice"].test == "Wilcoxon"
    assert found["thrombus Dice"].p == pytest.approx(2 / 2**4)
    tested = [one for one in found.values() if one.p is not None]
    assert len(tested) == 3
    assert all(one.p_holm >= one.p for one in tested)
    assert found["slice AUROC"].p is None


def test_a_bundle_is_no_better_than_itself(old):
    for one in compared(old, old).values():
        assert (one.difference, one.low, one.high) == (0, 0, 0)
        assert one.p in (None, 1.0)


def test_the_veins_of_reviewed_studies_are_nobody_s_merit(old, new):
    assert not any("vein" in name for name in compared(old, new))


def test_other_cases_are_refused(old, new):
    with pytest.raises(CohortError, match="same cases in the same order"):
        differences_of(old, new[1:], POINTS)


def test_one_class_alone_has_no_auroc(old):
    found = compared(old[:4], old[:4])
    assert "study AUROC" not in found
    assert "study specificity" not in found
