from __future__ import annotations

import os

import pytest

from deepvein.laboratory import RECIPES
from deepvein.laboratory.hardware import fitting, sound
from deepvein.training.machine import Machine


def test_a_cpu_trains_on_every_core() -> None:
    machine, count = fitting("cpu")
    assert machine.device == "cpu"
    assert machine.precision in ("bf16-mixed", "32-true")
    assert count == os.cpu_count()


def test_a_graphics_processor_trains_one(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert fitting("auto")[1] == 1
    assert fitting("cuda")[0].device == "cuda"
    assert fitting("cpu")[0].device == "cpu"


def test_spatial_networks_get_single_precision_on_a_cpu() -> None:
    half = Machine(device="cpu", precision="bf16-mixed")
    assert sound(half, RECIPES.get("deepvein/ct-localiser")()).precision == "32-true"
    assert sound(half, RECIPES.get("deepvein/ct-segmenter")()) == half
