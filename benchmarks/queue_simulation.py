"""How long a hospital group waits for results of the node: its queue simulated by SimPy.

    python benchmarks/queue_simulation.py [--studies 400] [--workers 1 2 3 4 6 8] [--days 60] [--out FOLDER]

Studies arrive as a Poisson process whose rate follows the hour of the day; emergencies come at all hours,
inpatients and outpatients by day, and a share of old studies is sent at night. The queue is the node's: most
urgent first, within that the oldest, and who is being screened is not interrupted. A study's seconds are
log-normal about the median of its kind. Prints the median and the 99th percentile of the time from a study's
completeness to its result, and writes queue.csv and queue.png to FOLDER.

What a study takes is measured (docs/performance.md); how many come and when is assumed, and is to be replaced
by a hospital's own counts.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import simpy

from deepvein.drawing.journal import SERIES, TWO_COLUMNS_MM, figure, letter, save, style

HOUR_S, DAY_S = 3600.0, 86400.0
WARM_UP_DAYS = 2
SPREAD = 0.35
"""Of the logarithm of a study's seconds: slices and findings differ."""


@dataclass(frozen=True)
class Stream:
    """Studies of one priority. rank: lower goes first. share: of all. hours: relative rates by hour."""

    name: str
    rank: int
    share: float
    hours: tuple[float, ...]


@dataclass(frozen=True)
class Kind:
    """share: of all studies. seconds: median on the two cores of one worker, DICOM to all reports."""

    name: str
    share: float
    seconds: float


_DAY = (0.1,) * 7 + (0.5, 1.0, 1.4, 1.5, 1.4, 1.1, 1.2, 1.4, 1.3, 1.0, 0.6, 0.3, 0.2) + (0.1,) * 4
_ROUND_THE_CLOCK = (
    (0.6,) * 6
    + (0.7, 0.8, 1.0, 1.2, 1.3, 1.3, 1.3, 1.3, 1.3, 1.3, 1.2, 1.2)
    + (1.1,) * 4
    + (0.9, 0.7)
)
_NIGHT = (1.0,) * 5 + (0.0,) * 16 + (1.0,) * 3

STREAMS = (
    Stream("emergency", 0, 0.20, _ROUND_THE_CLOCK),
    Stream("routine", 1, 0.55, _DAY),
    Stream("off-peak", 2, 0.25, _NIGHT),
)
KINDS = (
    Kind("CT, 300 slices", 0.70, 45.0),
    Kind("CT, 1,500 slices", 0.10, 170.0),
    Kind("MR, three stations", 0.20, 62.0),
)


def simulated(studies: int, workers: int, days: int, seed: int) -> dict[str, np.ndarray]:
    """Seconds from completeness to result, of all studies after the first days, by priority."""
    environment = simpy.Environment()
    queue = simpy.PriorityResource(environment, workers)
    waited: dict[str, list[float]] = {stream.name: [] for stream in STREAMS}
    for number, stream in enumerate(STREAMS):
        rng = np.random.default_rng([seed, number])
        environment.process(_arrivals(environment, queue, stream, studies, rng, waited))
    environment.run(until=(WARM_UP_DAYS + days) * DAY_S)
    return {name: np.array(seconds) for name, seconds in waited.items()}


def _arrivals(
    environment: Any,
    queue: Any,
    stream: Stream,
    studies: int,
    rng: np.random.Generator,
    waited: dict[str, list[float]],
) -> Iterator[Any]:
    """Thinning: as many as in the busiest hour, of which each hour keeps its share."""
    rates = np.array(stream.hours) / sum(stream.hours) * studies * stream.share / HOUR_S
    while True:
        yield environment.timeout(rng.exponential(1 / rates.max()))
        hour = int(environment.now % DAY_S // HOUR_S)
        if rng.random() < rates[hour] / rates.max():
            kind = KINDS[rng.choice(len(KINDS), p=[kind.share for kind in KINDS])]
            seconds = kind.seconds * rng.lognormal(0.0, SPREAD)
            environment.process(_screened(environment, queue, stream, seconds, waited))


def _screened(
    environment: Any, queue: Any, stream: Stream, seconds: float, waited: dict[str, list[float]]
) -> Iterator[Any]:
    arrived = environment.now
    with queue.request(priority=stream.rank) as turn:
        yield turn
        yield environment.timeout(seconds)
    if arrived > WARM_UP_DAYS * DAY_S:
        waited[stream.name].append(environment.now - arrived)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--studies", type=int, default=400, help="a day")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 3, 4, 6, 8])
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    rows = []
    print(f"{options.studies} studies a day, {options.days} days; minutes from complete to result")
    print(f"{'workers':>8}{'busy':>7}  " + "".join(f"{s.name:>22}" for s in STREAMS))
    mean = sum(kind.share * kind.seconds for kind in KINDS) * np.exp(SPREAD**2 / 2)
    for workers in options.workers:
        found = simulated(options.studies, workers, options.days, options.seed)
        busy = options.studies * mean / (workers * DAY_S)
        line = f"{workers:>8}{busy:>7.0%}  "
        for stream in STREAMS:
            half, late = np.percentile(found[stream.name], [50, 99]) / 60
            rows.append((workers, stream.name, len(found[stream.name]), half, late))
            line += f"{f'{half:.1f} (99 %: {late:.1f})':>22}"
        print(line)
    if options.out is not None:
        options.out.mkdir(parents=True, exist_ok=True)
        with (options.out / "queue.csv").open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("workers", "priority", "studies", "median min", "99th percentile min"))
            writer.writerows(
                (w, p, n, f"{half:.2f}", f"{late:.2f}") for w, p, n, half, late in rows
            )
        draw(rows, options.studies, options.out)


def draw(rows: list[tuple[int, str, int, float, float]], studies: int, folder: Path) -> None:
    """Arrivals by hour, and the 99th percentile by number of workers."""
    from matplotlib.ticker import FuncFormatter

    with style():
        made = figure(TWO_COLUMNS_MM, 62.0)
        left, right = made.subplots(1, 2)
        bottom = np.zeros(24)
        for stream, colour in zip(STREAMS, SERIES, strict=False):
            hours = np.array(stream.hours) / sum(stream.hours) * studies * stream.share
            left.bar(range(24), hours, bottom=bottom, width=0.85, color=colour, label=stream.name)
            bottom += hours
            own = [(row[0], row[4]) for row in rows if row[1] == stream.name]
            right.plot(
                *zip(*own, strict=True), marker="o", markersize=3, color=colour, label=stream.name
            )
        left.set(xlabel="Hour of the day", ylabel="Studies an hour")
        letter(left, "(a) Arrivals, assumed")
        right.set(
            xlabel="Workers of two cores",
            ylabel="99th percentile, minutes",
            yscale="log",
            xticks=sorted({row[0] for row in rows}),
        )
        letter(right, "(b) Time to result, simulated")
        right.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        left.legend()
        save(made, folder, "queue", vector=False)


if __name__ == "__main__":
    main()
