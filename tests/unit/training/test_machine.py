"""Devices that are not there are refused; those that are, are found."""

from __future__ import annotations

import pytest
import torch

from deepvein.core.errors import SettingsError, UsageError
from deepvein.core.workers import cores
from deepvein.training.machine import Machine, side_by_side, started_outside

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
    for rank, first in (("0", True), ("5", False)):
        monkeypatch.setenv("RANK", rank)
        assert Machine().is_first is first


def test_srun_is_recognised_and_a_lone_task_of_slurm_is_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert Machine().is_first
    monkeypatch.setenv("SLURM_STEP_ID", "0")
    monkeypatch.setenv("SLURM_NTASKS", "1")
    monkeypatch.setenv("SLURM_PROCID", "0")
    assert not started_outside()
    monkeypatch.setenv("SLURM_NTASKS", "8")
    monkeypatch.setenv("SLURM_NNODES", "2")
    assert started_outside()
    assert Machine().group == (4, 2)
    assert Machine().is_first
    monkeypatch.setenv("SLURM_PROCID", "7")
    assert not Machine().is_first


def test_a_cpu_trains_one_on_every_core() -> None:
    machine, count = side_by_side("cpu")
    assert machine.device == "cpu"
    assert machine.precision in ("bf16-mixed", "32-true")
    assert count == cores()


def test_a_graphics_processor_trains_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert side_by_side("auto")[1] == 1
    assert side_by_side("cuda:1") == (Machine(device="cuda:1"), 1)
    assert side_by_side("cpu")[0].device == "cpu"
    # Examples are prepared where they are learned from.
    assert Machine(device="cuda:1").preparing_device == "cuda:1"


def test_spatial_networks_get_single_precision_on_a_cpu() -> None:
    half = Machine(device="cpu", precision="bf16-mixed")
    assert half.sound_for(spatial=True).precision == "32-true"
    assert half.sound_for(spatial=False) == half
