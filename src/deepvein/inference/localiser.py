"""Naming the deep-vein territories of a whole study on a coarse grid."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from deepvein.core.errors import ModelError
from deepvein.examples.coarse import coarse_input
from deepvein.examples.territories import TerritoryExamples
from deepvein.studies.study import Modality
from deepvein.volumes.volume import Volume

if TYPE_CHECKING:
    from deepvein.inference.models import Model

NONE = 0.7
"""A voxel has no territory only if that is this probable: a vein that is left out is never looked at,
a region that is too large only costs time."""

_DIVISOR = 16
"""Sides are padded to multiples of this, enough for four poolings."""


def localise(model: Model, volume: Volume, modality: Modality) -> Volume:
    """Segment values (uint8, 0 none, 1 to 13) of the nearest deep vein on a coarse axial grid.

    The grid is `examples.territories.coarse_input`'s and covers `volume`; a territory reaches as far
    from its vein as the model was trained to say.
    """
    examples = model.description.examples
    if not isinstance(examples, TerritoryExamples):
        raise ModelError(f"{model.folder} reads {examples.kind}, not the whole study: no localiser")
    spacing = examples.coarse.spacing_mm
    array, grid = coarse_input(volume, modality, spacing)
    image = torch.from_numpy(np.ascontiguousarray(array, dtype=np.float32))
    padding = [-n % _DIVISOR for n in grid.shape]
    # The padded rim repeats the lowest value, which is air.
    padded = torch.nn.functional.pad(
        image, (0, padding[2], 0, padding[1], 0, padding[0]), value=float(image.min())
    )
    logits = model.engine(padded[None, None])
    if logits.ndim != 5:
        raise ModelError(f"a localiser answers with 5 axes, this model with {logits.ndim}")
    probability = logits[0].softmax(dim=0)
    nearest = probability[1:].argmax(dim=0) + 1
    classes = torch.where(probability[0] < NONE, nearest, 0).to(torch.uint8).cpu().numpy()
    return Volume(classes[: grid.shape[0], : grid.shape[1], : grid.shape[2]], grid)
