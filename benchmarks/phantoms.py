"""Making phantoms: slices a second on one core, and peak memory of a whole study.

    OMP_NUM_THREADS=1 python benchmarks/phantoms.py [--slices 40] [--people 3]

CT slices are 512 x 512 at three sub-planes, spread over the whole body; MR rows are axial planes of the
default coronal voxels. Times are of the process, so that other work on the machine does not count.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import time
from collections.abc import Callable

from deepvein.phantoms.ct.scanner import CtScan, CtScanner, CtSettings
from deepvein.phantoms.mr import MrPalette, MrScan
from deepvein.phantoms.phantom import PhantomSettings, render, sample
from deepvein.phantoms.shapes.canvas import Canvas
from deepvein.studies.study import Modality


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--slices", type=int, default=40, help="slices timed a person")
    parser.add_argument("--people", type=int, default=3)
    parser.add_argument(
        "--whole", action="store_true", help="render one whole study a modality too"
    )
    options = parser.parse_args()
    rows = [
        (
            "CT 512 x 512 slice",
            *each(ct_calls(seed, options.slices) for seed in range(options.people)),
        ),
        ("MR axial row", *each(mr_calls(seed, options.slices) for seed in range(options.people))),
    ]
    print(f"{'what':<24}{'median ms':>12}{'worst ms':>12}{'a second':>12}")
    for name, median, worst in rows:
        print(f"{name:<24}{1000 * median:>12.1f}{1000 * worst:>12.1f}{1 / median:>12.1f}")
    if options.whole:
        for modality in Modality:
            whole(modality)
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


def ct_calls(seed: int, count: int) -> list[Callable[[], object]]:
    settings = PhantomSettings(ct=CtSettings(coverage="whole"))
    scenario = sample(seed, Modality.CT, True, settings)
    if not isinstance(scenario.scan, CtScan):
        raise TypeError("a CT scenario holds a CT scan")
    scanner = CtScanner(scenario.scan, scenario.painter)
    scanner.slice_at(0)
    step = max(1, scenario.scan.slices // count)
    return [lambda k=k: scanner.slice_at(k) for k in range(0, scenario.scan.slices, step)]  # type: ignore[misc]


def mr_calls(seed: int, count: int) -> list[Callable[[], object]]:
    scenario = sample(seed, Modality.MR, True)
    scan = scenario.scan
    if not isinstance(scan, MrScan):
        raise TypeError("an MR scenario holds an MR scan")
    palette = MrPalette(scan.settings, scan.fat_suppression)

    def paint(row: int) -> object:
        z = scan.top_mm - scan.settings.row_mm * row
        return scenario.painter.paint(Canvas(scan.pixels, palette, z, (z,)))

    paint(0)
    return [lambda k=k: paint(k) for k in range(0, scan.rows, max(1, scan.rows // count))]  # type: ignore[misc]


def each(people: object) -> tuple[float, float]:
    """Median and worst seconds of the calls of all people."""
    times = []
    for calls in people:  # type: ignore[attr-defined]
        for call in calls:
            start = time.process_time()
            call()
            times.append(time.process_time() - start)
    return statistics.median(times), max(times)


def whole(modality: Modality) -> None:
    scenario = sample(0, modality, True)
    start = time.process_time()
    phantom = render(scenario)
    seconds = time.process_time() - start
    print(f"whole {modality.value} study {phantom.image.array.shape}: {seconds:.1f} s")


if __name__ == "__main__":
    main()
