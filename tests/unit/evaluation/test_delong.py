import math

import numpy as np
import pytest

from deepvein.core.errors import CohortError
from deepvein.evaluation.curves import auroc
from deepvein.evaluation.delong import clustered_delong, delong
from deepvein.evaluation.statistics import bootstrap


def slices_of_patients(
    rng: np.random.Generator, patients: int = 24, sick: int = 6, slices: int = 30
) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[str]]:
    """Two equally good scores of slices that are alike within a patient, and more so within a thrombus."""
    truth = np.zeros((patients, slices), dtype=int)
    for row, start in zip(truth[:sick], rng.integers(0, slices - 9, sick), strict=True):
        row[start : start + 9] = 1
    scores = []
    both = rng.normal(size=(patients, 1))
    for _ in range(2):
        near = rng.normal(size=(patients, slices + 6)).cumsum(1)
        smooth = (near[:, 6:] - near[:, :-6]) / np.sqrt(6)
        own, lesion = rng.normal(size=(2, patients, 1))
        scores.append((truth * (1 + 0.7 * lesion) + 0.5 * both + 0.6 * own + smooth).ravel())
    return scores[0], scores[1], truth.ravel(), [f"p{n // slices}" for n in range(truth.size)]


def test_delong_agrees_with_the_bootstrap_and_is_symmetric():
    rng = np.random.default_rng(5)
    truth = np.repeat([0, 1], 100)
    signal = truth + rng.normal(0, 1, 200)
    good, poor = signal + rng.normal(0, 0.3, 200), signal + rng.normal(0, 1.0, 200)
    p = delong(good, poor, truth)
    assert p == pytest.approx(delong(poor, good, truth))
    draws = bootstrap(
        lambda rows: auroc(good[rows], truth[rows]) - auroc(poor[rows], truth[rows]),
        [str(n) for n in range(200)],
        draws=1000,
    )
    error = (draws.high - draws.low) / (2 * 1.96)
    from scipy.special import ndtr

    assert p == pytest.approx(2 * ndtr(-abs(draws.value) / error), abs=0.02)


def test_delong_under_the_null_rejects_one_in_twenty():
    rng = np.random.default_rng(1)
    truth = np.repeat([0, 1], 40)
    p = [
        delong(truth + rng.normal(0, 1, 80), truth + rng.normal(0, 1, 80), truth)
        for _ in range(1000)
    ]
    assert np.mean(np.array(p) < 0.05) == pytest.approx(0.05, abs=0.02)


def test_delong_of_equal_scores_is_one_and_needs_both_outcomes():
    assert delong([1, 2, 3, 4], [1, 2, 3, 4], [0, 1, 0, 1]) == 1
    with pytest.raises(CohortError):
        delong([1, 2, 3], [1, 2, 3], [0, 1, 1])


@pytest.mark.parametrize("missing", [float("nan"), None, float("inf")])
def test_delong_refuses_a_missing_score(missing: float | None):
    truth = [0, 0, 1, 1]
    with pytest.raises(CohortError, match="1 of 4 scores are missing"):
        delong([0.1, missing, 0.4, 0.5], [0.1, 0.2, 0.3, 0.4], truth)
    with pytest.raises(CohortError, match="3 scores and 4 truths"):
        delong([0.1, 0.4, 0.5], [0.1, 0.2, 0.3, 0.4], truth)


def test_delong_tells_no_p_where_no_case_tells_how_much_scores_vary():
    assert math.isnan(delong([0, 0, 1, 1], [1, 1, 0, 0], [0, 0, 1, 1]))


def test_delong_counts_rounding_as_ties():
    rng = np.random.default_rng(1)
    truth = rng.random(40) < 0.5
    scores = np.round(truth * 0.3 + rng.random(40), 1)
    assert delong(scores, (scores * 3 + 0.3) / 3 - 0.1, truth) == 1


def test_correlated_slices_reject_what_is_true_in_one_of_twenty_by_patient_and_in_half_by_slice() -> (
    None
):
    rng = np.random.default_rng(2)
    drawn = [slices_of_patients(rng) for _ in range(600)]
    by_patient = [clustered_delong(*one) < 0.05 for one in drawn]
    by_slice = [delong(first, second, truth) < 0.05 for first, second, truth, _ in drawn]
    assert np.mean(by_patient) == pytest.approx(0.05, abs=0.02)
    assert np.mean(by_slice) > 0.4


def test_the_clustered_test_is_obuchowskis_sums_over_patients() -> None:
    first, second, truth, patients = slices_of_patients(np.random.default_rng(3))
    names = sorted(set(patients))

    def wins(score: np.ndarray, row: int, against: int) -> float:
        others = score[truth == against]
        better = score[row] > others if against == 0 else score[row] < others
        return float((better + 0.5 * (score[row] == others)).mean())

    areas, sums = [], []
    for score in (first, second):
        areas.append(auroc(score, truth))
        sums.append(
            np.array(
                [
                    [
                        sum(
                            wins(score, row, 1 - outcome) - areas[-1]
                            for row in range(len(truth))
                            if patients[row] == name and truth[row] == outcome
                        )
                        for name in names
                    ]
                    for outcome in (1, 0)
                ]
            )
        )
    count = [len({p for p, y in zip(patients, truth, strict=True) if y == o}) for o in (1, 0)]
    size = [int((truth == outcome).sum()) for outcome in (1, 0)]

    def covariance(r: int, s: int) -> float:
        same = sum(
            count[o] / (count[o] - 1) * sums[r][o] @ sums[s][o] / size[o] ** 2 for o in (0, 1)
        )
        cross = sums[r][0] @ sums[s][1] + sums[r][1] @ sums[s][0]
        return float(same + len(names) / (len(names) - 1) * cross / (size[0] * size[1]))

    variance = covariance(0, 0) + covariance(1, 1) - 2 * covariance(0, 1)
    from scipy.stats import t

    expected = 2 * t.sf(abs(areas[0] - areas[1]) / np.sqrt(variance), min(count) - 1)
    assert clustered_delong(first, second, truth, patients) == pytest.approx(expected)
    # Leaving out one patient at a time tells the same spread.
    left = []
    for name in names:
        keep = np.array(patients) != name
        left.append(auroc(first[keep], truth[keep]) - auroc(second[keep], truth[keep]))
    jackknife = (len(left) - 1) * np.var(left)
    assert variance == pytest.approx(jackknife, rel=0.3)


def test_one_case_a_patient_has_delongs_variance() -> None:
    rng = np.random.default_rng(4)
    truth = np.repeat([0, 1], 500)
    first, second = (truth + rng.normal(0, 1, 1000) for _ in range(2))
    alone = [str(n) for n in range(1000)]
    assert clustered_delong(first, second, truth, alone) == pytest.approx(
        delong(first, second, truth), rel=0.02
    )


def test_the_clustered_test_needs_patients_of_both_kinds() -> None:
    scores, truth = [1.0, 2.0, 3.0, 4.0], [0, 1, 0, 1]
    assert clustered_delong(scores, scores, truth, ["a", "a", "b", "b"]) == 1
    with pytest.raises(CohortError, match="of two patients"):
        clustered_delong(scores, scores, truth, ["a", "b", "a", "b"])
    with pytest.raises(CohortError, match="3 patients and 4 truths"):
        clustered_delong(scores, scores, truth, ["a", "b", "c"])
    assert math.isnan(clustered_delong([0, 0, 1, 1], [1, 1, 0, 0], [0, 0, 1, 1], list("abcd")))


@pytest.mark.parametrize("half", [50, 100_000])
def test_one_pair_that_changes_its_order_is_told_however_many_cases_there_are(half: int):
    """One positive and one negative placement differ by 1 / half: variance 2 / half^4, z = 1 / sqrt(2)."""
    truth = np.repeat([1, 0], half)
    first = np.arange(2 * half, 0, -1.0)
    second = first.copy()
    second[[half - 1, half]] = second[[half, half - 1]]
    assert delong(first, second, truth) == pytest.approx(math.erfc(0.5))
    p = clustered_delong(first, second, truth, np.arange(2 * half).astype(str).tolist())
    assert p == pytest.approx(math.erfc(0.5), abs=0.2 / half + 1e-3)
