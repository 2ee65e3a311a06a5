"""What Kozemzak et al. 2019 state, held against the recipes."""

from __future__ import annotations

import pytest

from deepvein.laboratory import RECIPES
from deepvein.laboratory.kozemzak2019 import published
from deepvein.laboratory.kozemzak2019.recipes import CLASSIFIERS, LABELS, SEGMENTERS, unet_3d_centre
from deepvein.training.losses.cross_entropy import CrossEntropy
from deepvein.training.losses.kozemzak_dice import KozemzakDice
from deepvein.training.recipe import Task


def test_four_segmenters_and_six_classifiers_are_registered() -> None:
    assert (len(SEGMENTERS), len(CLASSIFIERS)) == (4, 6)
    for name, lazy in {**SEGMENTERS, **CLASSIFIERS}.items():
        assert RECIPES.get(f"kozemzak2019/{name}") is lazy
        assert LABELS[name]


@pytest.mark.parametrize("name", SEGMENTERS)
def test_segmenters_follow_the_paper(name: str) -> None:
    recipe = SEGMENTERS[name]()
    assert recipe.task is Task.SEGMENTATION
    assert recipe.loss == KozemzakDice(over="batch")
    assert recipe.examples.size == (224, 224)
    augmentation = recipe.examples.augmentation
    assert (augmentation.rotation_deg, augmentation.shift, augmentation.scale) == (72.0, 0.05, 0.05)
    assert augmentation.mirror_columns == 0.0


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_classifiers_follow_the_paper(name: str) -> None:
    recipe = CLASSIFIERS[name]()
    assert recipe.task is Task.CLASSIFICATION
    assert recipe.loss == CrossEntropy()
    assert recipe.training.optimiser.weight_decay > 0
    assert recipe.examples.vein_channel is name.endswith("-masks")
    assert recipe.pretrained == ("kinetics" if name.startswith("i3d") else "imagenet")
    assert recipe.examples.augmentation.mirror_rows == 0.5
    if not name.startswith("resnet18"):
        assert (recipe.examples.chunk.length, recipe.examples.chunk.target) == (11, "centre")


def test_chunks_of_eight_and_their_centre() -> None:
    assert SEGMENTERS["unet-3d"]().examples.chunk.length == 8
    centre = unet_3d_centre()
    assert centre.examples.chunk.target == centre.network_settings.target == "centre"


def test_only_the_pretrained_vgg_has_first_weights() -> None:
    first = {name: lazy().pretrained for name, lazy in SEGMENTERS.items()}
    assert first.pop("vgg-pretrained") == "imagenet"
    assert set(first.values()) == {"none"}


def test_the_printed_tables_are_whole() -> None:
    assert {row.model for row in published.TABLE_1} == set(SEGMENTERS)
    assert {row.model for row in published.TABLE_2} == set(CLASSIFIERS)
    best = max((row for row in published.TABLE_2 if row.metric == "AUROC"), key=lambda r: r.test)
    assert (best.model, best.test) == ("cnn-rnn", 0.64)
