from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from deepvein.core.errors import MaskError, SettingsError
from deepvein.evaluation.metrics import overlap
from deepvein.evaluation.pixels import PixelTally, concordance


def random(seed: int, shape: tuple[int, ...] = (5, 16, 12)) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = rng.random(shape) < 0.2
    levels = np.clip(rng.normal(90, 40, shape) + 50 * truth, 0, 255).astype(np.uint8)
    return levels, truth


@given(st.integers(0, 10_000))
def test_areas_are_those_of_scikit_learn(seed: int) -> None:
    levels, truth = random(seed)
    tally = PixelTally.of(levels, truth)
    assert tally.auroc == pytest.approx(roc_auc_score(truth.ravel(), levels.ravel()))
    assert tally.roc.area == pytest.approx(tally.auroc)
    expected = average_precision_score(truth.ravel(), levels.ravel())
    assert tally.precision_recall.average_precision == pytest.approx(expected)


@given(st.integers(0, 10_000))
def test_scores_of_sixteen_bits_are_as_exact(seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth = rng.random((3, 9, 11)) < 0.3
    scores = np.clip(rng.normal(30_000, 9_000, truth.shape) + 9_000 * truth, 0, 65_535)
    tally = PixelTally.of(scores.astype(np.uint16), truth)
    whole = scores.astype(np.uint16).ravel()
    assert tally.auroc == pytest.approx(roc_auc_score(truth.ravel(), whole))
    assert tally.overlap() == overlap(scores.astype(np.uint16) >= 32_768, truth)


@given(st.integers(0, 10_000))
def test_the_error_of_rounding_is_bounded(seed: int) -> None:
    """Bytes of finer scores: the area of the finer ones lies within the bound, and ties alone make it."""
    rng = np.random.default_rng(seed)
    truth = rng.random((2, 12, 12)) < 0.3
    fine = rng.normal(90, 3, truth.shape) + 2 * truth
    tally = PixelTally.of(np.floor(fine).astype(np.uint8), truth)
    exact = roc_auc_score(truth.ravel(), fine.ravel())
    assert abs(exact - tally.auroc) <= tally.auroc_error + 1e-12
    assert tally.auroc_error > 0.001
    apart = np.arange(truth.size).reshape(truth.shape).astype(np.uint16)
    assert PixelTally.of(apart, truth).auroc_error == 0


@given(st.integers(0, 10_000))
def test_pairs_of_studies_give_the_area_of_any_of_them_pooled(seed: int) -> None:
    levels, truth = random(seed)
    counts = np.stack([PixelTally.of(levels[k], truth[k]).counts for k in range(len(levels))])
    pairs, sizes = concordance(counts), counts.sum(2)
    for chosen in ([0, 1, 2, 3, 4], [1, 1, 3], [2, 0]):
        pooled = PixelTally(counts[chosen].sum(0))
        area = pairs[np.ix_(chosen, chosen)].sum() / np.prod(sizes[chosen].sum(0), dtype=float)
        assert area == pytest.approx(pooled.auroc, abs=1e-12)


@given(st.integers(0, 10_000), st.floats(0.01, 1.0))
def test_overlap_is_that_of_the_masks(seed: int, threshold: float) -> None:
    levels, truth = random(seed)
    found = PixelTally.of(levels, truth).overlap(threshold)
    assert found == overlap(levels / 255.0 >= threshold - 1e-12, truth)


def test_parts_add_up_to_the_whole() -> None:
    levels, truth = random(3)
    parts = [PixelTally.of(levels[k], truth[k]) for k in range(len(levels))]
    whole = PixelTally()
    for part in parts:
        whole = whole + part
    np.testing.assert_array_equal(whole.counts, PixelTally.of(levels, truth).counts)
    assert whole.pixels == levels.size


def test_a_thousand_million_pixels_stay_exact() -> None:
    """All foreground at 200, all background at 100 but for one pixel in 10⁹, which ties with it."""
    counts = np.zeros((2, 256), dtype=np.int64)
    counts[1, 200], counts[0, 100], counts[0, 200] = 2_000_000, 10**9 - 1, 1
    assert PixelTally(counts).auroc == pytest.approx(1 - 0.5e-9, abs=1e-15)


def test_one_outcome_alone_has_no_area() -> None:
    assert np.isnan(PixelTally().auroc)
    assert np.isnan(PixelTally().auroc_error)
    assert np.isnan(PixelTally.of(np.zeros((2, 2), np.uint8), np.ones((2, 2), bool)).auroc)


def test_what_does_not_fit_is_refused() -> None:
    levels, truth = random(0)
    with pytest.raises(MaskError, match="do not belong"):
        PixelTally.of(levels, truth[:2])
    with pytest.raises(MaskError, match="bytes"):
        PixelTally.of(levels.astype(np.float32), truth)  # type: ignore[arg-type]
    with pytest.raises(MaskError, match="shape"):
        PixelTally(np.zeros((2, 10), np.int64))
    with pytest.raises(MaskError, match="of 256 and of 65536 levels"):
        PixelTally() + PixelTally.of(levels.astype(np.uint16), truth)
    with pytest.raises(SettingsError, match="threshold"):
        PixelTally.of(levels, truth).overlap(0.0)
