from __future__ import annotations

import numpy as np
import pytest

from deepvein.core.errors import SettingsError
from deepvein.phantoms.person.population import PopulationSettings, sample_person

PEOPLE = [sample_person(seed) for seed in range(200)]


def test_the_same_seed_is_the_same_person() -> None:
    assert sample_person(5) == sample_person(5)
    assert sample_person(5) != sample_person(6)


def test_adults_have_adult_sizes() -> None:
    assert all(1480 <= p.height_mm <= 1980 and 20 <= p.age_years <= 95 for p in PEOPLE)
    assert 0.40 < np.mean([p.female for p in PEOPLE]) < 0.60
    assert 24 < np.mean([p.bmi for p in PEOPLE]) < 28
    # Sitting height and feet leave the legs (ankle to hip) some 45 to 50 % of the height.
    legs = [(p.tibia_mm + p.femur_mm) / p.height_mm for p in PEOPLE]
    assert min(legs) > 0.42
    assert max(legs) < 0.52


def test_women_and_heavy_people_carry_more_fat() -> None:
    women = [p for p in PEOPLE if p.female]
    men = [p for p in PEOPLE if not p.female]
    assert np.mean([p.fat for p in women]) > np.mean([p.fat for p in men])
    assert np.corrcoef([p.bmi for p in men], [p.fat for p in men])[0, 1] > 0.5


def test_left_and_right_legs_differ() -> None:
    assert all(p.left != p.right for p in PEOPLE)


def test_shares_outside_zero_to_one_are_refused() -> None:
    with pytest.raises(SettingsError, match="female_share"):
        PopulationSettings(female_share=1.2)
