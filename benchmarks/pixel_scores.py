"""AUROC and average precision of 10⁹ pixels, exact, beside one pass of `numpy.bincount` over the same bytes.

    python benchmarks/pixel_scores.py [--pixels 1e9] [--rounds 3] [--peer 1e7]

Probabilities are bytes, one slice of 512×512 at a time, two foreground pixels in a thousand. The slices are
drawn from sixteen that lie in memory, so that making them takes no time. Both passes take turns in one
process; ratios are of one round. With --peer so many pixels are also given to scikit-learn, and must come to
the same areas. 16-bit scores, as logits in half precision have, are timed too.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deepvein.evaluation.pixels import PixelTally

SIDE, PICTURES, FOREGROUND = 512, 16, 0.002


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pixels", type=float, default=1e9)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peer", type=float, default=0)
    options = parser.parse_args()
    slices = max(1, round(options.pixels / SIDE**2))
    truth, scores = pictures()
    wide = scores.astype(np.uint16) * 257
    runs: dict[str, Callable[[], object]] = {
        "numpy.bincount, bytes": lambda: counted(scores, slices),
        "deepvein, bytes": lambda: areas(scores, truth, slices),
        "deepvein, 16 bits": lambda: areas(wide, truth, slices),
    }
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(options.rounds):
        for name, run in runs.items():
            begun = time.perf_counter()
            run()
            times[name].append(time.perf_counter() - begun)
    show(times, slices)
    if options.peer:
        peer(scores, truth, max(1, round(options.peer / SIDE**2)))


def pictures() -> tuple[NDArray[np.bool_], NDArray[np.uint8]]:
    """(picture, row, column) masks and probabilities that tell them apart, but not quite."""
    rng = np.random.default_rng(0)
    truth = rng.random((PICTURES, SIDE, SIDE)) < FOREGROUND
    scores = np.clip(rng.normal(20 + 120 * truth, 30), 0, 255).astype(np.uint8)
    return truth, scores


def counted(scores: NDArray[np.uint8], slices: int) -> NDArray[np.int64]:
    counts = np.zeros(256, dtype=np.int64)
    for number in range(slices):
        counts += np.bincount(scores[number % PICTURES].ravel(), minlength=256)
    return counts


def areas(
    scores: NDArray[np.uint8 | np.uint16], truth: NDArray[np.bool_], slices: int
) -> tuple[float, float]:
    """AUROC and average precision of so many slices, sixteen read at a time as a study would be."""
    tally = PixelTally.of(scores[:0], truth[:0])
    for first in range(0, slices, PICTURES):
        last = min(PICTURES, slices - first)
        tally = tally + PixelTally.of(scores[:last], truth[:last])
    return tally.auroc, tally.precision_recall.average_precision


def peer(scores: NDArray[np.uint8], truth: NDArray[np.bool_], slices: int) -> None:
    from sklearn.metrics import average_precision_score, roc_auc_score

    own = areas(scores, truth, slices)
    chosen = [number % PICTURES for number in range(slices)]
    flat, values = truth[chosen].ravel(), scores[chosen].ravel()
    begun = time.perf_counter()
    theirs = roc_auc_score(flat, values), average_precision_score(flat, values)
    seconds = time.perf_counter() - begun
    print(
        f"scikit-learn, {flat.size:.2g} pixels: {1e9 * seconds / flat.size:.0f} ns a pixel; areas differ by "
        f"{max(abs(a - b) for a, b in zip(own, theirs, strict=True)):.1g}"
    )


def show(times: dict[str, list[float]], slices: int) -> None:
    lines = Path("/proc/self/status").read_text().splitlines()
    peak = next(line for line in lines if line.startswith("VmHWM")).split()[1]
    print(
        f"{slices * SIDE**2:.3g} pixels, {platform.machine()}, NumPy {np.__version__}, Python "
        f"{sys.version.split()[0]}, peak memory {int(peak) / 2**10:.0f} MiB"
    )
    print(f"{'pass':<26}{'median s':>10}{'ns a pixel':>12}{'median ratio':>14}")
    first = next(iter(times.values()))
    for name, seconds in times.items():
        ratios = [one / other for one, other in zip(seconds, first, strict=True)]
        middle = statistics.median(seconds)
        print(
            f"{name:<26}{middle:>10.2f}{1e9 * middle / (slices * SIDE**2):>12.2f}"
            f"{statistics.median(ratios):>14.2f}"
        )


if __name__ == "__main__":
    main()
