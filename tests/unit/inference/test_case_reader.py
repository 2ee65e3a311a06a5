"""Every slice is answered once, in order, by networks whose answers can be worked out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.moments import Moments
from deepvein.examples.chunks import ChunkExamples
from deepvein.examples.presets import KOZEMZAK2019_CLASSIFICATION_3D, KOZEMZAK2019_SEGMENTATION
from deepvein.examples.settings import ExampleSettings, ImageSettings
from deepvein.inference.case_reader import read_case, read_views
from deepvein.inference.engines.torch import TorchEngine
from deepvein.inference.models import Model
from deepvein.inference.prediction import EngineIdentity
from deepvein.studies.study import Modality
from deepvein.training.checkpoints import ModelDescription, Part
from unit.cohorts.tiny_cohort import SHAPE, make

CPU = torch.device("cpu")


class Mean(nn.Module):
    """One logit: the mean of the middle of the given slices."""

    def forward(self, inputs: Tensor) -> Tensor:
        middle = inputs[:, :, inputs.shape[2] // 2] if inputs.ndim == 5 else inputs
        return middle.mean((1, 2, 3))[:, None]


def model(examples: ExampleSettings) -> Model:
    description = ModelDescription(
        "test", "segmentation", Modality.CT, Part("none"), examples, ("x",), Moments(1, 0.0, 1.0)
    )
    return Model(
        TorchEngine(Mean(), CPU),
        description,
        "",
        Path(),
        EngineIdentity("torch", torch.__version__),
    )


@pytest.fixture
def cohort(tmp_path: Path) -> Cohort:
    return make(tmp_path, n=1)


@pytest.mark.parametrize(
    "examples", [KOZEMZAK2019_SEGMENTATION, KOZEMZAK2019_CLASSIFICATION_3D], ids=["2d", "centre"]
)
@pytest.mark.parametrize("batch", [1, 5, 100])
def test_every_slice_is_answered_once(cohort: Cohort, examples: ImageSettings, batch: int) -> None:
    small = replace(examples, size=(20, 28))
    if isinstance(small, ChunkExamples):
        small = replace(small, chunk=replace(small.chunk, stride=4))
    (case,) = cohort
    answers = [
        (item.answers, logits.item())
        for item, logits in read_case(model(small), case, cohort, batch)
    ]
    assert [slices for slices, _ in answers] == [(index,) for index in range(SHAPE[0])]
    least = small.normalisation.clip[0] if small.normalisation.clip else -1024
    assert all(least <= mean <= 140 for _, mean in answers)
    assert len({mean for _, mean in answers}) > 1


def test_views_come_in_order_with_their_progress() -> None:
    told: list[tuple[str, int, int]] = []
    views = read_views(
        TorchEngine(nn.Identity(), CPU),
        lambda step: torch.full((1, 1, 2, 2), float(step)),
        3,
        lambda *report: told.append(report),
        "looking",
    )
    assert [view.mean().item() for view in views] == [0.0, 1.0, 2.0]
    assert told == [("looking", done, 3) for done in range(4)]
