"""Two processes that share the batches of each step come to what one comes to."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from deepvein.core.errors import SettingsError, TrainingError
from deepvein.training.loop import train
from deepvein.training.losses.focal_dice import FocalDice
from deepvein.training.machine import Machine
from deepvein.training.process import BEST
from deepvein.training.settings import OptimiserSettings, TrainingSettings
from unit.training.toy import ToySource, toy_network

ONE, TWO = Machine(device="cpu"), Machine(device="cpu", processes=2)
SETTINGS = TrainingSettings(
    epochs=2,
    steps_per_epoch=3,
    accumulate=2,
    # Adam would blow up the rounding of gradients that are zero, such as those of biases before a norm.
    optimiser=OptimiserSettings(kind="sgd", learning_rate=0.1),
    clip_norm=1.0,
    score="dice",
    log_every=2,
)


def test_two_processes_come_to_what_one_comes_to(tmp_path: Path) -> None:
    reports: list[tuple[str, int, int]] = []
    validation = ToySource(seed=1, batches=5)
    one = train(
        toy_network(), ToySource(), FocalDice(), SETTINGS, tmp_path / "one",
        validation=validation, machine=ONE,
    )  # fmt: skip
    two = train(
        toy_network(), ToySource(), FocalDice(), SETTINGS, tmp_path / "two",
        validation=validation, machine=TWO, progress=lambda *report: reports.append(report),
    )  # fmt: skip
    assert reports == [("training", step, 6) for step in range(1, 7)]
    assert two.stopped == one.stopped == "all epochs"
    assert two.steps == one.steps
    assert two.loss == pytest.approx(one.loss, rel=1e-4)
    assert two.score == pytest.approx(one.score, rel=1e-3)
    ours, theirs = load_file(two.best), load_file(one.best)
    for name, value in ours.items():
        torch.testing.assert_close(value, theirs[name], rtol=1e-4, atol=1e-6)


def test_an_explanation_comes_back_from_the_processes(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="nan at step 2 "):
        train(toy_network(), ToySource(poisoned=3), FocalDice(), SETTINGS, tmp_path, machine=TWO)


PROGRAM = """
import sys
from pathlib import Path
from integration.test_two_processes import SETTINGS
from unit.training.toy import ToySource, toy_network
from deepvein.training.loop import train
from deepvein.training.losses.focal_dice import FocalDice
from deepvein.training.machine import Machine

train(toy_network(), ToySource(), FocalDice(), SETTINGS, Path(sys.argv[1]),
      machine=Machine(device="cpu"))
"""


def test_processes_that_torchrun_started_are_recognised(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, *launcher, str(program), str(tmp_path / "two")],
        env={**environment, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    one = train(toy_network(), ToySource(), FocalDice(), SETTINGS, tmp_path / "one", machine=ONE)
    ours, theirs = load_file(tmp_path / "two" / BEST), load_file(one.best)
    for name, value in ours.items():
        torch.testing.assert_close(value, theirs[name], rtol=1e-4, atol=1e-6)


def test_batches_that_cannot_be_shared_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="set accumulate to a multiple of 2"):
        train(
            toy_network(), ToySource(), FocalDice(), replace(SETTINGS, accumulate=3), tmp_path,
            machine=TWO,
        )  # fmt: skip
