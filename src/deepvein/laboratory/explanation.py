"""Why a classifier called a slice positive: class activation, and occlusion, which any network allows.

Both maps have the size of the slice as the network saw it and the unit of the logit of "DVT" minus that of
"no DVT": positive where the picture speaks for DVT.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.opening import OpenCase
from deepvein.core.errors import UsageError
from deepvein.inference.engines.engine import Engine
from deepvein.inference.models import Model

if TYPE_CHECKING:
    from torch import Tensor

Kind = Literal["activation", "occlusion"]
_PARTS = 14
"""Occlusion covers this number of places along rows and along columns."""


def kinds_of(model: Model) -> tuple[Kind, ...]:
    """The maps that the model's network allows."""
    return ("activation", "occlusion") if _activation(model) is not None else ("occlusion",)


def explain(
    model: Model, case: OpenCase, index: int, kind: Kind = "activation"
) -> NDArray[np.float32]:
    """The map, (rows, columns) float32, of slice `index` of a case.

    "activation" needs a network that ends in a mean over all places, run by torch (ResNet18, I3D;
    UsageError for others). "occlusion" covers a 14th of the sides at a time by the picture's mean: the map
    is how much the logit falls. Of a chunk, what is seen is its centre slice.
    """
    import torch
    from torch.nn.functional import interpolate

    inputs = inputs_of(model, case, index).to(model.engine.device)
    size = tuple(inputs.shape[-2:])
    activation = _activation(model)
    if kind == "occlusion":
        coarse = occlusion(model.engine, inputs)
    elif activation is not None:
        with torch.no_grad():
            answers = activation(inputs)[0].float()
        coarse = answers[1] - answers[0]
        coarse = coarse[coarse.shape[0] // 2] if coarse.ndim == 3 else coarse
    else:
        raise UsageError(f"{model.description.network.name} has no class activation; use occlusion")
    heat = interpolate(coarse[None, None], size=size, mode="bilinear", align_corners=False)
    return np.asarray(heat[0, 0].cpu().numpy(), dtype=np.float32)


def _activation(model: Model) -> Callable[[Tensor], Tensor] | None:
    """What tells where a network's logits come from, None for networks and engines without it."""
    network = getattr(model.engine, "network", None)
    return getattr(network, "class_activation", None)


def inputs_of(model: Model, case: OpenCase, index: int) -> Tensor:
    """The network's input for one slice, (1, channels, [slice,] row, column)."""
    from deepvein.examples.chunks import ChunkExamples
    from deepvein.examples.sources import open_source

    settings = model.description.examples
    if isinstance(settings, ChunkExamples):
        settings = replace(settings, chunk=replace(settings.chunk, stride=1, target="centre"))
    cohort = Cohort(case.files.image.parent, (case.case,))
    moments = model.description.moments
    source = open_source(cohort, settings, 0, 1, training=False, moments=moments)
    inputs: Tensor = source.batch(index).inputs
    return inputs


def occlusion(engine: Engine, inputs: Tensor, parts: int = _PARTS) -> Tensor:
    """(parts, parts): by how much logit 1 minus logit 0 falls when a square there is covered.

    inputs: (1, channels, [slice,] row, column); all channels and slices are covered together. The square
    is twice as wide as the places lie apart.
    """
    import torch

    def margin(images: Tensor) -> Tensor:
        logits = engine(images)
        difference: Tensor = logits[:, 1] - logits[:, 0]
        return difference

    whole = margin(inputs)[0]
    rows, columns = inputs.shape[-2:]
    mean = inputs.mean()
    out = torch.zeros(parts, parts, device=inputs.device)
    for down in range(parts):
        stack = inputs.repeat(parts, *[1] * (inputs.ndim - 1))
        r0, r1 = _span(down, parts, rows)
        for across in range(parts):
            c0, c1 = _span(across, parts, columns)
            stack[across, ..., r0:r1, c0:c1] = mean
        out[down] = whole - margin(stack)
    return out


def _span(place: int, parts: int, size: int) -> tuple[int, int]:
    step = size / parts
    return max(0, round((place - 0.5) * step)), min(size, round((place + 1.5) * step))
