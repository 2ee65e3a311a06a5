from __future__ import annotations

import pytest

from deepvein.core.errors import UnknownNameError
from deepvein.laboratory.kozemzak2019.models import PHANTOMS, chosen, models_of, with_rate
from deepvein.laboratory.kozemzak2019.profiles import PROFILES

QUICK = PROFILES.get("quick")


def test_names_are_unique_and_the_papers_models_come_first() -> None:
    models = models_of(QUICK)
    names = [model.name for model in models]
    assert len(set(names)) == len(names)
    assert names[:10] == [
        "unet", "vgg", "vgg-pretrained", "unet-3d", "resnet18", "resnet18-masks", "cnn-rnn",
        "cnn-rnn-masks", "i3d", "i3d-masks",
    ]  # fmt: skip
    assert sum(model.fold is not None for model in models) == QUICK.folds


def test_narrow_networks_begin_from_our_own_phantoms() -> None:
    first = {model.name: model.pretrained for model in models_of(QUICK)}
    assert first["vgg-pretrained"] == first["i3d"] == PHANTOMS
    assert first["vgg"] == first["resnet18-random"] == "none"


def test_asked_for_published_weights_are_those_of_each_network() -> None:
    models = {model.name: model for model in models_of(PROFILES.get("gpu"), "imagenet")}
    assert models["resnet18"].pretrained == "imagenet"
    assert models["i3d"].pretrained == "kinetics"
    assert models["resnet18-phantoms"].pretrained == models["vgg-phantoms"].pretrained == PHANTOMS


def test_models_and_folds_are_chosen_by_name() -> None:
    models = models_of(QUICK)
    assert [model.name for model in chosen(models, ["vgg"], None)] == ["vgg"]
    folds = [model.fold for model in chosen(models, None, [1]) if model.fold is not None]
    assert folds == [1]
    with pytest.raises(UnknownNameError, match="vgg19"):
        chosen(models, ["vgg19"], None)


def test_searched_settings_replace_the_recipes() -> None:
    model = with_rate(models_of(QUICK)[4], 0.02, 0.5)
    optimiser = model.recipe.training.optimiser
    assert (optimiser.learning_rate, optimiser.weight_decay) == (0.02, 0.5)
