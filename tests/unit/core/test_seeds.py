import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepvein.core.errors import SettingsError
from deepvein.core.seeds import derive, generator

names = st.lists(st.one_of(st.text("abcxyz", min_size=1), st.integers(0, 99)), max_size=3)


def test_streams_are_the_same_on_every_machine():
    """The first eight bytes, little endian, of SHA-256 of `7/case/3`, worked out with sha256sum."""
    assert derive(7, "case", 3) == int.from_bytes(bytes.fromhex("71cac9aa0b0945f0"), "little")


def test_drawn_numbers_are_the_same_on_every_machine():
    assert generator(1, "noise").integers(0, 1000, 4).tolist() == [314, 154, 540, 141]


@given(st.integers(0, 2**63), names)
def test_the_same_name_gives_the_same_stream(seed: int, name: list[str | int]):
    one, other = generator(seed, *name), generator(seed, *name)
    assert (one.random(3) == other.random(3)).all()
    assert 0 <= derive(seed, *name) < 2**64


@given(st.integers(0, 1000), names, names)
def test_other_names_give_other_streams(seed: int, one: list[str | int], other: list[str | int]):
    same = [str(n) for n in one] == [str(n) for n in other]
    assert (derive(seed, *one) == derive(seed, *other)) == same


def test_streams_of_neighbouring_seeds_are_not_correlated():
    draws = np.array([generator(seed, "noise").standard_normal(200) for seed in range(20)])
    correlation = np.corrcoef(draws) - np.eye(20)
    assert np.abs(correlation).max() < 0.35


def test_a_negative_seed_is_refused():
    with pytest.raises(SettingsError, match="got -1"):
        derive(-1)
