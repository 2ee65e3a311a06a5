"""A training: ours beside a plain script with Lightning and MONAI, on the same cohort.

    python benchmarks/training.py [COHORT] [--recipe deepvein/ct-segmenter] [--rounds 5] [--steps 60]

Both train the recipe's network from the same NIfTI files with the same patch size, batch and numbers of
augmentation, in turns, each turn in a process of its own whose first steps do not count. The peer
(`benchmarks/peers/lightning_monai.py`) runs in an environment that is made for it in the user's cache, with
this one's PyTorch. Told are examples a second, the share of time that waited for data, and the median of the
ratio of turns that follow one another. COHORT is made if it is not given: synthetic CT, 8 cases (a minute
and 1 GB). --workers: processes of the peer's loader; with 0 it prepares in the process that trains, as ours.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
import venv
from dataclasses import replace
from pathlib import Path

import torch

from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.foldercache import user_cache
from deepvein.laboratory import RECIPES
from deepvein.training.machine import Machine
from deepvein.training.run import train_recipe

PEER = Path(__file__).parent / "peers" / "lightning_monai.py"
NEEDS = ("lightning>=2.5", "monai>=1.5", "nibabel")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cohort", type=Path, nargs="?")
    parser.add_argument("--recipe", default="deepvein/ct-segmenter")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--warm-up", type=int, default=20)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--ours", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.ours:
        print(json.dumps(ours(options)))
        return
    python = environment()
    with tempfile.TemporaryDirectory() as folder:
        options.cohort = options.cohort or made(Path(folder))
        shared = (
            str(options.cohort), "--recipe", options.recipe, "--steps", str(options.steps),
            "--warm-up", str(options.warm_up), "--device", options.device, "--workers", str(options.workers),
        )  # fmt: skip
        turns = {
            "deepvein": (sys.executable, __file__, "--ours", *shared),
            "Lightning + MONAI": (python, str(PEER), *shared),
        }
        told: dict[str, list[dict[str, float]]] = {name: [] for name in turns}
        for number in range(options.rounds):
            for name, command in turns.items():
                told[name].append(turn(command))
                print(f"{number + 1}/{options.rounds} {name}: {told[name][-1]}", file=sys.stderr)
    show(told, options)


def ours(options: argparse.Namespace) -> dict[str, float]:
    """Examples a second after the warm-up, and the share of the whole time that waited for data."""
    recipe = RECIPES.get(options.recipe)()
    steps = options.warm_up + options.steps
    training = replace(recipe.training, epochs=1, steps_per_epoch=steps)
    ends: list[float] = []

    def progress(stage: str, done: int, total: int) -> None:
        if stage == "training":
            ends.append(time.perf_counter())

    with tempfile.TemporaryDirectory() as folder:
        done = train_recipe(
            replace(recipe, training=training),
            labelled(options.cohort),
            Path(folder, "run"),
            machine=Machine(device=options.device, precision="32-true"),
            progress=progress,
        )
    seconds = ends[-1] - ends[options.warm_up - 1]
    rate = options.steps * recipe.training.batch / seconds
    return {"samples_per_s": rate, "waiting": done.training.waiting}


def labelled(folder: Path) -> Cohort:
    """The cases that the peer takes, too: those with both masks."""
    return Cohort.load(folder).select(lambda case: bool(case.segments and case.thrombi))


def made(folder: Path) -> Path:
    """A synthetic cohort, whole."""
    cohort = folder / "cohort"
    command = ("phantom", "cohort", "ct", "--n", "8", "--out", str(cohort), "--write", "nifti")
    subprocess.run([sys.executable, "-m", "deepvein", *command], check=True, stdout=sys.stderr)
    return cohort


def environment() -> str:
    """The peer's Python: its own packages before those of this environment."""
    folder = user_cache("peers").root / "lightning-monai"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    done = folder / "done"
    if not done.exists():
        shutil.rmtree(folder, ignore_errors=True)
        venv.create(folder, with_pip=True)
        asked = [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
        own = subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip()
        Path(own, "beside.pth").write_text(sysconfig.get_path("purelib") + "\n")
        install = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", *NEEDS]
        subprocess.run(install, check=True, stdout=sys.stderr)
        done.touch()
    return str(python)


def turn(command: tuple[str, ...]) -> dict[str, float]:
    paths = os.pathsep.join(path for path in sys.path if path)
    given = {**os.environ, "PYTHONPATH": os.environ.get("PYTHONPATH", paths)}
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=given)
    if done.returncode:
        raise SystemExit(done.stderr)
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return told


def show(told: dict[str, list[dict[str, float]]], options: argparse.Namespace) -> None:
    mine, peer = told.values()
    ratios = [a["samples_per_s"] / b["samples_per_s"] for a, b in zip(mine, peer, strict=True)]
    print(
        f"{options.recipe}, {options.device}, {torch.get_num_threads()} threads, {platform.processor()}, "
        f"PyTorch {torch.__version__}, Python {platform.python_version()}, {options.rounds} rounds of "
        f"{options.steps} steps"
    )
    print(f"{'training':<20}{'examples/s':>12}{'best':>8}{'waiting':>10}")
    for name, rounds in told.items():
        rates = [one["samples_per_s"] for one in rounds]
        waits = statistics.median(one["waiting"] for one in rounds)
        print(f"{name:<20}{statistics.median(rates):>12.2f}{max(rates):>8.2f}{waits:>10.1%}")
    print(f"ratio: median {statistics.median(ratios):.2f}, {min(ratios):.2f} to {max(ratios):.2f}")


if __name__ == "__main__":
    main()
