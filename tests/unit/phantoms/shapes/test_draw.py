from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from deepvein.core.seeds import generator
from deepvein.phantoms.shapes import draw


@given(st.integers(0, 2**32))
def test_numbers_stay_in_their_range_and_are_rounded(seed: int) -> None:
    rng = generator(seed)
    for value, low, high in (
        (draw.normal(rng, 0, 5, -2, 3), -2, 3),
        (draw.lognormal(rng, 10, 1, 4, 30), 4, 30),
        (draw.uniform(rng, 1, 2), 1, 2),
    ):
        assert low <= value <= high
        assert value == round(value, draw.DIGITS)


def test_lognormal_has_the_median_asked_for() -> None:
    rng = generator(1)
    values = [draw.lognormal(rng, 190, 0.8, 0, 1e9) for _ in range(4000)]
    assert 175 < np.median(values) < 205


def test_choice_follows_weights_and_a_weight_of_zero_is_never_taken() -> None:
    rng = generator(2)
    taken = [draw.choose(rng, "abc", (1, 0, 3)) for _ in range(4000)]
    assert "b" not in taken
    assert 0.70 < taken.count("c") / 4000 < 0.80


def test_chance_of_zero_and_one() -> None:
    rng = generator(3)
    assert not any(draw.chance(rng, 0.0) for _ in range(50))
    assert all(draw.chance(rng, 1.0) for _ in range(50))
