"""What every recipe in the registry promises."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from deepvein.core.errors import SettingsError
from deepvein.core.settings import from_dict, to_dict
from deepvein.examples.sources import SOURCES
from deepvein.laboratory import RECIPES
from deepvein.networks import NETWORKS
from deepvein.training.losses import LOSSES
from deepvein.training.recipe import Recipe

ALL = [pytest.param(lazy(), id=name) for name, lazy in RECIPES.items()]


@pytest.mark.parametrize("recipe", ALL)
class TestRecipe:
    def test_the_stated_parameters_are_those_of_the_network(self, recipe: Recipe) -> None:
        counted = NETWORKS.get(recipe.network).parameters(recipe.network_settings)
        assert recipe.parameters == counted

    def test_the_network_takes_the_examples_and_names_its_outputs(self, recipe: Recipe) -> None:
        assert recipe.network_settings.in_channels == recipe.examples.channels
        assert recipe.network_settings.classes == len(recipe.labels)
        multiple, size = recipe.network_settings.size_multiple, recipe.examples.shape
        assert size is not None
        assert all(side % factor == 0 for side, factor in zip(size, multiple, strict=True))

    def test_it_is_found_under_its_name(self, recipe: Recipe) -> None:
        assert RECIPES.get(recipe.name)() == recipe
        assert recipe.examples.kind in SOURCES
        assert recipe.loss_part.name in LOSSES
        assert recipe.summary
        assert recipe.source

    def test_its_settings_survive_json(self, recipe: Recipe) -> None:
        for settings in (recipe.network_settings, recipe.examples, recipe.loss, recipe.training):
            assert from_dict(type(settings), to_dict(settings)) == settings


def test_the_papers_recipe_is_there() -> None:
    recipe = RECIPES.get("huang2019/gn-unet")()
    assert recipe.parameters == 7_765_409
    assert recipe.training.epochs == 250
    assert recipe.training.batch == 2


def test_a_recipe_whose_parts_do_not_fit_is_refused() -> None:
    recipe = RECIPES.get("huang2019/gn-unet")()
    with pytest.raises(SettingsError, match="GNUNetSettings"):
        replace(recipe, network_settings=recipe.examples)
    with pytest.raises(SettingsError, match="registered losses"):
        replace(recipe, loss=recipe.training)


def test_listing_recipes_does_not_import_torch() -> None:
    code = "import sys, deepvein.laboratory; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
