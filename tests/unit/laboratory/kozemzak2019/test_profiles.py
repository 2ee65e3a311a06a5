from __future__ import annotations

import pytest

from deepvein.laboratory.kozemzak2019.profiles import PROFILES, QUICK, narrowed, scaled
from deepvein.laboratory.kozemzak2019.recipes import CLASSIFIERS, SEGMENTERS
from deepvein.networks import NETWORKS


@pytest.mark.parametrize("profile", ["gpu", "paper"])
def test_the_large_profiles_are_of_the_papers_size(profile: str) -> None:
    size = PROFILES.get(profile)
    assert (size.studies, size.patients, size.matrix, size.size) == (119, 97, 512, 224)
    for lazy in (*SEGMENTERS.values(), *CLASSIFIERS.values()):
        recipe = lazy()
        assert scaled(recipe, size).network_settings == recipe.network_settings


@pytest.mark.parametrize("name", [*SEGMENTERS, *CLASSIFIERS])
def test_the_quick_profile_is_small_and_still_fits(name: str) -> None:
    recipe = {**SEGMENTERS, **CLASSIFIERS}[name]()
    small = scaled(recipe, QUICK)
    count = NETWORKS.get(small.network).parameters(small.network_settings)
    assert count < recipe.parameters / 8
    sides = small.examples.shape
    assert sides is not None
    multiple = small.network_settings.size_multiple
    assert all(a % b == 0 for a, b in zip(sides, multiple, strict=True))
    assert small.training.epochs * (small.training.steps_per_epoch or 0) <= 800


def test_channels_stay_multiples_of_four() -> None:
    settings = CLASSIFIERS["i3d"]().network_settings
    assert narrowed(settings, 0.1).width == 8
    assert narrowed(settings, 0.01).width == 4
    assert narrowed(settings, 1) is settings
