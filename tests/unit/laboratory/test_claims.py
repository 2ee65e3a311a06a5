from __future__ import annotations

import pytest

from deepvein.evaluation.statistics import Estimate
from deepvein.laboratory.claims import NOT_MEASURED, Verdict, chapter, of_difference, of_score

NAN = float("nan")


@pytest.mark.parametrize(
    ("here", "published", "p", "verdict"),
    [
        ((0.1, 0.05, 0.2), 0.08, 0.001, Verdict.CONFIRMED),
        ((0.1, 0.05, 0.2), None, 0.001, Verdict.CONFIRMED),
        ((0.1, 0.05, 0.2), 0.08, 0.2, Verdict.OPEN),
        ((-0.1, -0.2, -0.05), 0.08, 0.001, Verdict.NOT_CONFIRMED),
        ((-0.1, -0.2, -0.05), None, 0.001, Verdict.NOT_CONFIRMED),
        ((0.0, -0.03, 0.04), 0.08, 0.9, Verdict.NOT_CONFIRMED),
        ((0.02, -0.1, 0.14), 0.08, 0.7, Verdict.OPEN),
        ((0.02, -0.1, 0.14), None, 0.7, Verdict.OPEN),
        ((0.3, NAN, NAN), 0.08, NAN, Verdict.OPEN),
    ],
)
def test_a_difference_is_judged_by_its_interval_and_its_test(
    here: tuple[float, float, float], published: float | None, p: float, verdict: Verdict
) -> None:
    assert of_difference("A", published, Estimate(*here), "test", p).verdict is verdict


@pytest.mark.parametrize(
    ("here", "verdict"),
    [
        ((0.7, 0.6, 0.8), Verdict.CONFIRMED),
        ((0.4, 0.34, 0.45), Verdict.NOT_CONFIRMED),
        ((0.55, 0.5, 0.6), Verdict.OPEN),
        ((NAN, NAN, NAN), Verdict.OPEN),
    ],
)
def test_a_score_is_judged_by_the_published_spread(
    here: tuple[float, float, float], verdict: Verdict
) -> None:
    assert of_score("DSC", 0.74, 0.17, Estimate(*here)).verdict is verdict


def test_what_was_not_measured_is_said() -> None:
    claim = of_difference("A", None, NOT_MEASURED, "test", NAN)
    assert (claim.published, claim.here, claim.test) == ("not stated", "not measured", "–")
    (table,) = chapter([claim]).exhibits
    assert table.ours is not None
    assert table.ours.rows == (("A", "not stated", "not measured", "–", "cannot be told here"),)
    told = of_difference("A", 0.1, Estimate(0.2, 0.1, 0.3), "Wilcoxon", 0.0001)
    assert told.here == "0.20 (0.10–0.30)"
    assert told.published == "+0.10"
    assert told.test == "Wilcoxon, p < 0.001"
