"""What a recipe says of itself."""

from __future__ import annotations

from dataclasses import replace

from deepvein.training import RECIPES
from deepvein.training.losses import LOSSES


def test_labels_of_each_task() -> None:
    assert RECIPES.get("deepvein/ct-segmenter").labels == ("veins", "thrombus")
    labels = RECIPES.get("deepvein/ct-localiser").labels
    assert len(labels) == 14
    assert labels[0] == "none"
    assert labels[1] == "inferior vena cava"
    assert labels[13] == "soleal vein"


def test_every_loss_finds_its_name() -> None:
    recipe = RECIPES.get("deepvein/ct-segmenter")
    for name, kind in LOSSES.items():
        assert replace(recipe, loss=kind()).loss_part.name == name
