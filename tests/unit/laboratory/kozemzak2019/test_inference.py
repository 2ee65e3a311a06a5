from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from deepvein.core.errors import ModelError
from deepvein.evaluation.pixels import PixelTally
from deepvein.laboratory.kozemzak2019.inference import HALF, levels_of, probability_of

FINITE = st.floats(allow_nan=False, allow_infinity=False, width=32)


@given(FINITE, FINITE)
def test_levels_rise_with_the_logits(one: float, other: float) -> None:
    low, high = levels_of(np.array(sorted([one, other]), dtype=np.float32))
    assert low <= high


@given(FINITE)
def test_the_half_is_cut_where_the_logit_is(logit: float) -> None:
    """Neither rounding nor underflow moves a pixel across a probability of a half."""
    (level,) = levels_of(np.array([logit], dtype=np.float32))
    assert (level >= HALF) is np.bool_(logit >= 0)


def test_noughts_and_the_ends() -> None:
    logits = np.array([-np.inf, -1e-10, -0.0, 0.0, 1e-10, np.inf], dtype=np.float32)
    found = levels_of(logits)
    assert found.tolist() == sorted(found.tolist())
    assert found[1] == HALF - 1
    assert (found[2:5] == HALF).all()
    with pytest.raises(ModelError, match="NaN"):
        levels_of(np.array([0.0, np.nan], dtype=np.float32))


def test_probabilities_come_back() -> None:
    logits = np.linspace(-12, 12, 999, dtype=np.float32)
    expected = 1 / (1 + np.exp(-logits))
    np.testing.assert_allclose(probability_of(levels_of(logits)), expected, rtol=0.005)
    assert probability_of(levels_of(np.array([0.0], np.float32))).tolist() == [0.5]


def test_the_curve_of_rare_veins_is_that_of_the_logits() -> None:
    """Logits about -8, where a byte of probability holds nothing and tenths tie."""
    rng = np.random.default_rng(0)
    truth = rng.random((20, 40, 40)) < 0.01
    logits = rng.normal(-8 + 1.5 * truth, 1.0).astype(np.float32)
    tally = PixelTally.of(levels_of(logits), truth)
    exact = roc_auc_score(truth.ravel(), logits.ravel())
    assert abs(tally.auroc - exact) <= tally.auroc_error < 0.001


def test_bfloat16_loses_nothing() -> None:
    import torch

    logits = torch.linspace(-20, 20, 4001).bfloat16().float().numpy()
    assert len(np.unique(levels_of(logits))) == len(np.unique(logits))
