"""What a recipe says of itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deepvein.core.errors import SettingsError, UnknownNameError
from deepvein.networks import NETWORKS
from deepvein.networks.resnet18 import ResNet18Settings
from deepvein.training import RECIPES
from deepvein.training.losses import LOSSES
from deepvein.training.recipe import Task, setting, with_loss, with_network, with_setting


def test_labels_of_each_task() -> None:
    assert RECIPES.get("deepvein/ct-segmenter")().labels == ("veins", "thrombus")
    labels = RECIPES.get("deepvein/ct-localiser")().labels
    assert len(labels) == 14
    assert labels[0] == "none"
    assert labels[1] == "inferior vena cava"
    assert labels[13] == "soleal vein"


def test_every_loss_finds_its_name() -> None:
    recipe = RECIPES.get("deepvein/ct-segmenter")()
    for name, kind in LOSSES.items():
        assert replace(recipe, loss=kind()).loss_part.name == name


def test_a_network_of_labels_does_not_segment_and_one_of_masks_does_not_classify() -> None:
    recipe = RECIPES.get("deepvein/ct-segmenter")()
    with pytest.raises(SettingsError, match="segmentation does not fit network 'resnet18', which"):
        replace(recipe, network="resnet18", network_settings=ResNet18Settings())
    with pytest.raises(SettingsError, match="gives masks"):
        replace(recipe, task=Task.CLASSIFICATION)


def test_another_network_and_another_loss_take_the_place_of_a_recipes_own() -> None:
    recipe = RECIPES.get("deepvein/ct-segmenter")()
    other = with_loss(with_network(recipe, "unet"), "dice")
    assert (other.network, other.loss_part.name) == ("unet", "dice")
    assert other.network_settings.in_channels == recipe.examples.channels
    assert other.network_settings.classes == 2
    assert other.parameters == NETWORKS.get("unet").parameters(other.network_settings)
    with pytest.raises(SettingsError, match="gives labels"):
        with_network(recipe, "resnet18")
    with pytest.raises(UnknownNameError, match="unet"):
        with_network(recipe, "unit")


def test_a_recipe_is_made_when_it_is_called() -> None:
    lazy = RECIPES.get("deepvein/ct-segmenter")
    assert lazy().name == lazy.heading.name == "deepvein/ct-segmenter"
    assert lazy() == lazy()


def test_a_setting_is_known_by_its_dotted_key() -> None:
    recipe = RECIPES.get("deepvein/ct-segmenter")()
    assert setting(recipe, "training.optimiser.learning_rate") == (
        recipe.training.optimiser.learning_rate
    )
    for key in ("training", "training.batch.size", "training.nonsense"):
        with pytest.raises(SettingsError, match="setting|parts"):
            setting(recipe, key)


def test_a_setting_is_changed_by_its_dotted_key() -> None:
    unet = RECIPES.get("deepvein/ct-segmenter")()
    changed = with_setting(unet, "training.optimiser.learning_rate", 0.5)
    assert changed.training.optimiser.learning_rate == 0.5
    assert changed.training.optimiser.epsilon == unet.training.optimiser.epsilon
    assert with_setting(unet, "training.batch", 7.6).training.batch == 8
    for key in ("training.rate", "learning_rate", "training.batch.size"):
        with pytest.raises(SettingsError):
            with_setting(unet, key, 1)
