import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepvein.core.errors import SettingsError
from deepvein.core.settings import from_dict, to_dict
from deepvein.findings.calibration import Calibration, LogisticCalibration, fit, logit, sigmoid

PLATT = LogisticCalibration(("logit",), (0.0,), (1.0,), (1.0,), 0.0)


def test_apply_is_the_logistic_formula():
    model = LogisticCalibration(("a", "b"), (1.0, 2.0), (2.0, 4.0), (0.5, -1.0), 0.25)
    # 0.25 + 0.5 * (3 - 1) / 2 - 1 * (6 - 2) / 4 = -0.25
    assert model.apply([(3.0, 6.0)]) == pytest.approx([1 / (1 + np.exp(0.25))])
    assert model.apply(np.zeros((0, 2))).shape == (0,)


@given(st.lists(st.floats(0.001, 0.999), min_size=1))
def test_identity_platt_scaling_changes_nothing(scores: list[float]):
    assert PLATT.apply(logit(scores)) == pytest.approx(np.array(scores))


@given(st.floats(-1e6, 1e6))
def test_sigmoid_stays_within_bounds_and_is_symmetric(value: float):
    assert 0 <= float(sigmoid(value)) <= 1
    assert float(sigmoid(value)) + float(sigmoid(-value)) == pytest.approx(1)


def test_fit_recovers_the_law_that_made_the_outcomes():
    rng = np.random.default_rng(1)
    values = rng.normal(3, 2, (4_000, 2))
    truth = rng.random(4_000) < sigmoid(0.8 * (values[:, 0] - 3) - 0.4 * (values[:, 1] - 3))
    model = fit(("a", "b"), values, truth, "drawn numbers")
    slopes = np.array(model.coefficients) / np.array(model.scale)
    assert slopes == pytest.approx([0.8, -0.4], abs=0.1)
    assert model.apply([(3.0, 3.0)])[0] == pytest.approx(0.5, abs=0.05)
    assert model.measured_on == "drawn numbers"


def test_increasing_features_never_lower_the_probability():
    rng = np.random.default_rng(2)
    values = rng.normal(0, 1, (400, 3))
    truth = rng.random(400) < sigmoid(2 * values[:, 0] - values[:, 1] - 0.5)
    model = fit(("up", "down", "flat"), values, truth, increasing=True)
    assert model.coefficients[0] > 1
    assert model.coefficients[1] == 0
    assert min(model.coefficients) >= 0
    alone = fit(("down",), values[:, 1:2], truth, increasing=True)
    assert alone.coefficients == (0,)
    assert alone.apply([(5.0,)])[0] == pytest.approx(truth.mean(), abs=0.01)


def test_fit_takes_a_constant_feature():
    model = fit(("a", "b"), [(0, 7), (1, 7), (2, 7), (3, 7)], [0, 0, 1, 1])
    assert model.apply([(3, 7)])[0] > 0.5 > model.apply([(0, 7)])[0]


@pytest.mark.parametrize("truth", [[0, 0], [1, 1], [1, 0, 1]])
def test_fit_needs_both_outcomes_and_one_for_each_case(truth: list[int]):
    with pytest.raises(SettingsError, match="both outcomes"):
        fit(("a",), [(0.0,), (1.0,)], truth)


def test_it_travels_through_json():
    whole = Calibration(lesion=PLATT)
    assert from_dict(Calibration, to_dict(whole)) == whole


@pytest.mark.parametrize(
    "wrong",
    [
        {"mean": ()},
        {"scale": (0.0,)},
        {"intercept": float("nan")},
    ],
)
def test_impossible_coefficients_are_refused(wrong: dict[str, object]):
    numbers = {
        "features": ("a",),
        "mean": (0.0,),
        "scale": (1.0,),
        "coefficients": (1.0,),
        "intercept": 0.0,
    }
    with pytest.raises(SettingsError):
        LogisticCalibration(**{**numbers, **wrong})
