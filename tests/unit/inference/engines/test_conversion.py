"""Other engines give what torch gives, or torch does it and a remark says so."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from deepvein.core.errors import EngineError, MissingExtraError, UnknownNameError
from deepvein.inference.engines import ENGINES, Engine, engine_named
from deepvein.inference.engines.conversion import (
    MOST_DIFFERENT,
    largest_difference,
    open_converted,
)
from deepvein.inference.models import open_model
from deepvein.networks.gn_unet import GN_UNET, GNUNetSettings
from deepvein.screening.bundle import bundle_for
from deepvein.studies.study import Modality
from deepvein.training.checkpoints import LoadedModel, load_model
from unit.screening.tiny_models import write_localiser, write_segmenter

CPU = torch.device("cpu")
PACKAGES = {"onnx": "onnxscript", "openvino": "openvino"}


@pytest.fixture(params=[pytest.param("onnx", marks=pytest.mark.slow), "openvino"])
def name(request: pytest.FixtureRequest) -> str:
    if find_spec(PACKAGES[request.param]) is None:
        pytest.skip(f"{request.param} is not installed")
    return str(request.param)


@pytest.mark.parametrize("write", [write_segmenter, write_localiser])
def test_an_engine_answers_as_torch(name: str, write: object, tmp_path: Path) -> None:
    """In two dimensions and three, at sizes and batches other than those of the conversion."""
    folder = write(tmp_path / "model")  # type: ignore[operator]
    model, reference = open_model(folder, "cpu", engine=name), open_model(folder, "cpu")
    assert (model.computed_by.name, model.computed_by.reason) == (name, "")
    assert 0 <= model.computed_by.largest_difference <= MOST_DIFFERENT
    size = (3, 3, 16, 64) if write is write_segmenter else (1, 1, 32, 16, 48)
    inputs = torch.randn(size, generator=torch.Generator().manual_seed(1))
    found, expected = model.engine(inputs), reference.engine(inputs)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-3)


def test_a_model_is_converted_once(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_segmenter(tmp_path / "model")
    open_model(folder, "cpu", engine=name)

    def again(*_: object) -> None:
        raise AssertionError("converted twice")

    monkeypatch.setattr(f"deepvein.inference.engines.{name}._convert", again)
    from deepvein.inference import models

    models._loaded.cache_clear()
    assert open_model(folder, "cpu", engine=name).computed_by.name == name


@pytest.mark.parametrize("modality", Modality)
def test_the_bundled_segmenters_are_the_same(name: str, modality: Modality) -> None:
    model = open_model(bundle_for(modality).segmenter, "cpu", engine=name)
    assert (model.computed_by.name, model.computed_by.reason) == (name, "")
    assert model.computed_by.largest_difference < 0.002


class Wrong:
    """An engine that is off by `shift` in its logits."""

    device, version, largest_difference = CPU, "1", 0.0

    def __init__(self, network: nn.Module, shift: float) -> None:
        self.network, self.shift = network, shift

    def __call__(self, inputs: Tensor) -> Tensor:
        with torch.inference_mode():
            return self.network(inputs) + self.shift


@pytest.mark.parametrize("shift", [0.5, float("nan")])
def test_an_engine_that_differs_is_refused_and_torch_takes_over(
    shift: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def make(model: LoadedModel, device: torch.device, half: bool) -> Engine:
        engine = Wrong(model.network, shift)
        engine.largest_difference = largest_difference(model.network, engine)
        return engine

    monkeypatch.setitem(ENGINES._entries, "wrong", make)
    folder = write_segmenter(tmp_path / "model")
    model = open_model(folder, "cpu", engine="wrong")
    told = model.computed_by
    assert (told.name, told.instead_of) == ("torch", "wrong")
    assert "off by up to" in told.reason
    assert model.engine(torch.zeros(1, 3, 16, 16)).shape == (1, 2, 16, 16)


def test_shapes_and_failures_are_told() -> None:
    network = GN_UNET.build(GNUNetSettings(in_channels=1, classes=1, base=2, depth=1), 1).eval()
    assert largest_difference(network, network) == 0.0
    with pytest.raises(EngineError, match="answers with"):
        largest_difference(network, lambda x: network(x)[..., 1:])

    def broken(_: Tensor) -> Tensor:
        raise RuntimeError("odd")

    with pytest.raises(EngineError, match="fails on an input of .*: odd"):
        largest_difference(network, broken)


def test_other_engines_stay_on_the_processor(name: str, tmp_path: Path) -> None:
    from deepvein.training.checkpoints import load_model

    model = load_model(write_segmenter(tmp_path / "model"))
    with pytest.raises(EngineError, match="not on meta"):
        ENGINES.get(name)(model, torch.device("meta"), False)


def test_names_are_checked_before_anything_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    assert engine_named("auto") == engine_named("torch") == "torch"
    with pytest.raises(UnknownNameError):
        engine_named("tensorrt")
    monkeypatch.setattr("deepvein.inference.engines.engine.find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match=r"deepvein\[openvino\]"):
        engine_named("openvino")


def test_what_was_converted_is_opened_and_compared_or_says_why_not(tmp_path: Path) -> None:
    model = load_model(write_segmenter(tmp_path / "model"))
    made: list[Path] = []

    def convert(_: nn.Module, folder: Path) -> None:
        (folder / "model").write_text("made")

    def load(folder: Path) -> Wrong:
        made.append(folder / "model")
        return Wrong(model.network, 0.001)

    engine = open_converted(model, CPU, "test 1", convert, load)
    assert made[0].read_text() == "made"
    assert 0 < engine.largest_difference < 0.001

    def broken(_: Path) -> Wrong:
        raise RuntimeError("odd")

    with pytest.raises(EngineError, match="it cannot be loaded: odd"):
        open_converted(model, CPU, "test 1", convert, broken)
    with pytest.raises(EngineError, match="on the processor, not on cuda"):
        open_converted(model, torch.device("cuda"), "test 1", convert, load)
