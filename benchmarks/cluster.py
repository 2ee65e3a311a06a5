"""From one worker of a Ray cluster to two, one thread each: how much of the second is gained.

    python benchmarks/cluster.py [--studies 8] [--slices 60] [--rounds 3] [--models FOLDER]

Screens the same synthetic CT studies by one resident worker and by two, in turns, on a cluster of this
machine's own that stands throughout; models are loaded before anything is timed. Prints the medians of the
seconds and of the paired ratios: the efficiency is the time of one over twice the time of two. Beside it the
same for `--workers` without Ray, which tells what the machine gives and what Ray takes. On cores that other
programs use it says nothing.
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from statistics import median

from deepvein.core.executor import Executor, Place
from deepvein.core.processes import Processes
from deepvein.core.workers import cores, each
from deepvein.node.cluster.connection import connected
from deepvein.screening.batch import screen_many
from deepvein.screening.bundle import BundleFolder, load_bundle
from screen import write_study


class Few:
    """The first `count` workers of an executor."""

    def __init__(self, executor: Executor, count: int) -> None:
        self._count = count
        self._all = executor
        self.begin, self.result = executor.begin, executor.result
        self.first_ended = executor.first_ended

    def places(self) -> list[Place]:
        return [
            Place(one.name, min(one.slots, self._count), one.room) for one in self._all.places()
        ]

    def give_up(self, running: object) -> None:
        """The workers stay for the next turn: nothing runs at the end."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--studies", type=int, default=8)
    parser.add_argument("--slices", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--models", type=Path)
    options = parser.parse_args()
    if cores() < 2:
        raise SystemExit("two workers need two cores")
    models = None if options.models is None else load_bundle(options.models)
    os.environ["OMP_NUM_THREADS"] = "1"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number in range(options.studies):
            # Another person each, or copies are screened once.
            write_study(folder / "in" / f"study-{number}", "ct", options.slices, seed=11 + number)
        local = Processes(2, threads=1)
        with connected("local:2") as cluster:
            times: dict[tuple[str, int], list[float]] = {}
            for kind, executor in (("Ray", cluster), ("processes", local)):
                warmed(executor, folder, models)
                for count in (1, 2):
                    times[kind, count] = []
            for number in range(options.rounds):
                for (kind, count), seconds in times.items():
                    executor = cluster if kind == "Ray" else local
                    out = folder / f"{kind}-{count}-{number}"
                    seconds.append(screened(Few(executor, count), folder / "in", out, models))
        local.give_up(())
    print(
        f"{options.studies} studies of {options.slices} slices, {cores()} cores ({platform.machine()}), "
        f"Python {platform.python_version()}, torch {version('torch')}, Ray {version('ray')}"
    )
    print(f"{'':<12}{'one, s':>10}{'two, s':>10}{'efficiency':>12}")
    for kind in ("Ray", "processes"):
        one, two = times[kind, 1], times[kind, 2]
        share = median(a / (2 * b) for a, b in zip(one, two, strict=True))
        print(f"{kind:<12}{median(one):>10.1f}{median(two):>10.1f}{share:>12.2f}")


def warmed(executor: Executor, folder: Path, models: BundleFolder | None) -> None:
    """Have both workers load what they need: a study each, at the same time."""
    while sum(place.slots for place in executor.places()) < 2:
        executor.first_ended(())
    for _ in each(Warm(folder / "in" / "study-0", folder, models), range(2), Few(executor, 2)):
        pass


class Warm:
    """Screens a study into a folder of its own."""

    def __init__(self, source: Path, folder: Path, models: BundleFolder | None) -> None:
        self._source, self._folder, self._models = source, folder, models

    def __call__(self, number: int) -> int:
        out = self._folder / f"warm-{os.getpid()}-{number}"
        screen_many([self._source], out, device="cpu", models=self._models)
        return number


def screened(executor: Executor, source: Path, out: Path, models: BundleFolder | None) -> float:
    begun = time.perf_counter()
    done = screen_many([source], out, device="cpu", models=models, workers=executor)
    seconds = time.perf_counter() - begun
    if len(done.rows) < len(list(source.iterdir())) or any(row.error for row in done.rows):
        raise SystemExit(f"not all were screened: {done.rows}")
    return seconds


if __name__ == "__main__":
    main()
