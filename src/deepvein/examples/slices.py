"""Whole slices with their neighbours, each once an epoch: the examples of both papers in 2D."""

from __future__ import annotations

import torch
from torch import Tensor

from deepvein.cohorts.opening import OpenCase
from deepvein.examples.preprocessing import neighbours
from deepvein.examples.whole import Item, Stack, WholeSlices


class SliceSource(WholeSlices):
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
