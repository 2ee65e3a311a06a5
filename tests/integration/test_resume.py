"""A training that is killed, and again, ends with the same bits as one that is left alone."""

from __future__ import annotations

import signal
import time
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from integration.forked import FORKED, train_toy


def start(folder: Path, pause_s: float) -> BaseProcess:
    process = FORKED.Process(target=train_toy, args=(folder, pause_s))
    process.start()
    return process


def exit_code(process: BaseProcess) -> int | None:
    process.join()
    return process.exitcode


@pytest.mark.slow
def test_killed_training_ends_with_the_same_bits(tmp_path: Path) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    assert exit_code(start(whole, 0.0)) == 0
    sizes = []
    for _ in range(2):
        before = (killed / "steps.csv").stat().st_size if sizes else 0
        process = start(killed, 0.05)
        while process.is_alive():
            log = killed / "steps.csv"
            if log.exists() and log.stat().st_size > before + 200:
                break
            time.sleep(0.01)
        process.kill()
        assert exit_code(process) == -signal.SIGKILL
        sizes.append((killed / "steps.csv").stat().st_size)
    assert sizes[1] > sizes[0]
    assert exit_code(start(killed, 0.0)) == 0
    for name in ("last.safetensors", "best.safetensors"):
        one, other = load_file(whole / name), load_file(killed / name)
        assert one.keys() == other.keys()
        assert all(torch.equal(one[key], other[key]) for key in one)
    assert not [path for path in killed.iterdir() if path.name.startswith(".")] or all(
        path.suffix != ".safetensors" for path in killed.glob(".*")
    )
