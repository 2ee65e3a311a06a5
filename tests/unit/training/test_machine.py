"""Devices that are not there are refused; those that are, are found."""

from __future__ import annotations

import pytest
import torch

from deepvein.core.errors import SettingsError, UsageError
from deepvein.training.machine import Machine, started_outside

no_cuda = pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has CUDA")


def test_the_processor_is_always_there() -> None:
    machine = Machine(device="cpu")
    assert machine.fabric().device.type == "cpu"
    assert machine.preparing_device == "cpu"
    assert machine.preparing_threads == 0
    assert Machine(device="cpu", workers=3).preparing_threads == 3


@pytest.mark.parametrize("device", ["gpu", "cuda:x", "cpu:1"])
def test_unknown_devices_are_refused(device: str) -> None:
    with pytest.raises(UsageError, match="unknown device"):
        Machine(device=device).fabric()


@no_cuda
def test_devices_that_are_missing_are_refused() -> None:
    with pytest.raises(UsageError, match="not available on this machine; use .*cpu"):
        Machine(device="cuda").fabric()


def test_settings_out_of_range_are_refused() -> None:
    with pytest.raises(SettingsError, match="processes and nodes"):
        Machine(processes=0)
    with pytest.raises(SettingsError, match="workers"):
        Machine(workers=-1)


def test_torchrun_is_recognised(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not started_outside()
    assert Machine(processes=3).group == (3, 1)
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "1")
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "4")
    monkeypatch.setenv("WORLD_SIZE", "8")
    assert started_outside()
    assert Machine(processes=3).group == (4, 2)
