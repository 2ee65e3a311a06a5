"""A training in a queue that takes its machine away: it is queued again, and ends with the same bits."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import psutil
import pytest
import torch
from safetensors.torch import load_file

from deepvein.cli.slurm import Command, Resources, submit
from unit.cohorts.tiny_cohort import make

pytest.importorskip("submitit", reason="needs submitit")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="signals are of POSIX systems"),
]
SETTINGS = (
    "network.base=2", "network.depth=1", "network.groups=1", "training.batch=1", "training.epochs=6",
    "training.steps_per_epoch=10", "training.log_every=1", "examples.patch=[32, 32]",
    "examples.sampling.validation=4",
)  # fmt: skip


def training(cohort: Path, run: Path) -> Command:
    changes = (word for setting in SETTINGS for word in ("--set", setting))
    fixed = ("train", "deepvein/ct-segmenter", "--cohort", str(cohort), "--out", str(run))
    return Command((*fixed, "--device", "cpu", "--resume", *changes))


def test_a_preempted_training_ends_with_the_same_bits(tmp_path: Path) -> None:
    make(tmp_path / "cohort", n=4)
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    submit(
        training(tmp_path / "cohort", whole), whole / "slurm", Resources(), queue="local"
    ).result()
    job = submit(training(tmp_path / "cohort", cut), cut / "slurm", Resources(), queue="local")
    while not (cut / "last.safetensors").exists():
        assert not job.done(), job.stdout()
        time.sleep(0.01)
    (task,) = psutil.Process(int(job.job_id)).children()
    task.send_signal(signal.SIGUSR2)  # as SLURM does before it ends a job
    job.result()
    log = job.stdout() or ""
    assert "Requeued job" in log
    assert log.count("Starting with JobEnvironment") == 2
    steps = [line.partition(",")[0] for line in (cut / "steps.csv").read_text().splitlines()[1:]]
    assert steps == [str(step) for step in range(1, 61)]
    for name in ("last.safetensors", "best.safetensors", "model.safetensors"):
        one, other = load_file(whole / name), load_file(cut / name)
        assert one.keys() == other.keys()
        assert all(torch.equal(one[key], other[key]) for key in one)
