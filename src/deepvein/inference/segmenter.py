"""Deep-vein and thrombus probabilities of a study, region by region at about its own resolution."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import torch
from numpy import maximum, uint8
from numpy.typing import NDArray

from deepvein.core.errors import ModelError
from deepvein.core.progress import Progress, silent
from deepvein.examples.normalisation import Scaling, scaling
from deepvein.examples.preprocessing import network_spacing, resize, slice_inputs
from deepvein.examples.slices import SliceExamples
from deepvein.inference.case_reader import read_views
from deepvein.inference.prediction import SCALE
from deepvein.inference.regions import Region
from deepvein.volumes.volume import Volume

if TYPE_CHECKING:
    from deepvein.inference.models import Model

_MULTIPLE = 16
"""Sides of what the network sees are multiples of this, enough for four poolings."""


def segment(
    model: Model,
    volume: Volume,
    where: Sequence[Region],
    outputs: Mapping[str, NDArray[uint8]],
    progress: Progress = silent,
) -> None:
    """Writes probabilities (p * 255) into `outputs`: one array of the volume's shape for each target.

    volume: seen along the model's axes (`volumes.orient`). where: regions to look at; voxels outside
    them are left as they are, and where regions overlap the larger probability stands.
    Raises ModelError for a model of other examples than slices and patches, and if it does not predict a
    target that `outputs` asks for.
    """
    examples = model.description.examples
    if not isinstance(examples, SliceExamples):
        raise ModelError(
            f"{model.folder} reads {examples.kind or 'volumes'}, not slices or parts of them"
        )
    unknown = set(outputs) - set(examples.targets)
    if unknown:
        raise ModelError(
            f"the model predicts {', '.join(examples.targets)}, not {', '.join(sorted(unknown))}"
        )
    scale = scaling(volume, examples.normalisation, model.description.moments)
    device = model.engine.device

    def inputs(number: int) -> torch.Tensor:
        return region_inputs(volume, where[number], examples, scale, device)

    answers = read_views(model.engine, inputs, len(where), progress)
    for region, logits in zip(where, answers, strict=True):
        probability = resize(torch.sigmoid(logits), region.size)
        found = (probability.clamp(0, 1) * SCALE).round().to(torch.uint8).cpu().numpy()
        for target, array in outputs.items():
            _paste(array, region, found[:, examples.targets.index(target)])


def region_inputs(
    volume: Volume,
    region: Region,
    examples: SliceExamples,
    scale: Scaling,
    device: torch.device | str = "cpu",
) -> torch.Tensor:
    """The network's view of a region: float32 (slices, channels, rows, columns), sides multiples of 16.

    In a model for whole images of a fixed size, each region is brought to that size.
    """
    window = (region.rows[0], region.columns[0], *region.size)
    inputs = slice_inputs(
        volume, range(*region.slices), examples, scale, window=window, device=device
    )
    if examples.size is not None:
        return resize(inputs, examples.size)
    native, wanted = volume.grid.spacing_mm[1:], network_spacing(volume.grid, examples)
    rows, columns = (
        max(1, round(n * have / want / _MULTIPLE)) * _MULTIPLE
        for n, have, want in zip(region.size, native, wanted, strict=True)
    )
    return resize(inputs, (rows, columns))


def _paste(array: NDArray[uint8], region: Region, found: NDArray[uint8]) -> None:
    """Puts (slice, row, column) probabilities where the region lies, its part outside left off."""
    ranges = [
        (min(max(start, 0), n), min(max(stop, 0), n))
        for (start, stop), n in zip((region.rows, region.columns), array.shape[1:], strict=True)
    ]
    rows, columns = (slice(*part) for part in ranges)
    part = found[
        :,
        rows.start - region.rows[0] : rows.stop - region.rows[0],
        columns.start - region.columns[0] : columns.stop - region.columns[0],
    ]
    target = array[slice(*region.slices), rows, columns]
    maximum(target, part, out=target)
