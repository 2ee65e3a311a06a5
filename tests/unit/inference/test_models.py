"""The same weights are loaded once, other ones are told apart."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch

from deepvein.core.errors import ModelError, UnknownNameError, UsageError
from deepvein.inference.models import open_model
from deepvein.networks.gn_unet import GNUNetSettings
from deepvein.training.checkpoints import DESCRIPTION, WEIGHTS
from unit.screening.tiny_models import write_segmenter


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_segmenter(tmp_path / "model")


def test_a_model_answers(folder: Path) -> None:
    model = open_model(folder, "cpu")
    assert model.engine(torch.zeros(2, 3, 16, 8)).shape == (2, 2, 16, 8)
    assert model.description.labels == ("veins", "thrombus")


def test_the_same_weights_are_loaded_once_wherever_they_lie(folder: Path, tmp_path: Path) -> None:
    first = open_model(folder, "cpu")
    copy = shutil.copytree(folder, tmp_path / "copy")
    assert open_model(copy, "cpu").engine is first.engine
    assert open_model(copy, "cpu").folder == copy
    assert open_model(folder, "cpu", half=True).engine is not first.engine


def test_another_description_of_the_same_weights_is_heeded(folder: Path) -> None:
    first = open_model(folder, "cpu")
    path = folder / DESCRIPTION
    described = json.loads(path.read_text())
    described["examples"]["slice_step_mm"] = 5.0
    path.write_text(json.dumps(described))
    again = open_model(folder, "cpu")
    assert again.description.examples.slice_step_mm == 5.0
    assert again.engine is first.engine


def test_weights_that_change_in_their_folder_are_loaded_anew(folder: Path) -> None:
    first = open_model(folder, "cpu")
    from unit.screening.tiny_models import write_model

    settings = GNUNetSettings(in_channels=3, classes=2, base=4, depth=1)
    write_model(folder, "segmentation", first.description.examples, settings)
    assert open_model(folder, "cpu").engine is not first.engine


def test_damaged_weights_and_unknown_engines_are_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="torch"):
        open_model(folder, "cpu", engine="touch")
    with pytest.raises(UsageError):
        open_model(folder, "gpu")
    open_model(folder, "cpu")
    with (folder / WEIGHTS).open("ab") as file:
        file.write(b"0")
    with pytest.raises(ModelError, match="damaged"):
        open_model(folder, "cpu")
    (folder / WEIGHTS).unlink()
    with pytest.raises(ModelError, match=WEIGHTS):
        open_model(folder, "cpu")
