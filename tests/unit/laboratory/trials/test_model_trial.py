import numpy as np
import pytest

from deepvein.anatomy.veins import deep_mask
from deepvein.cohorts.opening import open_case
from deepvein.core.errors import CohortError
from deepvein.laboratory.trials.model_trial import ALL_SEGMENTS, run_model_trial
from deepvein.studies.study import Modality
from unit.screening.tiny_models import write_localiser, write_segmenter


def test_a_segmenter_is_held_against_both_masks(cohort, tmp_path):
    outcomes = list(run_model_trial(write_segmenter(tmp_path), cohort, "cpu"))
    assert [(o.case.case, o.target) for o in outcomes] == [
        (case.case, target) for case in cohort.cases for target in ("veins", "thrombus")
    ]
    for outcome in outcomes:
        opened = open_case(outcome.case, cohort.cache)
        masks = {"veins": deep_mask(opened.segments.array), "thrombus": opened.thrombi.array > 0}
        counts = outcome.overlap
        assert counts.true_positives + counts.false_negatives == masks[outcome.target].sum()


def test_a_localiser_is_held_against_the_segments_of_the_veins(cohort, tmp_path):
    outcomes = list(run_model_trial(write_localiser(tmp_path), cohort, "cpu"))
    for case in cohort.cases:
        of_case = [o.overlap for o in outcomes if o.case == case]
        assert next(o.target for o in outcomes if o.case == case) == ALL_SEGMENTS
        veins = deep_mask(np.asarray(open_case(case, cohort.cache).segments.array)).sum()
        first, *each = of_case
        assert sum(o.true_positives + o.false_negatives for o in each) == veins
        assert first == sum(each[1:], each[0])


def test_a_cohort_of_the_other_modality_is_an_error(cohort, tmp_path):
    none = cohort.of_modality(Modality.MR)
    with pytest.raises(CohortError, match="no CT case"):
        list(run_model_trial(write_segmenter(tmp_path), none, "cpu"))
