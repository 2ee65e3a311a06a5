"""A training that is killed, and again, ends with the same bits as one that is left alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

TESTS = Path(__file__).parents[1]

PROGRAM = """
import sys, time
from pathlib import Path
from unit.training.toy import ToySource, toy_network
from deepvein.training import process
from deepvein.training.loop import train
from deepvein.training.losses.focal_dice import FocalDice
from deepvein.training.machine import Machine
from deepvein.training.settings import TrainingSettings

process._SAVE_EVERY_S = 0.0
pause = float(sys.argv[2])
settings = TrainingSettings(epochs=8, average=0.9, log_every=1)
train(
    toy_network(), ToySource(), FocalDice(), settings, Path(sys.argv[1]),
    validation=ToySource(seed=1), machine=Machine(device="cpu"),
    progress=lambda stage, done, total: time.sleep(pause),
)
"""


def start(folder: Path, pause: float) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(TESTS), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(folder), str(pause)], env=environment
    )


@pytest.mark.slow
def test_killed_training_ends_with_the_same_bits(tmp_path: Path) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    assert start(whole, 0.0).wait() == 0
    sizes = []
    for _ in range(2):
        before = (killed / "steps.csv").stat().st_size if sizes else 0
        process = start(killed, 0.05)
        while process.poll() is None:
            log = killed / "steps.csv"
            if log.exists() and log.stat().st_size > before + 200:
                break
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        sizes.append((killed / "steps.csv").stat().st_size)
    assert sizes[1] > sizes[0]
    assert start(killed, 0.0).wait() == 0
    for name in ("last.safetensors", "best.safetensors"):
        one, other = load_file(whole / name), load_file(killed / name)
        assert one.keys() == other.keys()
        assert all(torch.equal(one[key], other[key]) for key in one)
    assert not [path for path in killed.iterdir() if path.name.startswith(".")] or all(
        path.suffix != ".safetensors" for path in killed.glob(".*")
    )
