import pytest

from deepvein.findings.screening import OperatingPoint
from deepvein.screening.measurement import measure
from unit.screening.outcomes import outcome

POINT = OperatingPoint("even odds", 0.5, None, None, "nothing")


def figures(outcomes):
    return {metric.name: metric for metric in measure(outcomes, "made up", POINT).metrics}


def test_figures_are_those_counted_by_hand():
    outcomes = [
        outcome(0, has_dvt=True, probability=0.9),
        outcome(1, has_dvt=True, found=False, probability=0.4),
        outcome(2, has_dvt=False, probability=0.6, false=2),
        outcome(3, has_dvt=False, probability=0.1),
    ]
    measured = measure(outcomes, "made up", POINT)
    assert (measured.cases, measured.with_dvt) == (4, 2)
    found = figures(outcomes)
    assert found["deep-vein Dice"].value == pytest.approx(0.8)
    assert found["thrombus Dice"].value == pytest.approx(0.75)
    assert found["vein segments named"].value == pytest.approx(0.9)
    assert found["study sensitivity"].value == 0.5
    assert found["study specificity"].value == 0.5
    assert found["study AUROC"].value == 0.75
    assert found["segment sensitivity"].value == 0.5
    assert found["segment specificity"].value == 1.0
    assert found["false positives a study"].value == 0.5
    assert found["lesion sensitivity at 0.5 false positives a study"].value == 0.5
    assert found["slice AUROC"].value == 1.0
    assert all(m.low <= m.value <= m.high for m in found.values())


def test_what_a_cohort_cannot_give_is_left_out():
    found = figures([outcome(n, has_dvt=False, probability=0.1) for n in range(3)])
    assert "thrombus Dice" not in found
    assert "study AUROC" not in found
    assert found["study specificity"].value == 1.0


def test_a_study_that_cannot_be_assessed_is_not_called_right():
    found = figures(
        [outcome(0, has_dvt=False, probability=None), outcome(1, has_dvt=False, probability=0)]
    )
    assert found["study specificity"].value == 0.5
