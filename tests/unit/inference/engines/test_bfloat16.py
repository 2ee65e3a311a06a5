"""bfloat16 where the processor multiplies in it, and torch in single precision elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from deepvein.core.devices import has_bf16
from deepvein.core.errors import EngineError
from deepvein.inference import models
from deepvein.inference.engines import ENGINES, engine_named
from deepvein.inference.engines.bfloat16 import MOST_DIFFERENT
from deepvein.inference.engines.torch import TorchEngine
from deepvein.inference.models import open_model
from deepvein.screening.bundle import bundle_for
from deepvein.studies.study import Modality
from deepvein.training.checkpoints import load_model
from unit.screening.tiny_models import write_segmenter

CPU = torch.device("cpu")


@pytest.fixture
def able(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the processor had the instructions: torch computes the same without them, only slower."""
    for room in ("bfloat16", "engine"):
        monkeypatch.setattr(f"deepvein.inference.engines.{room}.has_bf16", lambda _: True)
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


@pytest.mark.usefixtures("able")
def test_the_first_level_and_the_last_layer_stay_in_single_precision(tmp_path: Path) -> None:
    engine = open_model(write_segmenter(tmp_path / "model"), "cpu", engine="bfloat16").engine
    assert isinstance(engine, TorchEngine)
    seen: dict[str, torch.dtype] = {}
    for name in ("encoder.0", "encoder.1", "head"):
        layer = engine.network.get_submodule(name)
        layer.register_forward_hook(lambda _, __, out, name=name: seen.update({name: out.dtype}))
    engine(torch.zeros(1, 3, 16, 32))
    assert seen == {
        "encoder.0": torch.float32,
        "encoder.1": torch.bfloat16,
        "head": torch.float32,
    }


@pytest.mark.usefixtures("able")
def test_auto_takes_it_and_torch_where_it_is_off_without_a_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_segmenter(tmp_path / "model")
    assert engine_named("auto", CPU) == "bfloat16"
    assert open_model(folder, "cpu", engine="auto").computed_by.name == "bfloat16"
    monkeypatch.setattr("deepvein.inference.engines.bfloat16.MOST_DIFFERENT", 0.0)
    models._loaded.cache_clear()
    told = open_model(folder, "cpu", engine="auto").computed_by
    assert (told.name, told.instead_of, told.reason) == ("torch", "", "")
    told = open_model(folder, "cpu", engine="bfloat16").computed_by
    assert (told.name, told.instead_of) == ("torch", "bfloat16")


def test_auto_is_torch_on_other_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    assert engine_named("auto", torch.device("meta")) == "torch"
    monkeypatch.setattr("deepvein.inference.engines.engine.has_bf16", lambda _: False)
    assert engine_named("auto", CPU) == "torch"


def test_what_this_processor_has_is_asked_of_torch() -> None:
    made = load_model(bundle_for(Modality.CT).segmenter)
    if has_bf16(CPU):
        assert ENGINES.get("bfloat16")(made, CPU, False).largest_difference < MOST_DIFFERENT
    else:
        with pytest.raises(EngineError):
            ENGINES.get("bfloat16")(made, CPU, False)
