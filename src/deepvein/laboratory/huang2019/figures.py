"""Figures 2, 3 and 4, with our patients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepvein.drawing import journal
from deepvein.laboratory.huang2019.results import PatientResult, column
from deepvein.volumes.grid import Grid

_BOX_MM = 90.0
"""Length of the magnified box along the body; it is two fifths as wide."""
_BOX_WIDTH = 0.4
_HEIGHT_MM = 104.0


@dataclass(frozen=True)
class Chosen:
    """A slice, counted from 0, and for what it was chosen, to be told below the figure."""

    index: int
    why: str


@dataclass(frozen=True, eq=False)
class Shown:
    """One patient to draw: image, predicted and true masks (slice, row, column) on `grid`."""

    image: NDArray[Any]
    prediction: NDArray[np.bool_]
    truth: NDArray[np.bool_]
    grid: Grid

    def slice(self, levels: Sequence[tuple[int, int]]) -> Chosen:
        """The slice that shows most of the thrombus in whichever of the rows shows least of it."""
        areas = [np.count_nonzero(self.truth[:, low:high], axis=(1, 2)) for low, high in levels]
        least = np.min(areas, axis=0)
        if len(levels) > 1 and least.any():
            why = "of the slices the one whose smaller part, above or below the knee, is largest"
            return Chosen(int(least.argmax()), why)
        whole = np.count_nonzero(self.truth, axis=(1, 2))
        return Chosen(int(whole.argmax()), "the slice with most thrombus")


Box = tuple[int, int, int, int]
"""First row, first column, rows, columns."""


def example_figure(
    shown: Shown, levels: Sequence[tuple[int, int]], folder: Path, name: str
) -> Path:
    """A slice, the slice with contours, and below each the part in the red box, magnified.

    levels: for each box, the rows (first, after the last) in which it lies about most of the thrombus; one
    for Figure 2, two for Figure 4. Prediction red, ground truth green.
    """
    index = shown.slice(levels).index
    image, truth = np.asarray(shown.image[index]), shown.truth[index]
    prediction = shown.prediction[index]
    spacing = (shown.grid.spacing_mm[1], shown.grid.spacing_mm[2])
    boxes = [_box(truth, rows, spacing) for rows in levels]
    leg = _HEIGHT_MM * image.shape[1] * spacing[1] / (image.shape[0] * spacing[0])
    part_mm = (_HEIGHT_MM - 5 * len(boxes)) / len(boxes) * _BOX_WIDTH
    with journal.style():
        made = journal.figure(2 * leg + 2 * part_mm + 10, _HEIGHT_MM + 6)
        grid = made.add_gridspec(len(boxes), 4, width_ratios=(leg, leg, part_mm, part_mm))
        letters = iter("abcdefgh")
        for place in range(2):
            axes = made.add_subplot(grid[:, place])
            journal.picture(axes, image, spacing)
            for box in boxes:
                _frame(axes, box)
            if place:
                _contours(axes, prediction, truth)
            journal.letter(axes, f"({next(letters)})")
        for number, (first, left, rows, columns) in enumerate(boxes):
            part = (slice(first, first + rows), slice(left, left + columns))
            for place in (2, 3):
                axes = made.add_subplot(grid[number, place])
                journal.picture(axes, image[part], spacing)
                if place == 3:
                    _contours(axes, prediction[part], truth[part], 1.1, closed=False)
                journal.letter(axes, f"({next(letters)})")
        return journal.save(made, folder, name, pictures=True)


def volume_figure(rows: Sequence[PatientResult], folder: Path) -> Path:
    """Figure 3: thrombus volume against DSC, a point a patient."""
    volume, dice = column(rows, "thrombus_ml"), column(rows, "dice")
    distal = np.array([np.isnan(row.dice_proximal) for row in rows], dtype=bool)
    with journal.style():
        made = journal.figure(journal.ONE_COLUMN_MM, 66)
        axes = made.add_subplot()
        blue, red = journal.SERIES[0], journal.SERIES[1]
        for chosen, colour, label in (
            (~distal, blue, "above the knee, or both"),
            (distal, red, "below the knee alone"),
        ):
            if chosen.any():
                axes.scatter(
                    volume[chosen], dice[chosen], s=14, color=colour, linewidths=0.3,
                    edgecolors="white", label=label, zorder=3,
                )  # fmt: skip
        axes.axhline(0.6, color=journal.QUIET, linewidth=0.6, linestyle=(0, (4, 3)))
        axes.set_xlabel("thrombus volume, ml")
        axes.set_ylabel("DSC")
        axes.set_xlim(left=0)
        axes.set_ylim(-0.02, 1)
        axes.grid(axis="y", color=journal.LINE, linewidth=0.4)
        axes.legend(loc="best")
        return journal.save(made, folder, "figure-3")


def model_figure(dice: dict[str, NDArray[np.float64]], folder: Path) -> Path:
    """The DSC of every patient by network: box from quartile to quartile, median, all points."""
    with journal.style():
        made = journal.figure(journal.ONE_COLUMN_MM, 62)
        axes = made.add_subplot()
        for place, everything in enumerate(dice.values()):
            values = everything[np.isfinite(everything)]
            if not len(values):
                continue
            colour = journal.SERIES[place % len(journal.SERIES)]
            low, middle, high = np.percentile(values, (25, 50, 75))
            axes.fill_between(
                (place - 0.3, place + 0.3), low, high, color=colour, alpha=0.18, linewidth=0
            )
            axes.plot((place - 0.3, place + 0.3), (middle, middle), color=colour, linewidth=1.6)
            # The same places on every machine: spread by rank within the column.
            spread = 0.2 * np.sin(2.4 * np.arange(len(values)))
            axes.plot(place + spread, values, "o", color=colour, markersize=2.4, alpha=0.8)
        axes.set_xticks(
            range(len(dice)), [label.replace(" ", "\n", 1) for label in dice], fontsize=7
        )
        axes.tick_params(axis="x", length=0)
        axes.set_xlim(-0.6, len(dice) - 0.4)
        axes.set_ylim(-0.02, 1)
        axes.set_ylabel("DSC")
        axes.grid(axis="y", color=journal.LINE, linewidth=0.4)
        return journal.save(made, folder, "networks")


def _contours(
    axes: Any,
    prediction: NDArray[np.bool_],
    truth: NDArray[np.bool_],
    width: float = 0.7,
    *,
    closed: bool = True,
) -> None:
    journal.contour(axes, truth, journal.REFERENCE, width, closed=closed)
    journal.contour(axes, prediction, journal.PREDICTION, width, closed=closed)


def _box(truth: NDArray[np.bool_], rows: tuple[int, int], spacing: tuple[float, float]) -> Box:
    """A box about most of the mask within `rows`, inside the picture."""
    height = min(truth.shape[0], round(_BOX_MM / spacing[0]))
    width = min(truth.shape[1], round(_BOX_MM * _BOX_WIDTH / spacing[1]))
    counts = truth.sum(axis=1) * (
        (np.arange(len(truth)) >= rows[0]) & (np.arange(len(truth)) < rows[1])
    )
    if not counts.any():
        counts = truth.sum(axis=1) + 1
    sums = np.convolve(counts, np.ones(height), "valid")
    first = int(sums.argmax())
    columns = np.flatnonzero(truth[first : first + height].any(axis=0))
    middle = int(columns.mean()) if len(columns) else truth.shape[1] // 2
    left = min(max(0, middle - width // 2), truth.shape[1] - width)
    return first, left, height, width


def _frame(axes: Any, box: Box) -> None:
    from matplotlib.patches import Rectangle

    first, left, rows, columns = box
    corner = (left - 0.5, first - 0.5)
    axes.add_patch(Rectangle(corner, columns, rows, fill=False, edgecolor="#e31a1c", linewidth=0.6))
