from __future__ import annotations

import math

import pytest

from deepvein.core.errors import CohortError
from deepvein.evaluation.artefacts import artefact_rates

PROBABILITY = [0.9, 0.8, 0.7, 0.6, 0.5, 0.65, 0.1, 0.2, 0.3, 0.55]
TRUTH = [1, 1, 1, 1, 1, 0, 0, 0, 0, 0]
ARTEFACT = [0, 1, 0, 0, 0, 1, 1, 0, 0, 0]


def test_rates_by_hand() -> None:
    """Four of five positives need the threshold 0.6: one of two artefact slices lies above, no other."""
    rates = artefact_rates(PROBABILITY, TRUTH, ARTEFACT, 0.8)
    assert rates.threshold == 0.6
    assert rates.sensitivity == 0.8
    assert (rates.artefact, rates.clear) == (0.5, 0.0)
    assert (rates.artefact_slices, rates.clear_slices) == (2, 3)


def test_the_sensitivity_is_reached_at_least() -> None:
    rates = artefact_rates(PROBABILITY, TRUTH, ARTEFACT, 0.9)
    assert rates.threshold == 0.5
    assert rates.clear == pytest.approx(1 / 3)


def test_no_artefact_slice_gives_no_rate() -> None:
    assert math.isnan(artefact_rates(PROBABILITY, TRUTH, [0] * 10).artefact)


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(CohortError, match="positive slices"):
        artefact_rates([0.1], [0], [0])
    with pytest.raises(CohortError, match="do not belong"):
        artefact_rates([0.1], [0, 1], [0])
    with pytest.raises(CohortError, match="above 0"):
        artefact_rates(PROBABILITY, TRUTH, ARTEFACT, 0.0)
