"""Ctrl-C, and a screening process that the system ends: files are whole, and the same command goes on."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path

import psutil
import pytest

from deepvein.core.provenance import sha256
from integration.forked import FORKED, run_command
from unit.cohorts.tiny_cohort import make
from unit.screening.test_batch import study
from unit.screening.tiny_models import write_bundle

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="signals are of POSIX systems"),
]
PATIENTS = 4


def begun(*arguments: object) -> BaseProcess:
    process = FORKED.Process(target=run_command, args=tuple(map(str, arguments)))
    process.start()
    return process


def when(process: BaseProcess, so_far: Callable[[], bool]) -> None:
    """Return when it is so far; fail if the process ends before."""
    while not so_far():
        assert process.is_alive(), process.exitcode
        time.sleep(0.01)


def ended(process: BaseProcess) -> int | None:
    process.join()
    return process.exitcode


@pytest.fixture
def command(tmp_path: Path) -> tuple[object, ...]:
    """Screens some small studies into `out`."""
    write_bundle(tmp_path / "models")
    for number in range(PATIENTS):
        study(tmp_path / "in" / f"P{number}", f"P{number}")
    out, models = tmp_path / "out", tmp_path / "models"
    return ("screen", tmp_path / "in", "--out", out, "--models", models, "--write", "json,nifti")


def told(out: Path) -> dict[str, str]:
    """Study -> status, as the summary has it."""
    try:
        rows = json.loads((out / "summary.json").read_text())
    except FileNotFoundError:
        return {}
    return {row["study"]: row["status"] for row in rows}


def require_whole(out: Path) -> None:
    """Every folder holds just what its manifest says, and nothing hidden lies beside it but the lock."""
    for manifest in out.glob("*/manifest.json"):
        outputs = json.loads(manifest.read_text())["outputs"]
        for one in outputs:
            assert sha256(manifest.parent / one["name"]) == one["sha256"]
        names = {one["name"] for one in outputs} | {"manifest.json"}
        assert {path.name for path in manifest.parent.iterdir()} == names
    assert {path.name for path in out.glob(".*")} <= {".deepvein.lock"}


@pytest.mark.parametrize("workers", [1, 2])
def test_a_batch_goes_on_after_ctrl_c(
    command: tuple[object, ...], workers: int, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    process = begun(*command, "--workers", workers)
    when(process, lambda: bool(told(out)))
    os.kill(process.pid, signal.SIGINT)
    assert ended(process) == 130
    assert not psutil.pid_exists(process.pid)
    require_whole(out)
    done = told(out)
    assert 1 <= len(done) < PATIENTS
    assert ended(begun(*command, "--resume")) == 0
    require_whole(out)
    assert set(told(out)) == {f"P{number}" for number in range(PATIENTS)}
    assert all(told(out)[name] == "skipped" for name in done)


def test_a_screening_process_that_is_killed_costs_no_study(
    command: tuple[object, ...], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    process = begun(*command, "--workers", 2)
    when(process, lambda: bool(told(out)))
    workers = [
        child
        for child in psutil.Process(process.pid).children(recursive=True)
        if "popen_loky" in " ".join(child.cmdline())
    ]
    assert workers
    workers[-1].kill()
    assert ended(process) == 0
    assert told(out) == {f"P{number}": "done" for number in range(PATIENTS)}
    require_whole(out)


def test_a_training_goes_on_after_ctrl_c(tmp_path: Path) -> None:
    make(tmp_path / "cohort", n=4)
    run = tmp_path / "run"
    settings = (
        "network.base=2", "network.depth=1", "network.groups=1", "training.batch=1", "training.epochs=2",
        "training.steps_per_epoch=4", "training.log_every=1",
    )  # fmt: skip
    command = (
        "train", "deepvein/ct-segmenter", "--cohort", tmp_path / "cohort", "--out", run,
        *(word for setting in settings for word in ("--set", setting)),
    )  # fmt: skip
    process = begun(*command)
    when(process, (run / "last.safetensors").exists)
    os.kill(process.pid, signal.SIGINT)
    assert ended(process) == 130
    assert not (run / "model.json").exists()
    assert ended(begun(*command)) == 2
    assert ended(begun(*command, "--resume")) == 0
    assert (run / "model.json").exists()
    steps = [line.partition(",")[0] for line in (run / "steps.csv").read_text().splitlines()[1:]]
    assert steps == [str(step) for step in range(1, 9)]
