"""Consecutive whole slices as 3D examples, empty images beyond the ends (Kozemzak 2019, Section 4.1)."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from deepvein.cohorts.opening import OpenCase
from deepvein.examples.index import index_labels
from deepvein.examples.preprocessing import EMPTY, chunk, chunk_starts
from deepvein.examples.settings import ChunkSettings, ImageSettings
from deepvein.examples.sources import SourceSpec, register
from deepvein.examples.whole import Item, Stack, WholeSlices


@dataclass(frozen=True)
class ChunkExamples(ImageSettings):
    """Consecutive whole slices as one 3D example."""

    kind: str = "chunks"
    chunk: ChunkSettings = field(default_factory=ChunkSettings)

    @property
    def shape(self) -> tuple[int, ...] | None:
        return None if self.size is None else (self.chunk.length, *self.size)

    @property
    def spatial(self) -> bool:
        return True


class ChunkSource(WholeSlices[ChunkExamples]):
    """An ExampleSource of chunks: inputs (batch, channel, slice, row, column).

    Targets: masks (batch, target, slice, row, column) of all slices, masks (batch, target, row, column)
    of the centre slice, or int64 labels (batch,) of the centre slice (`settings.chunk.target`). Masks of
    empty slices are empty; a chunk that is labelled as a whole is positive if any of its slices is.
    """

    def items_of(self, case: OpenCase) -> list[Item]:
        count = case.image.grid.shape[0]
        items = []
        for start in chunk_starts(count, self.settings.chunk):
            inputs = tuple(chunk(start, count, self.settings.chunk))
            answers = (
                (inputs[len(inputs) // 2],)
                if self.settings.chunk.target == "centre"
                else tuple(n for n in inputs if n != EMPTY or not self.settings.classifies)
            )
            items.append(Item(case.case, inputs, answers))
        return items

    def _veins_of(self, item: Item) -> tuple[int, ...]:
        return item.inputs

    def laid_out(self, stack: Stack) -> tuple[Tensor, Tensor]:
        inputs = stack.images.unsqueeze(1)
        if stack.veins is not None:
            inputs = torch.cat([inputs, stack.veins.unsqueeze(1)], dim=1)
        if stack.labels is not None:
            return inputs, stack.labels
        masks = stack.masks if stack.masks is not None else inputs[:, :0]
        return inputs, masks[:, :, 0] if self.settings.chunk.target == "centre" else masks


register(
    SourceSpec(
        "chunks",
        "consecutive whole slices as 3D examples",
        ChunkExamples,
        ChunkSource,
        index_labels,
    )
)
