"""Why a classifier called a slice positive: class activation, and occlusion, which any network allows.

Both maps have the size of the slice as the network saw it and the unit of the logit of "DVT" minus that of
"no DVT": positive where the picture speaks for DVT.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.opening import OpenCase
from deepvein.core.devices import resolve_device
from deepvein.core.errors import UsageError
from deepvein.training.checkpoints import LoadedModel

if TYPE_CHECKING:
    from torch import Tensor, nn

Kind = Literal["activation", "occlusion"]
_PARTS = 14
"""Occlusion covers this number of places along rows and along columns."""


def kinds_of(model: LoadedModel) -> tuple[Kind, ...]:
    """The maps that the model's network allows."""
    return (
        ("activation", "occlusion")
        if hasattr(model.network, "class_activation")
        else ("occlusion",)
    )


def explain(
    model: LoadedModel, case: OpenCase, index: int, kind: Kind = "activation", device: str = "auto"
) -> NDArray[np.float32]:
    """The map, (rows, columns) float32, of slice `index` of a case.

    "activation" needs a network that ends in a mean over all places (ResNet18, I3D; UsageError for
    others). "occlusion" covers a 14th of the sides at a time by the picture's mean: the map is how much the
    logit falls. Of a chunk, what is seen is its centre slice.
    """
    import torch
    from torch.nn.functional import interpolate

    place = resolve_device(device.partition(":")[0])
    network = model.network.to(place).eval()
    inputs = inputs_of(model, case, index).to(place)
    size = tuple(inputs.shape[-2:])
    with torch.no_grad():
        if kind == "occlusion":
            coarse = occlusion(network, inputs)
        elif kind in kinds_of(model):
            whole: Any = network
            answers = whole.class_activation(inputs)[0].float()
            coarse = answers[1] - answers[0]
            coarse = coarse[coarse.shape[0] // 2] if coarse.ndim == 3 else coarse
        else:
            raise UsageError(
                f"{model.description.network.name} has no class activation; use occlusion"
            )
    heat = interpolate(coarse[None, None], size=size, mode="bilinear", align_corners=False)
    return np.asarray(heat[0, 0].cpu().numpy(), dtype=np.float32)


def inputs_of(model: LoadedModel, case: OpenCase, index: int) -> Tensor:
    """The network's input for one slice, (1, channels, [slice,] row, column)."""
    from deepvein.examples.sources import open_source

    settings = model.description.examples
    if settings.kind == "chunks":
        settings = replace(settings, chunk=replace(settings.chunk, stride=1, target="centre"))
    cohort = Cohort(case.files.image.parent, (case.case,))
    moments = model.description.moments
    source = open_source(cohort, settings, 0, 1, training=False, moments=moments)
    inputs: Tensor = source.batch(index).inputs
    return inputs


def occlusion(network: nn.Module, inputs: Tensor, parts: int = _PARTS) -> Tensor:
    """(parts, parts): by how much logit 1 minus logit 0 falls when a square there is covered.

    inputs: (1, channels, [slice,] row, column); all channels and slices are covered together. The square
    is twice as wide as the places lie apart.
    """
    import torch

    def margin(images: Tensor) -> Tensor:
        logits = network(images).float()
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
