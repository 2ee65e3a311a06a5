from dataclasses import replace

import pytest

from deepvein.core.errors import CohortError
from deepvein.evaluation.metrics import Overlap
from deepvein.findings.screening import OperatingPoint
from deepvein.laboratory.trials.comparison import RIGHT, differences_of, unshared, untested
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
        assert one.low is None or one.low <= one.difference <= one.high


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
        assert one.difference == 0
        assert one.p in (None, 1.0)


def test_a_difference_that_all_patients_share_has_no_interval(old, new):
    """Of eight patients who are alike nobody knows how the ninth is: 0 to 0 would say that one does."""
    assert {(one.low, one.high) for one in compared(old, old).values()} == {(None, None)}
    sick = slice(0, 4)
    found = compared(old[sick], new[sick])
    assert (found["thrombus Dice"].difference, found["thrombus Dice"].low) == (0.25, None)
    assert found["lesion sensitivity"].low is not None


def test_the_veins_of_reviewed_studies_are_nobody_s_merit(old, new):
    assert not any("vein" in name for name in compared(old, new))


def test_other_cases_are_refused(old, new):
    with pytest.raises(CohortError, match="same cases in the same order"):
        differences_of(old, new[1:], POINTS)


def test_a_test_that_cannot_be_made_is_told(old, new):
    few = [one for one in old if one.has_dvt][:1] + [one for one in old if not one.has_dvt][:3]
    again = [next(two for two in new if two.case == one.case) for one in few]
    made = differences_of(few, again, POINTS)
    assert next(one for one in made if one.name == "study AUROC").p is None
    (told,) = untested(made, [one.case for one in few])
    assert told.startswith("no test of the study AUROC: DeLong's needs two studies with DVT")
    assert untested(differences_of(old, new, POINTS), [one.case for one in old]) == ()


def test_studies_of_one_patient_are_no_pairs_of_others(old, new):
    def same(outcomes):
        first = outcomes[0].case.patient
        return [replace(one, case=replace(one.case, patient=first)) for one in outcomes]

    made = differences_of(same(old), same(new), POINTS)
    assert made
    assert all(one.p is None and one.test == "" for one in made)
    (told,) = untested(made, [one.case for one in same(old)])
    assert told.startswith("no tests for pairs:")
    assert "studies are of 1 patient;" in told


def test_auroc_of_patients_with_several_studies_is_tested_by_patient(old, new):
    def twice(outcomes):
        return [
            replace(one, case=replace(one.case, patient=f"p{n // 2}", case=f"{copy}-{n}"))
            for copy in range(3)
            for n, one in enumerate(outcomes)
        ]

    made = {one.name: one for one in differences_of(twice(old), twice(new), POINTS, draws=100)}
    assert made["study AUROC"].test == "Obuchowski"
    assert made["study AUROC"].p > compared(old, new)["study AUROC"].p / 3
    assert [one.name for one in made.values() if one.p is not None] == ["study AUROC"]
    (told,) = untested(tuple(made.values()), [one.case for one in twice(old)])
    assert told.startswith("no tests for pairs but that of the AUROC, by patient")


def test_what_one_bundle_alone_assesses_counts_for_neither(old, new):
    """A bundle that leaves what it gets wrong looked as good as one that gets all right."""
    shy = [replace(one, probability=None) if n in (2, 3, 4) else one for n, one in enumerate(old)]
    found = compared(shy, new)
    assert found["study AUROC"].old == found["study AUROC"].new == 1.0
    worse = [replace(one, probability=0.05) if n == 0 else one for n, one in enumerate(new)]
    found = compared(worse, shy)
    assert found["study AUROC"].old == pytest.approx(1 - 3 / 6)
    assert "3 of 8 studies can be assessed by one bundle alone" in unshared(worse, shy)[0]
    assert unshared(old, new) == ()


def test_no_case_is_not_compared():
    with pytest.raises(CohortError, match="one case or more"):
        differences_of([], [], POINTS)


def test_one_class_alone_has_no_auroc(old):
    found = compared(old[:4], old[:4])
    assert "study AUROC" not in found
    assert "study specificity" not in found
