import math
from dataclasses import replace

import pytest

from deepvein.evaluation.lesions import Candidate, Lesion, Matching
from deepvein.findings.screening import Verdict
from deepvein.laboratory.second_opinion.knees import KneeSettings
from deepvein.laboratory.second_opinion.trial import KneesAnswer, ask, summed

HEALTHY = KneesAnswer("a", None, Verdict.NOT_SUSPECTED, 0.1, Matching((), ()), math.nan)
FOUND = KneesAnswer(
    "b", True, Verdict.SUSPECTED, 0.8, Matching((Candidate(0.8, (1,)),), (Lesion(1, 50, 0.8),)), 0.7
)  # fmt: skip
MISSED = KneesAnswer(
    "c", False, Verdict.SUSPECTED, 0.4, Matching((Candidate(0.4, ()),), (Lesion(1, 20, None),)), 0.1
)  # fmt: skip


def test_answers_are_added_up():
    opinion = summed([HEALTHY, FOUND, MISSED])
    assert (opinion.studies, opinion.thrombi, opinion.reported) == (3, 2, 1)
    assert opinion.false_findings == 1
    assert opinion.auroc == 1.0
    assert opinion.dice == pytest.approx(0.4)


def test_what_cannot_be_assessed_has_no_place_in_the_curve():
    lost = replace(FOUND, probability=None, verdict=Verdict.NOT_ASSESSABLE)
    assert math.isnan(summed([HEALTHY, lost]).auroc)
    assert math.isnan(summed([HEALTHY]).dice)


def test_a_bundle_is_asked_about_each_study(tiny_bundle):
    settings = KneeSettings(slices=(60, 60), rows=120, columns=220, spacing_mm=(2.0, 1.5, 1.5))
    answers = ask(tiny_bundle, (0, 1), settings, "cpu")
    assert [one.name for one in answers] == ["knees-000", "knees-001"]
    assert [one.acute for one in answers] == [None, True]
    assert len(answers[1].matching.lesions) == 1
