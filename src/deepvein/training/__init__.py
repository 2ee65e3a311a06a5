"""Recipes, losses, the loop and what comes out of it; importing this names the bundled models' recipes."""

from deepvein.training import bundled
from deepvein.training.losses import LOSSES
from deepvein.training.recipe import RECIPES, Recipe

__all__ = ["LOSSES", "RECIPES", "Recipe", "bundled"]
