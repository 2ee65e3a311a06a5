"""The pretext task: at which height of the leg a slice was taken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.moments import Moments
from deepvein.examples.chunks import ChunkSource
from deepvein.examples.settings import ExampleSettings
from deepvein.examples.slices import SliceSource
from deepvein.examples.whole import Item
from deepvein.networks.initialisation import initialise
from deepvein.networks.vgg16 import features
from deepvein.training.machine import Machine

Parts = Mapping[str, NDArray[np.int64]]
"""For each case the (slices,) answers."""


class PositionSlices(SliceSource):
    """Whole slices with the part of the leg that they show, int64 (batch,)."""

    answers: Parts

    def _labels(self, items: list[Item]) -> Tensor:
        return _parts(self.answers, items, self.device)


class PositionChunks(ChunkSource):
    """Chunks with the part that their centre shows, int64 (batch,)."""

    answers: Parts

    def _labels(self, items: list[Item]) -> Tensor:
        return _parts(self.answers, items, self.device)


def source_of(
    cohort: Cohort,
    examples: ExampleSettings,
    answers: Parts,
    batch: int,
    moments: Moments,
    machine: Machine,
    seed: int,
) -> PositionSlices | PositionChunks:
    """The source for 2D or 3D examples, in training."""
    kind: Any = PositionChunks if examples.spatial else PositionSlices
    source: PositionSlices | PositionChunks = kind(
        cohort,
        examples,
        seed,
        batch,
        training=True,
        moments=moments,
        device=machine.preparing_device,
    )
    source.answers = answers
    return source


class VGGClassifier(nn.Module):
    """VGG16's convolutions, mean over the picture, one linear layer: (B, 1, row, column) to (B, classes)."""

    def __init__(self, width: int, classes: int) -> None:
        super().__init__()
        self.features = features(1, width)
        self.classifier = nn.Linear(8 * width, classes)

    def forward(self, inputs: Tensor) -> Tensor:
        logits: Tensor = self.classifier(self.features(inputs).mean(dim=(2, 3)))
        return logits


def build_vgg(width: int, classes: int, seed: int) -> nn.Module:
    """A VGGClassifier with its first weights."""
    with torch.device("meta"):
        skeleton = VGGClassifier(width, classes)
    return initialise(skeleton.to_empty(device="cpu"), seed)


def _parts(answers: Parts, items: list[Item], device: torch.device | str) -> Tensor:
    labels = [int(answers[item.case.case][item.answers[0]]) for item in items]
    return torch.tensor(labels, dtype=torch.int64, device=device)
