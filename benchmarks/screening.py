"""The whole of `deepvein screen`: a CT study from DICOM to the reports, in a process of its own.

    python benchmarks/screening.py [--slices 300] [--repeats 3] [--device auto] [--limit-s 60] [--limit-gib 4]

A synthetic study of 512x512 slices is written as DICOM, then screened by the command line as a user would,
start of the interpreter included. Prints median wall time and peak resident memory beside their limits:
60 s for 300 slices on two cores, and 4 GiB for any study (`--slices 1500` shows the largest).
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from deepvein.phantoms.phantom import PhantomSettings, render, sample
from deepvein.phantoms.writing import write_dicom
from deepvein.studies.study import Modality

WHOLE_BODY_MM = 1050.0
"""About what the coverage `whole` spans; slices are spaced to fill it."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--slices", type=int, default=300)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--limit-s", type=float, default=60.0)
    parser.add_argument("--limit-gib", type=float, default=4.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        study = Path(name) / "study"
        slices = write_study(study, options.slices)
        seconds = []
        for repeat in range(options.repeats):
            begun = time.perf_counter()
            screen(study, Path(name) / f"out{repeat}", options.device)
            seconds.append(time.perf_counter() - begun)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
    median = statistics.median(seconds)
    print(f"screen, CT, {slices} slices of 512x512, DICOM to reports, {options.device}")
    print(f"{'':16}{'measured':>10}{'limit':>10}{'measured / limit':>18}")
    print(f"{'seconds':16}{median:10.1f}{options.limit_s:10.1f}{median / options.limit_s:18.2f}")
    print(f"{'peak GiB':16}{peak:10.2f}{options.limit_gib:10.2f}{peak / options.limit_gib:18.2f}")
    print(f"median of {len(seconds)} runs: {', '.join(f'{value:.1f}' for value in seconds)} s")


def write_study(folder: Path, slices: int) -> int:
    """A study of about so many slices; returns how many it has."""
    spacing = WHOLE_BODY_MM / slices
    settings = PhantomSettings()
    ct = replace(
        settings.ct, thickness_mm=spacing, increment_mm=spacing, coverage="whole", planes=1
    )
    phantom = render(sample(11, Modality.CT, True, replace(settings, ct=ct)))
    write_dicom(phantom, folder)
    return phantom.image.grid.shape[0]


def screen(study: Path, out: Path, device: str) -> None:
    command = [sys.executable, "-m", "deepvein", "screen", str(study), "--out", str(out)]
    subprocess.run([*command, "--device", device, "--quiet"], check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
