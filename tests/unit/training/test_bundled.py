"""Each modality has a localiser and a segmenter."""

from __future__ import annotations

from deepvein.studies.study import Modality
from deepvein.training import RECIPES
from deepvein.training.recipe import Task


def test_each_modality_has_both() -> None:
    for modality in Modality:
        prefix = f"deepvein/{modality.value.lower()}"
        assert RECIPES.get(f"{prefix}-localiser")().task is Task.LOCALISATION
        assert RECIPES.get(f"{prefix}-segmenter")().task is Task.SEGMENTATION
        assert RECIPES.get(f"{prefix}-segmenter")().modality is modality
