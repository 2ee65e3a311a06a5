"""A training step: ours beside a plain PyTorch loop on the same network, loss and batches.

    python benchmarks/training_step.py [--size 480 160] [--base 8] [--batch 2] [--steps 20] [--device cpu]

Both train the network of Huang et al. 2019 with Adam on the same random images, in turns of a few steps
in one process, since the speed of a machine drifts. The plain loop is what one would write by hand:
forward, loss, backward, step. Ours adds what a real run needs: learning-rate schedule, look at the loss,
gradient clipping, average of the weights, random streams, logs. A third row is the plain loop with
channels-last memory. Which layout trains faster depends on processor, width and size: for the network at
full width on AVX2 the contiguous one, for narrow networks often channels-last.

With these settings of the C library, page faults go away, which matters for large images:
    MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=17179869184
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import torch
from torch import Tensor, nn

from deepvein.networks.gn_unet import GN_UNET, GNUNetSettings
from deepvein.training.losses.focal import Focal
from deepvein.training.machine import Machine
from deepvein.training.process import Job, Process
from deepvein.training.settings import TrainingSettings

ROUND = 2
"""Steps that each loop does before it is the next one's turn."""


@dataclass(frozen=True)
class Batch:
    inputs: Tensor
    targets: Tensor
    weights: Tensor | None = None
    cases: tuple[str, ...] = ()

    def to(self, device: torch.device) -> Self:
        return replace(self, inputs=self.inputs.to(device), targets=self.targets.to(device))


@dataclass(frozen=True)
class Noise:
    """Four batches of noise with a few foreground pixels, over and over."""

    size: tuple[int, int]
    examples: int

    def __len__(self) -> int:
        return 4

    def batch(self, step: int) -> Batch:
        generator = torch.Generator().manual_seed(step % 4)
        inputs = torch.rand(self.examples, 1, *self.size, generator=generator)
        return Batch(inputs, (inputs > 0.999).float())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, nargs=2, default=(480, 160))
    parser.add_argument("--base", type=int, default=8)
    parser.add_argument("--batch", type=int, default=2)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--one", metavar="LOOP", help=argparse.SUPPRESS)
    options = parser.parse_args()
    rounds = 2 if options.one else max(options.steps // ROUND, 2)
    with tempfile.TemporaryDirectory() as folder:
        loops = prepare(options, rounds, Path(folder))
        if options.one:
            for _ in range(rounds):
                next(loops[options.one]())
            print(peak_mib(options.device))
            return
        running = {name: make() for name, make in loops.items()}
        times: dict[str, list[float]] = {name: [] for name in loops}
        for number in range(rounds):
            for name, loop in running.items():
                seconds = next(loop)
                if number:  # the first round warms up
                    times[name].append(seconds)
    show(times, {name: peak_of(name) for name in times}, options)


def prepare(
    options: argparse.Namespace, rounds: int, folder: Path
) -> dict[str, Callable[[], Iterator[float]]]:
    """The loops by name, not begun yet."""
    network = GNUNetSettings(base=options.base)
    source = Noise(tuple(options.size), options.batch)
    machine = Machine(device=options.device)
    return {
        "deepvein": lambda: ours(network, source, machine, rounds, folder),
        "plain PyTorch": lambda: plain(network, source, machine, torch.contiguous_format),
        "plain, channels-last": lambda: plain(network, source, machine, torch.channels_last),
    }


def peak_of(name: str) -> int:
    """Peak memory in MiB of a loop in a process of its own."""
    command = [sys.executable, *sys.argv, "--one", name]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def peak_mib(device: str) -> int:
    """Peak memory so far: that of the device, or resident on the CPU."""
    if device.startswith("cuda"):
        return int(torch.cuda.max_memory_allocated() / 2**20)
    # getrusage would begin with the peak of the parent process.
    lines = Path("/proc/self/status").read_text().splitlines()
    peak = next(line for line in lines if line.startswith("VmHWM"))
    return int(peak.split()[1]) // 1024


def ours(
    network: GNUNetSettings, source: Noise, machine: Machine, rounds: int, folder: Path
) -> Iterator[float]:
    """Seconds a step of the loop of deepvein, a round at a time."""
    settings = TrainingSettings(
        epochs=1,
        steps_per_epoch=rounds * ROUND + 1,
        clip_norm=1.0,
        average=0.99,
        log_every=ROUND,
    )
    job = Job(GN_UNET.build(network), source, Focal(), settings, folder)
    process = Process(machine.fabric(), job)
    batches = process._batches()

    def step() -> None:
        losses = [process._step(batches) for _ in range(ROUND)]
        process._note(losses, None)

    return rounds_of(step)


def plain(
    network: GNUNetSettings, source: Noise, machine: Machine, memory: torch.memory_format
) -> Iterator[float]:
    """Seconds a step of the loop that one would write by hand."""
    fabric = machine.fabric()
    device = fabric.device
    module: nn.Module = GN_UNET.build(network).to(device, memory_format=memory).train()
    optimiser, loss = torch.optim.Adam(module.parameters(), lr=1e-3), Focal()
    number = 0

    def step() -> None:
        nonlocal number
        for _ in range(ROUND):
            batch = source.batch(number).to(device)
            number += 1
            optimiser.zero_grad()
            with fabric.autocast():
                logits = module(batch.inputs.contiguous(memory_format=memory))
            value = loss(logits, batch.targets)
            value.backward()
            optimiser.step()
        value.item()

    return rounds_of(step)


def rounds_of(work: Callable[[], None]) -> Iterator[float]:
    while True:
        begun = time.perf_counter()
        work()
        yield (time.perf_counter() - begun) / ROUND


def show(times: dict[str, list[float]], peaks: dict[str, int], options: argparse.Namespace) -> None:
    rows, columns = options.size
    print(
        f"GN U-Net base {options.base}, {rows}×{columns}, batch {options.batch}, {options.device}, "
        f"{torch.get_num_threads()} threads, PyTorch {torch.__version__}, Python {sys.version.split()[0]}"
    )
    print(
        f"{'loop':<24}{'median ms/step':>16}{'best ms/step':>16}{'median ratio':>16}{'peak MiB':>12}"
    )
    reference = times["plain PyTorch"]
    for name, seconds in times.items():
        ratios = [one / other for one, other in zip(seconds, reference, strict=True)]
        print(
            f"{name:<24}{1e3 * statistics.median(seconds):>16.1f}{1e3 * min(seconds):>16.1f}"
            f"{statistics.median(ratios):>16.2f}{peaks[name]:>12}"
        )


if __name__ == "__main__":
    main()
