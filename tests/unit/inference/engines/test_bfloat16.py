"""bfloat16 where the processor multiplies in it, and torch in single precision elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from deepvein.core.devices import has_bf16
from deepvein.core.errors import EngineError
from deepvein.inference import models
from deepvein.inference.engines import ENGINES
from deepvein.inference.engines.bfloat16 import MOST_DIFFERENT
from deepvein.inference.models import open_model
from deepvein.screening.bundle import bundle_for
from deepvein.studies.study import Modality
from deepvein.training.checkpoints import load_model
from unit.screening.tiny_models import write_segmenter

CPU = torch.device("cpu")


@pytest.fixture
def able(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the processor had the instructions: torch computes the same without them, only slower."""
    monkeypatch.setattr("deepvein.inference.engines.bfloat16.has_bf16", lambda _: True)
    models._loaded.cache_clear()


@pytest.mark.parametrize("modality", Modality)
@pytest.mark.usefixtures("able")
def test_the_bundled_segmenters_are_nearly_the_same(modality: Modality) -> None:
    model = open_model(bundle_for(modality).segmenter, "cpu", engine="bfloat16")
    assert (model.computed_by.name, model.computed_by.reason) == ("bfloat16", "")
    assert 0 < model.computed_by.largest_difference < MOST_DIFFERENT


@pytest.mark.usefixtures("able")
def test_it_is_not_torch_in_single_precision(tmp_path: Path) -> None:
    folder = write_segmenter(tmp_path / "model")
    inputs = torch.randn((1, 3, 16, 32), generator=torch.Generator().manual_seed(1))
    found = open_model(folder, "cpu", engine="bfloat16").engine(inputs)
    expected = open_model(folder, "cpu").engine(inputs)
    assert found.dtype == torch.float32
    assert not torch.equal(found, expected)
    torch.testing.assert_close(found, expected, rtol=0.1, atol=0.1)


def test_a_processor_without_it_leaves_it_to_torch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deepvein.inference.engines.bfloat16.has_bf16", lambda _: False)
    models._loaded.cache_clear()
    folder = write_segmenter(tmp_path / "model")
    with pytest.raises(EngineError, match="cpu has no instructions for bfloat16"):
        ENGINES.get("bfloat16")(load_model(folder), CPU, False)
    told = open_model(folder, "cpu", engine="bfloat16").computed_by
    assert (told.name, told.instead_of) == ("torch", "bfloat16")


def test_what_this_processor_has_is_asked_of_torch() -> None:
    made = load_model(bundle_for(Modality.CT).segmenter)
    if has_bf16(CPU):
        assert ENGINES.get("bfloat16")(made, CPU, False).largest_difference < MOST_DIFFERENT
    else:
        with pytest.raises(EngineError):
            ENGINES.get("bfloat16")(made, CPU, False)
