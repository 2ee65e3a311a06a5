"""The whole of `deepvein screen` beside another build of it: a study from DICOM to all reports.

    python benchmarks/screen.py [--before TREE] [--kind ct|mr] [--slices 300] [--repeats 3] [--threads 2]

TREE is a checkout of the build to compare with, such as `git worktree add ../before v0.3.0`; its sources
are run by the same Python and packages. The builds take turns, each run in a process of its own, start of
the interpreter included. Prints medians of wall time, processor time and peak memory with their ratios, and the
seconds of each stage of one run. Where other programs use the same cores, processor time tells more than wall
time, and neither tells much.

CT is a synthetic scan of some 300 slices of 512x512; for more slices others are put between them by
interpolation, since what is measured does not depend on noise. MR has three stations.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np

MEASURED = ("wall s", "processor s", "peak GB")
WHOLE_BODY_MM = 1050.0
"""About what the coverage `whole` spans; slices are spaced to fill it."""

DRAWN = 300
"""Slices that are drawn; more are interpolated."""

RUN = """
import json, resource, sys, time
begun = time.perf_counter()
stages = {}
if len(sys.argv) > 3:
    from deepvein.screening.batch import screen_many
    from pathlib import Path
    last = ["start of Python and imports", begun]
    def told(stage, done, total):
        now = time.perf_counter()
        stages[last[0]] = stages.get(last[0], 0.0) + now - last[1]
        last[:] = [stage if done < total else "after " + stage.split()[0], now]
    screen_many([Path(sys.argv[1])], Path(sys.argv[2]), device="cpu", progress=told)
    told("end", 1, 1)
else:
    from deepvein.cli.main import app
    app(["screen", sys.argv[1], "--out", sys.argv[2], "--device", "cpu", "--quiet"], standalone_mode=False)
used = resource.getrusage(resource.RUSAGE_SELF)
found = [time.perf_counter() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss / 2**20]
print(json.dumps({"measured": found, "stages": stages}))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--before", type=Path, help="checkout of the build to compare with")
    parser.add_argument("--kind", choices=("ct", "mr"), default="ct")
    parser.add_argument("--study", type=Path, help="a study on disk instead of a synthetic one")
    parser.add_argument("--slices", type=int, default=DRAWN)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    trees = {"this": Path(__file__).parents[1]}
    if options.before is not None:
        trees["before"] = options.before
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        study = options.study or write_study(folder / "study", options.kind, options.slices)
        runs: dict[str, list[list[float]]] = {tree: [] for tree in trees}
        for number in range(options.repeats):
            for tree, path in trees.items():
                out = folder / f"{tree}{number}"
                runs[tree].append(run(path, study, out, options.threads)["measured"])
        stages = run(trees["this"], study, folder / "stages", options.threads, stages=True)
        answers = {tree: answer(folder / f"{tree}0") for tree in trees}
    show(study.name, runs, stages["stages"], options.threads)
    if len(set(answers.values())) > 1:
        raise SystemExit(f"the builds find different things: {answers}")
    print(f"both find: {answers['this']}" if len(trees) > 1 else f"finds: {answers['this']}")


def write_study(folder: Path, kind: str, slices: int, seed: int = 11) -> Path:
    """A synthetic study as DICOM."""
    from deepvein.phantoms.phantom import PhantomSettings, render, sample
    from deepvein.phantoms.writing import write_dicom
    from deepvein.studies.study import Modality

    settings = PhantomSettings()
    if kind == "mr":
        write_dicom(render(sample(23, Modality.MR, True, settings)), folder)
        return folder
    spacing = WHOLE_BODY_MM / min(slices, DRAWN)
    ct = replace(
        settings.ct, thickness_mm=spacing, increment_mm=spacing, coverage="whole", planes=1
    )
    write_dicom(render(sample(seed, Modality.CT, True, replace(settings, ct=ct))), folder)
    if slices > DRAWN:
        put_between(folder, round(slices / DRAWN))
    return folder


def put_between(folder: Path, times: int) -> None:
    """Make `times` as many slices of a series, evenly between those that are there."""
    from pydicom import dcmread

    images = [dcmread(path) for path in sorted(folder.glob("*.dcm"))]
    images.sort(key=lambda image: float(image.ImagePositionPatient[2]))
    thickness = float(images[0].SliceThickness) / times

    def save(image, number: int, path: Path) -> None:
        # Thickness and order are those of one scan, or it is taken for two.
        image.SliceThickness = image.SpacingBetweenSlices = f"{thickness:.6f}"
        image.InstanceNumber = number
        image.save_as(path)

    for number, (low, high) in enumerate(pairwise(images)):
        name = Path(low.filename)
        pixels = [image.pixel_array.astype(np.float32) for image in (low, high)]
        places = [np.array(image.ImagePositionPatient, dtype=float) for image in (low, high)]
        save(low, number * times + 1, name)
        for part in range(1, times):
            share = part / times
            image = dcmread(name)
            made = np.rint(pixels[0] * (1 - share) + pixels[1] * share).astype(np.uint16)
            image.PixelData = made.tobytes()
            place = places[0] * (1 - share) + places[1] * share
            image.ImagePositionPatient = [f"{value:.6f}" for value in place]
            image.SliceLocation = f"{place[2]:.6f}"
            image.SOPInstanceUID += f".{part}"
            image.file_meta.MediaStorageSOPInstanceUID = image.SOPInstanceUID
            save(image, number * times + part + 1, name.with_stem(f"{name.stem}-{part}"))
    save(images[-1], (len(images) - 1) * times + 1, Path(images[-1].filename))


def run(tree: Path, study: Path, out: Path, threads: int, stages: bool = False) -> dict:
    environment = {
        **os.environ,
        "PYTHONPATH": str(tree / "src"),
        "OMP_NUM_THREADS": str(threads),
    }
    command = [sys.executable, "-c", RUN, str(study), str(out), *["stages"] * stages]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    told: dict = json.loads(done.stdout.splitlines()[-1])
    return told


def answer(out: Path) -> str:
    """Verdict, and place and voxels of each finding."""
    (path,) = out.glob("*/findings.json")
    found = json.loads(path.read_text())
    places = [f"{one['place']} ({one['voxels']} voxels)" for one in found["findings"]]
    return f"{found['verdict']} {found['probability']:.3f}; {'; '.join(places) or 'nothing'}"


def show(name: str, runs: dict[str, list[list[float]]], stages: dict[str, float], threads: int):
    import torch

    print(f"{name}, {threads} thread(s), {platform.processor() or platform.machine()}, ", end="")
    print(f"{os.cpu_count()} cores, torch {torch.__version__}, medians of {len(runs['this'])} runs")
    print(f"{'':14}" + "".join(f"{tree:>10}" for tree in runs) + f"{'ratio':>10}")
    for place, what in enumerate(MEASURED):
        values = [statistics.median(row[place] for row in rows) for rows in runs.values()]
        ratio = f"{values[0] / values[1]:10.2f}" if len(values) > 1 else ""
        print(f"{what:14}" + "".join(f"{value:10.2f}" for value in values) + ratio)
    print("stages of one run of this build, seconds")
    for stage, seconds in sorted(stages.items(), key=lambda item: -item[1]):
        if seconds >= 0.05:
            print(f"  {stage:34}{seconds:8.2f}")


if __name__ == "__main__":
    main()
