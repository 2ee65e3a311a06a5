"""How long the command line takes to start, in starts of Python alone.

    python benchmarks/start.py [--rounds 6]

Processor time of each command in a process of its own, in turns; medians, and medians of the ratios to the
bare start of the same round.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys

COMMANDS = {
    "Python alone": ("-c", "pass"),
    "typer": ("-c", "import typer"),
    "typer with rich": ("-c", "import typer.rich_utils"),
    "deepvein.cli.main": ("-c", "import deepvein.cli.main"),
    "deepvein --version": ("-m", "deepvein", "--version"),
    "deepvein --help": ("-m", "deepvein", "--help"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=6)
    options = parser.parse_args()
    told: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for number in range(options.rounds + 1):
        for name, command in COMMANDS.items():
            seconds = processor_seconds(command)
            if number:  # the first round reads the files
                told[name].append(seconds)
    bare = told["Python alone"]
    for name, seconds in told.items():
        ratio = statistics.median(one / other for one, other in zip(seconds, bare, strict=True))
        print(f"{name:20}{1e3 * statistics.median(seconds):>8.0f} ms{ratio:>8.1f}")


def processor_seconds(command: tuple[str, ...]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *command], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


if __name__ == "__main__":
    main()
