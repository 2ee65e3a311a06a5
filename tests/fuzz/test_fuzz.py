"""A hundred damaged inputs are read or refused with a sentence; `python -m tests.fuzz` reads more."""

import numpy as np

from fuzz.mutation import mutate
from fuzz.run import failures


def test_damaged_inputs_are_answered():
    wrong = [str(failure) for failure in failures(102) if failure is not None]
    assert wrong == []


def test_the_damage_can_be_drawn_again():
    data = bytes(range(256)) * 4
    drawn = [mutate(data, np.random.default_rng([1, number])) for number in range(50)]
    again = [mutate(data, np.random.default_rng([1, number])) for number in range(50)]
    assert drawn == again
    assert len(set(drawn) | {data}) > 45
