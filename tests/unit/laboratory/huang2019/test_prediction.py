"""Masks from networks that mark what is bright."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from deepvein.cohorts.case import Case
from deepvein.cohorts.cohort import Cohort
from deepvein.examples.presets import HUANG2019, HUANG2019_3D
from deepvein.examples.settings import ChunkSettings
from deepvein.inference.engines.torch import TorchEngine
from deepvein.inference.models import Model
from deepvein.inference.prediction import EngineIdentity
from deepvein.laboratory.huang2019.prediction import segment
from deepvein.laboratory.huang2019.recipes import gn_unet
from deepvein.studies.nifti import write_nifti
from deepvein.studies.study import Modality
from deepvein.training.checkpoints import ModelDescription
from deepvein.volumes.grid import CORONAL, Grid
from deepvein.volumes.volume import Volume

GN_UNET = gn_unet()
SHAPE = (10, 61, 35)


class Bright(nn.Module):
    def forward(self, inputs: Tensor) -> Tensor:
        return 20 * (inputs[:, :1] - 0.5)


def model(chunk: ChunkSettings | None = None) -> Model:
    examples = replace(HUANG2019, size=(64, 32))
    if chunk is not None:
        examples = replace(HUANG2019_3D, size=(64, 32), chunk=chunk)
    description = ModelDescription(
        "test", "segmentation", Modality.MR, GN_UNET.network_part, examples, ("thrombus",)
    )
    engine = TorchEngine(Bright(), torch.device("cpu"))
    return Model(engine, description, "", Path(), EngineIdentity("torch", torch.__version__))


def case(folder: Path) -> tuple[Cohort, np.ndarray]:
    truth = np.zeros(SHAPE, dtype=bool)
    truth[:, 20:40, 10:20] = True
    grid = Grid.from_directions(SHAPE, (2.0, 1.0, 1.0), (0.0, 0.0, 0.0), CORONAL)
    image = Volume((truth * 1000).astype(np.int16), grid)
    write_nifti(image, folder / "image.nii")
    write_nifti(Volume(truth.astype(np.uint8), grid), folder / "thrombi.nii")
    row = Case(
        "a", "a", Modality.MR, folder / "image.nii", None, folder / "thrombi.nii", has_dvt=True
    )
    return Cohort(folder, (row,)), truth


@pytest.mark.parametrize(
    "chunk", [None, ChunkSettings(length=4, stride=2), ChunkSettings(length=8, stride=8)]
)
def test_masks_come_back_on_the_studys_grid(chunk: ChunkSettings | None, tmp_path: Path) -> None:
    cohort, truth = case(tmp_path)
    found = segment(model(chunk), cohort.cases[0], cohort)
    assert found.mask.shape == SHAPE
    assert found.seconds > 0
    wrong = np.count_nonzero(found.mask != truth)
    # Only pixels at the outline may change when the image is resized and back.
    assert wrong <= SHAPE[0] * 2 * (20 + 10)
    assert (found.mask & truth).sum() > 0.85 * truth.sum()
