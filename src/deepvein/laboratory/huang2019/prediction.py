"""From a trained network to a mask on the grid of the study."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from deepvein.cohorts.opening import OpenCase
from deepvein.examples.normalisation import scaling
from deepvein.examples.preprocessing import EMPTY, chunk, chunk_starts, resize, slice_inputs
from deepvein.laboratory.huang2019.sequences import SEQUENCES, open_second
from deepvein.training.checkpoints import LoadedModel
from deepvein.volumes.volume import Volume

THRESHOLD = 0.5
_BATCH = 8


@dataclass(frozen=True, eq=False)
class Segmented:
    """mask: (slice, row, column) on the image's grid; seconds: of a slice, reading and resizing included."""

    mask: NDArray[np.bool_]
    seconds: float


@torch.inference_mode()
def segment(
    model: LoadedModel, case: OpenCase, cache: Path, device: torch.device, half: bool = False
) -> Segmented:
    """Where the network gives thrombus a probability of 0.5 or more. half: compute in bfloat16 where
    that is safe. Chunks overlap as in training; their probabilities are averaged."""
    begun = time.perf_counter()
    network = model.network.to(device).eval()
    settings = model.description.examples
    volumes = [case.image]
    if settings.kind == SEQUENCES:
        volumes.append(open_second(case.case, cache).image)
    slices = case.image.grid.shape[0]
    mask = np.empty(case.image.grid.shape, dtype=np.bool_)
    with torch.autocast(device.type, dtype=torch.bfloat16, enabled=half):
        if settings.kind == "chunks":
            probability = _by_chunks(model, volumes[0], device)
            for index in range(slices):
                mask[index] = _native(probability[index : index + 1], case)[0]
        else:
            for first in range(0, slices, _BATCH):
                indices = range(first, min(first + _BATCH, slices))
                inputs = torch.cat([_inputs(model, one, indices, device) for one in volumes], dim=1)
                probability = network(inputs).float().sigmoid()[:, 0]
                mask[indices.start : indices.stop] = _native(probability, case)
    return Segmented(mask, (time.perf_counter() - begun) / slices)


def _inputs(model: LoadedModel, volume: Volume, indices: range, device: torch.device) -> Tensor:
    settings = model.description.examples
    scale = scaling(volume, settings.normalisation, model.description.moments)
    return slice_inputs(volume, indices, settings, scale, device=device)


def _by_chunks(model: LoadedModel, volume: Volume, device: torch.device) -> Tensor:
    """(slices, rows, columns) mean probabilities at the network's size."""
    settings, slices = model.description.examples, volume.grid.shape[0]
    planes = _inputs(model, volume, range(slices), device)[:, 0]
    total, count = torch.zeros_like(planes), torch.zeros(slices, 1, 1, device=device)
    for start in chunk_starts(slices, settings):
        places = chunk(start, slices, settings)
        there = [k for k, n in enumerate(places) if n != EMPTY]
        stack = torch.zeros(len(places), *planes.shape[1:], device=device)
        chosen = [places[k] for k in there]
        stack[there] = planes[chosen]
        probability = model.network(stack[None, None]).float().sigmoid()[0, 0]
        total[chosen] += probability[there]
        count[chosen] += 1
    return total / count


def _native(probability: Tensor, case: OpenCase) -> NDArray[np.bool_]:
    rows, columns = case.image.grid.shape[1:]
    mask: NDArray[np.bool_] = (
        (resize(probability[:, None], (rows, columns))[:, 0] >= THRESHOLD).cpu().numpy()
    )
    return mask
