"""Processes for tests that kill them, forked from one that has loaded what takes seconds once for all."""

from __future__ import annotations

import itertools
import signal
import time
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

FORKED = get_context("forkserver")
FORKED.set_forkserver_preload(["torch._dynamo", "lightning_fabric", "deepvein.training.loop"])


def train_toy(folder: Path, pause_s: float) -> None:
    """A training that saves where it stands after every step, and rests after each."""
    import torch

    from deepvein.training import process
    from deepvein.training.loop import train
    from deepvein.training.losses.focal_dice import FocalDice
    from deepvein.training.machine import Machine
    from deepvein.training.settings import TrainingSettings
    from unit.training.toy import ToySource, toy_network

    torch.set_num_threads(1)
    process._SAVE_EVERY_S = 0.0
    train(
        toy_network(), ToySource(), FocalDice(),
        TrainingSettings(epochs=8, average=0.9, log_every=1), folder,
        validation=ToySource(seed=1), machine=Machine(device="cpu"),
        progress=lambda stage, done, total: time.sleep(pause_s),
    )  # fmt: skip


def write_reports_for_ever(folder: Path, ready: Connection) -> None:
    """The reports of two screenings in turn, into one folder, until the process is killed."""
    from deepvein.findings.screening import Verdict
    from deepvein.reports import write
    from unit.reports.legs import screening

    made = [screening(verdict=verdict) for verdict in (Verdict.SUSPECTED, Verdict.NOT_SUSPECTED)]
    ready.send("ready")
    for result in itertools.cycle(made):
        write(result, folder, ["json", "nifti"])


def run_command(*arguments: str) -> None:
    """`deepvein` with these arguments; its exit code is the process's."""
    from deepvein.cli.main import app

    # Shells start what runs in the background with SIGINT ignored, and tests may run there.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    app(list(arguments))
