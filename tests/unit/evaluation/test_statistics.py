import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepvein.core.errors import CohortError
from deepvein.evaluation.curves import auroc
from deepvein.evaluation.statistics import (
    Estimate,
    bootstrap,
    bootstrap_many,
    compare,
    holm,
    mcnemar,
    summary,
    wilcoxon,
    wilson,
)


def test_summary_by_hand_leaves_out_nan():
    result = summary([1.0, 2.0, float("nan"), 6.0])
    assert (result.count, result.mean, result.median) == (3, 3.0, 2.0)
    assert result.sd == pytest.approx(math.sqrt(7))
    assert (result.lowest, result.highest) == (1.0, 6.0)
    assert str(result) == "3.00 ± 2.65"
    assert math.isnan(summary([4.0]).sd)
    assert summary([]).count == 0


def test_bootstrap_of_a_mean_agrees_with_its_standard_error():
    rng = np.random.default_rng(3)
    values = rng.normal(10, 2, 400)
    result = bootstrap(lambda rows: values[rows].mean(), [str(n) for n in range(400)])
    assert result.value == pytest.approx(values.mean())
    half = 1.96 * values.std() / 20
    assert result.low == pytest.approx(values.mean() - half, abs=0.03)
    assert result.high == pytest.approx(values.mean() + half, abs=0.03)


def test_repeated_studies_of_a_patient_do_not_narrow_the_interval():
    rng = np.random.default_rng(3)
    values = np.repeat(rng.normal(0, 1, 50), 8)
    patients = [str(n) for n in np.repeat(np.arange(50), 8)]

    def mean(rows: np.ndarray) -> float:
        return float(values[rows].mean())

    grouped = bootstrap(mean, patients, draws=500)
    naive = bootstrap(mean, [str(n) for n in range(400)], draws=500)
    assert grouped.high - grouped.low > 2 * (naive.high - naive.low)


def test_bootstrap_repeats_itself_and_leaves_out_draws_without_a_value():
    truth, scores = np.array([0, 0, 0, 1]), np.array([0.1, 0.6, 0.3, 0.5])

    def area(rows: np.ndarray) -> float:
        return auroc(scores[rows], truth[rows])

    one = bootstrap(area, list("abcd"), seed=1, draws=200)
    assert one == bootstrap(area, list("abcd"), seed=1, draws=200)
    assert one != bootstrap(area, list("abcd"), seed=2, draws=200) or one.low == 0
    assert 0 <= one.low <= one.value <= one.high <= 1
    never = bootstrap(lambda rows: float("nan"), ["a"], draws=5)
    assert math.isnan(never.low)


def test_bootstrap_needs_a_patient():
    with pytest.raises(CohortError):
        bootstrap(lambda rows: 0.0, [])


def test_wilson_against_published_values():
    """Newcombe 1998, Stat Med 17:857, table I, method 3."""
    for successes, count, low, high in [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ]:
        result = wilson(successes, count)
        assert (result.low, result.high) == pytest.approx((low, high), abs=6e-5)
    assert str(wilson(0, 0)) == "–"
    with pytest.raises(CohortError):
        wilson(3, 2)


def test_wilcoxon_by_hand():
    """Differences 1, 2, ..., 6, all of one sign: 2 of the 64 sign patterns are as extreme."""
    result = wilcoxon(np.arange(1.0, 7.0), np.zeros(6))
    assert result.p == pytest.approx(2 / 64)
    assert (result.pairs, result.median_difference) == (6, 3.5)


def test_wilcoxon_without_difference_and_with_missing_pairs():
    assert wilcoxon([1.0, 2.0], [1.0, 2.0]).p == 1
    result = wilcoxon([1.0, float("nan"), 3.0], [0.0, 1.0, 1.0])
    assert result.pairs == 2


def test_wilcoxon_stays_exact_beside_pairs_that_do_not_differ():
    """14 differences of one sign among 20 pairs: 2 of the 2^14 sign patterns are as extreme."""
    result = wilcoxon(np.r_[np.arange(1.0, 15.0), np.zeros(6)], np.zeros(20))
    assert result.p == pytest.approx(2 / 2**14)
    assert result.pairs == 20


def test_holm_by_hand():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.5]).tolist() == [1.0, 1.0]
    assert holm([]).tolist() == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_lies_between_the_raw_and_bonferronis_and_keeps_the_order(p: list[float]):
    corrected = holm(p)
    assert (corrected >= np.array(p)).all()
    assert (corrected <= np.minimum(1, np.array(p) * len(p)) + 1e-15).all()
    assert (np.diff(corrected[np.argsort(p, kind="stable")]) >= 0).all()


def test_compare_corrects_over_all_others():
    ours = np.arange(1.0, 9.0)
    tests = compare(ours, {"worse": ours - np.arange(1.0, 9.0), "same": ours})
    assert tests["worse"].p_holm == pytest.approx(2 * tests["worse"].p)
    assert tests["same"].p_holm == 1


def test_an_estimate_reads_well():
    assert str(Estimate(0.9, 0.85, 0.95)) == "0.900 (0.850–0.950)"


def test_several_figures_at_once_have_the_intervals_that_each_has_alone():
    values = np.random.default_rng(0).random(12)
    patients = [f"p{n // 2}" for n in range(12)]
    mean, most = bootstrap_many(
        lambda rows: (float(values[rows].mean()), float(values[rows].max())), patients, 3, 200
    )
    assert mean == bootstrap(lambda rows: float(values[rows].mean()), patients, 3, 200)
    assert most == bootstrap(lambda rows: float(values[rows].max()), patients, 3, 200)


def test_rounding_makes_neither_a_difference_nor_a_rank():
    values = np.random.default_rng(0).random(30)
    assert wilcoxon(values, (values * 3 + 0.3) / 3 - 0.1).p == 1
    better = values.copy()
    better[:3] += [0.01, 0.01, 0.03]
    assert wilcoxon((better + 1) - 1, values) == pytest.approx(wilcoxon(better, values))
    assert wilcoxon(values * 1e-9, np.zeros(30)).p == wilcoxon(values, np.zeros(30)).p


def test_wilcoxon_says_nothing_where_no_pair_is_left():
    result = wilcoxon([None, 1.0], [0.5, float("nan")])
    assert result.pairs == 0
    assert math.isnan(result.p)
    with pytest.raises(CohortError, match=r"first values \(2\) as second ones \(1\)"):
        wilcoxon([1.0, 2.0], [1.0])


def test_holm_leaves_out_what_could_not_be_compared():
    np.testing.assert_allclose(holm([0.01, float("nan"), 0.03]), [0.02, float("nan"), 0.03])


@pytest.mark.parametrize("missing", [None, float("nan"), 2])
def test_mcnemar_refuses_what_is_neither_right_nor_wrong(missing: float | None):
    with pytest.raises(CohortError, match="case 2 of 3"):
        mcnemar([1, missing, 0], [1, 1, 0])


def test_one_patient_has_no_interval():
    scores = np.array([0.8, 0.9])
    one = bootstrap(lambda rows: float(scores[rows].mean()), ["p", "p"])
    assert one.value == pytest.approx(0.85)
    assert format(one, ".2f") == "0.85 (–)"


def test_a_figure_that_most_draws_cannot_give_has_no_interval():
    def sensitivity(rows: np.ndarray) -> float:
        return 1.0 if (rows == 0).sum() >= 2 else float("nan")

    assert math.isnan(bootstrap(sensitivity, list("abcde"), draws=200).low)


@pytest.mark.parametrize(
    ("value", "told"), [(0.0, "0.00 (–)"), (1.0, "1.00 (–)"), (0.1 + 0.2, "0.30 (–)")]
)
def test_patients_who_are_all_alike_tell_no_interval(value: float, told: str) -> None:
    scores = np.full(9, value)
    assert f"{bootstrap(lambda rows: float(scores[rows].mean()), list('abcdefghi')):.2f}" == told


def test_text_of_what_is_known():
    assert f"{Estimate(0.5, 0.4, 0.6):.2f}" == "0.50 (0.40–0.60)"
    assert f"{Estimate(0.02, -0.01, 0.05):.2f}" == "0.02 (-0.01 to 0.05)"
    assert f"{Estimate(float('nan'), 0.4, 0.6):.2f}" == "–"
    assert f"{summary([1.0, 2.0]):.1f}" == "1.5 ± 0.7"
    assert f"{summary([1.0]):.1f}" == "1.0 ± –"
    assert f"{summary([]):.1f}" == "–"


@pytest.mark.parametrize("more", [{"draws": 0}, {"confidence": 95.0}, {"confidence": 0.0}])
def test_an_interval_needs_draws_and_a_confidence(more: dict[str, float]):
    with pytest.raises(CohortError, match="between 0 and 1"):
        bootstrap(lambda rows: 0.5, ["p", "q"], **more)


def test_mcnemar_counts_the_cases_that_one_alone_has_right():
    both, first, second = [True] * 5, [True] * 1 + [False] * 5, [False] * 1 + [True] * 5
    # 1 of 6 discordant cases: 2 (1 + 6) / 2^6.
    assert mcnemar(both + first, both + second) == pytest.approx(14 / 64)
    assert mcnemar(both, both) == 1.0
    assert math.isnan(mcnemar([], []))
    with pytest.raises(CohortError, match="as many first values"):
        mcnemar([True], both)


def test_what_cannot_be_computed_is_no_number_of_python():
    assert math.isnan(mcnemar([], []))
    assert math.isnan(bootstrap(lambda rows: None, ["a", "b"]).value)
    for wrong in ((1.5, 3, 0.95), (1, 3, 95)):
        with pytest.raises(CohortError, match="lies between 0 and 1|whole numbers"):
            wilson(*wrong)
    with pytest.raises(CohortError, match="p values lie within 0 and 1"):
        holm([0.5, 2.0])


def test_masked_values_do_not_count():
    assert summary(np.ma.array([1.0, 7.0], mask=[False, True])).count == 1
