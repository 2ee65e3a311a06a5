"""A network, a loss, a recipe, a reader and a report writer in one file, as a user would write them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from torch import Tensor, nn

from deepvein.core.progress import Progress, silent
from deepvein.examples.patches import PatchExamples
from deepvein.findings.screening import Screening
from deepvein.networks import NetworkSpec, register
from deepvein.reports import WRITERS, Document, Report, ReportContext
from deepvein.studies.location import StudyLocation
from deepvein.studies.readers import READERS
from deepvein.studies.readers.scalar import require_modality, scalar_study, scalar_summary
from deepvein.studies.study import Format, Modality, SeriesSummary, Study
from deepvein.training.losses import LOSSES
from deepvein.training.recipe import Ingredients, Task, recipe
from deepvein.training.settings import TrainingSettings
from deepvein.volumes.grid import Grid
from deepvein.volumes.volume import Volume


@dataclass(frozen=True)
class OwnSettings:
    in_channels: int = 1
    classes: int = 1
    size_multiple: tuple[int, ...] = (1, 1)


class OwnNetwork(nn.Module):
    def __init__(self, settings: OwnSettings) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(settings.in_channels, settings.classes, 3, padding=1)

    def forward(self, inputs: Tensor) -> Tensor:
        return self.convolution(inputs)


register(NetworkSpec("own-network", "one convolution", "a test", OwnSettings, OwnNetwork))


@LOSSES.register("own-loss")
@dataclass(frozen=True)
class OwnLoss:
    power: float = 2.0

    def __call__(self, logits: Tensor, targets: Tensor, weights: Tensor | None = None) -> Tensor:
        return ((logits.sigmoid() - targets).abs() ** self.power).mean()


@recipe(
    "own/recipe",
    task=Task.SEGMENTATION,
    modality=Modality.MR,
    network="own-network",
    parameters=20,
    summary="both in one",
    source="a test",
)
def own_recipe() -> Ingredients:
    examples = PatchExamples(patch=(16, 16))
    return Ingredients(OwnSettings(classes=2), examples, OwnLoss(), TrainingSettings(epochs=1))


class ArrayReader:
    """NumPy's .npy with voxels of 1 × 1 × 1 mm."""

    def accepts(self, path: Path) -> bool:
        return path.suffix == ".npy"

    def survey(
        self, location: StudyLocation, modality: Modality | None, progress: Progress = silent
    ) -> tuple[SeriesSummary, ...]:
        return (scalar_summary(location.path, self._volume(location.path).grid, modality),)

    def read(
        self, location: StudyLocation, modality: Modality | None, progress: Progress = silent
    ) -> Study:
        wanted = require_modality(location.path, modality)
        return scalar_study(location, self._volume(location.path), wanted, Format.OTHER)

    def _volume(self, path: Path) -> Volume:
        array = np.load(path)
        return Volume(array, Grid.from_directions(array.shape, (1.0, 1.0, 1.0)))


READERS.add("own-reader", ArrayReader())


@WRITERS.register("own-writer")
def verdict_report(screening: Screening, context: ReportContext | None = None) -> Report:
    text = screening.verdict.value
    return Report((Document("verdict.txt", lambda path: path.write_text(text)),))
