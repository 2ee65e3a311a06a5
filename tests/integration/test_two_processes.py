"""Two processes that share the batches of each step come to what one comes to."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from deepvein.core.errors import SettingsError, TrainingError, UsageError
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


@pytest.mark.parametrize("processes", [2, 4])
def test_gradients_of_several_processes_add_up_to_those_of_one(
    processes: int, tmp_path: Path
) -> None:
    """One step of plain descent at rate 1 takes each weight away by its gradient over the same four batches.

    They differ by the order of sums in single precision alone: 2e-6 of the largest gradient of a tensor."""
    descent = OptimiserSettings(kind="sgd", learning_rate=1.0, momentum=0.0, weight_decay=0.0)
    settings = TrainingSettings(epochs=1, steps_per_epoch=1, accumulate=4, optimiser=descent)
    before = toy_network().state_dict()

    def gradients(machine: Machine, name: str) -> dict[str, torch.Tensor]:
        done = train(
            toy_network(), ToySource(), FocalDice(), settings, tmp_path / name, machine=machine
        )
        return {key: before[key] - value for key, value in load_file(done.best).items()}

    alone = gradients(ONE, "one")
    shared = gradients(Machine(device="cpu", processes=processes), "several")
    assert any(value.abs().max() > 1e-3 for value in alone.values())
    for name, value in alone.items():
        limit = 2e-6 * float(max(value.abs().max(), before[name].abs().max()))
        torch.testing.assert_close(shared[name], value, rtol=0, atol=limit)


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


NODE = """
import os, sys, time
from dataclasses import dataclass
from pathlib import Path
from integration.test_two_processes import EPOCHS
from unit.training.toy import ToySource, toy_network
from deepvein.training.loop import train
from deepvein.training.losses.focal_dice import FocalDice
from deepvein.training.machine import Machine

folder = Path(sys.argv[1])
(folder / f"worker-{os.environ['RANK']}").write_text(str(os.getpid()))

@dataclass(frozen=True)
class Waiting(ToySource):
    def batch(self, step):
        while step >= 4 and not (folder / "go").exists():
            time.sleep(0.05)
        return super().batch(step)

train(toy_network(), Waiting(), FocalDice(), EPOCHS, folder / "run", machine=Machine(device="cpu"))
"""
EPOCHS = replace(SETTINGS, epochs=4, steps_per_epoch=1, log_every=1)


@pytest.mark.skipif(os.name == "nt", reason="kill -9 is of POSIX systems")
def test_a_machine_that_dies_and_comes_back_ends_with_the_same_bits(tmp_path: Path) -> None:
    """Two machines of one process each; one is killed after the second epoch, and both are started again."""
    program = tmp_path / "node.py"
    program.write_text(NODE)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def machine(rank: int) -> subprocess.Popen[bytes]:
        launcher = ["-m", "torch.distributed.run", "--nnodes", "2", "--nproc-per-node", "1"]
        meeting = ["--master-addr", "127.0.0.1", "--master-port", str(port), "--node-rank"]
        paths = os.pathsep.join((str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")))
        with (tmp_path / f"machine-{rank}").open("wb") as said:
            return subprocess.Popen(
                [sys.executable, *launcher, *meeting, str(rank), str(program), str(tmp_path)],
                env={**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1"},
                stderr=said,
                start_new_session=True,
            )

    def end(rank: int) -> None:
        """The launcher, and the worker that it has put into a session of its own."""
        told = tmp_path / f"worker-{rank}"
        worker = (
            int(told.read_text() or machines[rank].pid) if told.exists() else machines[rank].pid
        )
        for number in (machines[rank].pid, worker):
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        machines[rank].wait()

    machines = [machine(0), machine(1)]
    deadline = time.monotonic() + 300
    try:
        while (
            not (tmp_path / "run" / "epochs.csv").exists()
            or len((tmp_path / "run" / "epochs.csv").read_text().splitlines()) < 3
        ):
            assert time.monotonic() < deadline, (tmp_path / "machine-0").read_text()
            time.sleep(0.05)
        end(1)
        (tmp_path / "go").touch()
        # Of itself torchrun may wait at its end for the other machine for five minutes.
        with suppress(subprocess.TimeoutExpired):
            assert machines[0].wait(30) != 0
        end(0)
        assert not (tmp_path / "run" / BEST).exists()
        machines = [machine(0), machine(1)]
        assert [one.wait(300) for one in machines] == [0, 0], (tmp_path / "machine-0").read_text()
    finally:
        for rank in range(len(machines)):
            end(rank)
    whole = train(toy_network(), ToySource(), FocalDice(), EPOCHS, tmp_path / "whole", machine=TWO)
    ours, theirs = load_file(tmp_path / "run" / BEST), load_file(whole.best)
    assert all(torch.equal(value, theirs[name]) for name, value in ours.items())


def test_machines_that_do_not_see_the_same_run_are_refused(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        PROGRAM.replace("Path(sys.argv[1])", "Path(sys.argv[1], os.environ['RANK'])")
    )
    program.write_text("import os" + program.read_text())
    train(toy_network(), ToySource(), FocalDice(), SETTINGS, tmp_path / "runs" / "0", machine=ONE)
    paths = os.pathsep.join((str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")))
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    done = subprocess.run(
        [sys.executable, *launcher, str(program), str(tmp_path / "runs")],
        env={**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "the first process stands at step 6" in done.stderr
    assert not (tmp_path / "runs" / "1").exists()


def test_a_lone_process_does_not_wait_for_other_machines(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="torchrun or srun"):
        train(
            toy_network(), ToySource(), FocalDice(), SETTINGS, tmp_path,
            machine=Machine(device="cpu", nodes=2),
        )  # fmt: skip


def test_batches_that_cannot_be_shared_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="set accumulate to a multiple of 2"):
        train(
            toy_network(), ToySource(), FocalDice(), replace(SETTINGS, accumulate=3), tmp_path,
            machine=TWO,
        )  # fmt: skip
