"""Whole slices with their neighbours, each once an epoch: the examples of both papers in 2D."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from deepvein.cohorts.opening import OpenCase
from deepvein.core.errors import SettingsError
from deepvein.examples.index import index_labels
from deepvein.examples.preprocessing import neighbours
from deepvein.examples.settings import ImageSettings
from deepvein.examples.sources import SourceSpec, register
from deepvein.examples.whole import Item, Stack, WholeSlices


@dataclass(frozen=True)
class SliceExamples(ImageSettings):
    """Whole slices, each with its neighbours.

    slices: odd number of neighbouring slices that are the channels of an example.
    slice_step_mm: wanted distance between neighbours, so that thin and thick slices show the same
    depth; None takes adjacent slices.
    """

    kind: str = "slices"
    slices: int = 1
    slice_step_mm: float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.slices < 1 or self.slices % 2 == 0:
            raise SettingsError(f"slices is an odd number, got {self.slices}")
        if self.slice_step_mm is not None and self.slice_step_mm <= 0:
            raise SettingsError(f"slice_step_mm must be above 0, got {self.slice_step_mm}")

    @property
    def channels(self) -> int:
        return self.slices + int(self.vein_channel)


class SliceSource(WholeSlices[SliceExamples]):
    """An ExampleSource of whole slices: inputs (batch, channel, row, column).

    Targets: masks (batch, target, row, column), or int64 labels (batch,) whether the slice shows a
    thrombus. Channels are the neighbouring slices and, where it is set, the deep veins of the middle one.
    """

    def items_of(self, case: OpenCase) -> list[Item]:
        grid = case.image.grid
        count, spacing = grid.shape[0], grid.spacing_mm[0]
        return [
            Item(case.case, tuple(neighbours(n, count, self.settings, spacing)), (n,))
            for n in range(count)
        ]

    def laid_out(self, stack: Stack) -> tuple[Tensor, Tensor]:
        inputs = stack.images
        if stack.veins is not None:
            inputs = torch.cat([inputs, stack.veins], dim=1)
        if stack.labels is not None:
            return inputs, stack.labels
        masks = stack.masks if stack.masks is not None else inputs[:, :0].unsqueeze(2)
        return inputs, masks[:, :, 0]


register(
    SourceSpec(
        "slices",
        "every whole slice once an epoch, with neighbours",
        SliceExamples,
        SliceSource,
        index_labels,
    )
)
