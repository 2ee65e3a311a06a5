from dataclasses import replace

import pytest

from deepvein.core.errors import SettingsError
from deepvein.phantoms.centres import CONTRAST, NAMES, at_centre, centre_of
from deepvein.phantoms.contrast.contrast import ContrastSettings
from deepvein.phantoms.ct.scanner import CtSettings


def test_every_centre_is_drawn_about_as_often() -> None:
    drawn = [centre_of(seed) for seed in range(300)]
    assert all(70 < drawn.count(name) < 130 for name in NAMES)


def test_the_centre_that_is_asked_for_is_taken() -> None:
    assert {centre_of(seed, "B") for seed in range(5)} == {"B"}


def test_an_unknown_centre_names_the_known_ones() -> None:
    with pytest.raises(SettingsError, match="A, B, C"):
        centre_of(1, "D")


def test_what_is_set_wins_over_the_profile() -> None:
    assert at_centre(CtSettings(matrix=64, kvp=80), "C").matrix == 64
    assert at_centre(CtSettings(matrix=64, kvp=80), "C").kvp == 80


def test_the_profile_serves_where_nothing_is_set() -> None:
    assert at_centre(ContrastSettings(), "B") == CONTRAST["B"]
    mine = replace(ContrastSettings(), side_sd=0.2)
    assert at_centre(mine, "B") == replace(CONTRAST["B"], side_sd=0.2)
