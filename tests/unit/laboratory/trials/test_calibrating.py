from dataclasses import replace

import numpy as np
import pytest

from deepvein.core.errors import CohortError
from deepvein.findings.calibration import logit
from deepvein.findings.features import LESION_FEATURES, READ_LESION_FEATURES
from deepvein.laboratory.trials.calibrating import (
    ALARMS,
    FOLDS,
    _judged_by_others,
    calibrate,
)
from unit.laboratory.trials.outcomes import outcome


def validation():
    with_dvt = [outcome(n, has_dvt=True, false=n % 2) for n in range(12)]
    return with_dvt + [outcome(n, has_dvt=False, false=n % 3) for n in range(12, 24)]


def test_right_findings_become_more_probable_than_wrong_ones():
    outcomes = validation()
    calibration = calibrate(outcomes, "made up").calibration
    features = np.concatenate([o.features for o in outcomes])
    hits = np.array([bool(c.hits) for o in outcomes for c in o.matching.candidates])
    probability = calibration.lesion.apply(features)
    assert probability[hits].min() > probability[~hits].max()
    # A calibrated mean is the share of what is right.
    assert probability.mean() == pytest.approx(hits.mean(), abs=0.02)


def test_slices_with_thrombus_become_more_probable():
    calibration = calibrate(validation(), "made up").calibration
    low, high = calibration.profile.apply(logit([0.1, 0.9])[:, None])
    assert low < 0.2
    assert high > 0.8


def test_the_operating_point_parts_studies_that_differ():
    point = calibrate(validation(), "made up").point
    assert (point.sensitivity, point.specificity) == (1.0, 1.0)
    assert point.measured_on == "made up"
    assert 0 < point.threshold < 1


def test_findings_of_one_kind_only_cannot_calibrate():
    with pytest.raises(CohortError, match="right and wrong findings"):
        calibrate([outcome(n, has_dvt=True) for n in range(5)], "made up")


def test_false_findings_that_are_reported_are_no_more_than_tolerated():
    outcomes = validation()
    made = calibrate(outcomes, "made up")
    hits = np.array([bool(c.hits) for o in outcomes for c in o.matching.candidates])
    wrong = np.concatenate(_judged_by_others(outcomes, made.calibration.lesion))[~hits]
    assert (wrong >= made.least_probability).sum() == int(ALARMS * len(outcomes)) < len(wrong)


def test_a_study_without_any_finding_counts_among_the_others():
    nothing = [outcome(n, has_dvt=False) for n in range(30, 34)]
    nothing = [
        replace(one, features=np.zeros((0, 7)), feature_names=READ_LESION_FEATURES)
        for one in nothing
    ]
    made = calibrate(validation() + nothing, "made up")
    assert made.calibration.lesion.features == LESION_FEATURES


def test_outcomes_with_and_without_a_second_reader_are_not_mixed():
    read = [replace(one, feature_names=READ_LESION_FEATURES) for one in validation()]
    with pytest.raises(CohortError, match="with and without a second reader"):
        calibrate(validation() + read, "made up")


def test_a_kind_that_is_met_more_often_counts_more_in_the_limit_and_nowhere_else():
    outcomes = validation()
    counts = np.array([3.0] * 12 + [1.0] * 12)
    once, met = calibrate(outcomes, "made up"), calibrate(outcomes, "made up", counts)
    assert met.calibration.lesion == once.calibration.lesion
    assert met.calibration.profile == once.calibration.profile
    hits = np.array([bool(c.hits) for o in outcomes for c in o.matching.candidates])
    probability = np.concatenate(_judged_by_others(outcomes, met.calibration.lesion))
    each = np.repeat(counts, [len(o.features) for o in outcomes])
    reported = ~hits & (probability >= met.least_probability)
    tolerated = ALARMS * counts.sum()
    assert tolerated - counts.max() <= each[reported].sum() <= tolerated


def test_a_study_is_judged_by_those_who_never_met_it():
    outcomes = validation()
    lesion = calibrate(outcomes, "made up").calibration.lesion
    number = next(n for n, one in enumerate(outcomes) if len(one.features))
    odd = replace(outcomes[number], features=outcomes[number].features + 1.0)
    changed = [odd if n == number else one for n, one in enumerate(outcomes)]
    before, after = (_judged_by_others(rows, lesion) for rows in (outcomes, changed))
    same_part = {n for n in range(len(outcomes)) if n % FOLDS == number % FOLDS}
    for n in same_part - {number}:
        assert np.array_equal(before[n], after[n])
    assert any(
        not np.array_equal(before[n], after[n]) for n in range(len(outcomes)) if n not in same_part
    )


def test_without_right_findings_among_the_others_the_judge_of_all_speaks():
    one, *rest = validation()
    alone = [
        one,
        *(
            replace(
                r,
                matching=replace(
                    r.matching, candidates=tuple(replace(c, hits=()) for c in r.matching.candidates)
                ),
            )
            for r in rest
        ),
    ]
    assert any(c.hits for c in one.matching.candidates)
    lesion = calibrate(alone, "made up").calibration.lesion
    assert np.array_equal(_judged_by_others(alone, lesion)[0], lesion.apply(one.features))
