from dataclasses import replace

import numpy as np
import pytest

from deepvein.core.errors import CohortError
from deepvein.evaluation.curves import auroc
from deepvein.evaluation.metrics import Overlap
from deepvein.findings.screening import OperatingPoint
from deepvein.inference.prediction import Profile
from deepvein.laboratory.trials.measurement import FROC_MEAN, measure
from unit.laboratory.trials.outcomes import outcome

POINT = OperatingPoint("even odds", 0.5, None, None, "nothing")


def figures(outcomes):
    return {
        metric.name: metric for metric in measure(outcomes, "made up", POINT, draws=100).metrics
    }


def test_figures_are_those_counted_by_hand():
    outcomes = [
        outcome(0, has_dvt=True, probability=0.9),
        outcome(1, has_dvt=True, found=False, probability=0.4),
        outcome(2, has_dvt=False, probability=0.6, false=2),
        outcome(3, has_dvt=False, probability=0.1),
    ]
    measured = measure(outcomes, "made up", POINT, draws=100)
    assert (measured.cases, measured.with_dvt, measured.patients) == (4, 2, 4)
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
    assert found["deep-vein clDice"].value == pytest.approx(2 / 3)
    assert found["lesion sensitivity"].value == 0.5
    assert found[FROC_MEAN].value == 0.5
    assert found["studies not assessable"].value == 0.0
    # Squares of 0.1, 0.6, 0.6 and 0.1.
    assert found["study Brier score"].value == pytest.approx(0.185)
    assert found["lesion sensitivity at 0.5 false positives a study"].value == 0.5
    assert found["slice AUROC"].value == 1.0
    told = [m for m in found.values() if m.low is not None]
    assert all(m.low <= m.value <= m.high for m in told)
    # Of these the four patients are all alike.
    assert {m.name for m in found.values()} - {m.name for m in told} >= {
        "deep-vein Dice", "segment specificity", "studies not assessable",
    }  # fmt: skip


def test_what_a_cohort_cannot_give_is_left_out():
    found = figures([outcome(n, has_dvt=False, probability=0.1) for n in range(3)])
    assert "thrombus Dice" not in found
    assert "study AUROC" not in found
    assert found["study specificity"].value == 1.0


@pytest.mark.parametrize("dvt", [False, True])
def test_what_one_class_alone_cannot_give_is_told(dvt):
    told = measure(
        [outcome(n, has_dvt=dvt, probability=0.1) for n in range(3)], "x", POINT, draws=20
    )
    note, bare = told.notes
    assert note.startswith(f"not measured, since {'every' if dvt else 'no'} case has DVT: ")
    assert "study AUROC" in note
    assert bare.startswith("no interval, since the patients are one")
    both = [outcome(0, has_dvt=True, probability=0.9), outcome(1, has_dvt=False, probability=0.1)]
    assert "deep-vein Dice" in bare
    assert not any("not measured" in one for one in measure(both, "x", POINT, draws=20).notes)


def test_a_study_that_cannot_be_assessed_is_not_called_right():
    found = figures(
        [outcome(0, has_dvt=False, probability=None), outcome(1, has_dvt=False, probability=0)]
    )
    assert found["study specificity"].value == 0.5


def test_only_findings_that_are_reported_count_but_for_the_curve():
    made = [
        replace(outcome(0, has_dvt=True, false=1), least_probability=0.95),
        replace(outcome(1, has_dvt=False, false=1), least_probability=0.95),
    ]
    found = figures(made)
    assert found["false positives a study"].value == 0.0
    assert found["lesion sensitivity"].value == 0.0
    assert found["lesion sensitivity at 0.125 false positives a study"].value == 1.0


def test_slices_of_many_scores_are_told_apart_as_exactly_as_the_curve_says():
    rng = np.random.default_rng(0)
    made = []
    for number in range(6):
        one = outcome(number, has_dvt=True)
        truth = rng.random(1000) < 0.2
        scores = (0.3 * truth + rng.random(1000)).astype(np.float32) / 2
        profile = Profile(np.arange(1000.0), scores)
        made.append(replace(one, profile=profile, slice_truth=truth))
    exact = auroc(
        np.concatenate([one.profile.probability for one in made]),
        np.concatenate([one.slice_truth for one in made]),
    )
    assert figures(made)["slice AUROC"].value == pytest.approx(exact, abs=1e-3)


def test_a_case_without_labelled_veins_has_no_dice_of_veins():
    bare = replace(outcome(1, has_dvt=False, probability=0.1), veins=Overlap(0, 0, 0, 1000))
    rows = [outcome(0, has_dvt=True, probability=0.9), bare]
    assert figures(rows)["deep-vein Dice"].value == pytest.approx(0.8)
    assert "deep-vein Dice" not in figures([bare])


def test_no_case_is_not_measured():
    with pytest.raises(CohortError, match="cohort/ has no case that was tried"):
        measure([], "cohort/", OperatingPoint("Youden", 0.5, 1.0, 1.0, "here"))


def test_several_studies_of_one_patient_are_one_patient():
    first, *others = (outcome(number, has_dvt=number < 2) for number in range(4))
    again = [replace(one, case=replace(one.case, patient=first.case.patient)) for one in others[:2]]
    measured = measure([first, *again, *others[2:]], "made up", POINT, draws=100)
    assert (measured.cases, measured.patients) == (4, 2)
