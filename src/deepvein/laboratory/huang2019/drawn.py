"""The figures of a page, and captions that tell what they show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from deepvein.cohorts.opening import open_case
from deepvein.laboratory.huang2019 import figures
from deepvein.laboratory.huang2019.experiments import MODEL_NAMES, PROPOSED
from deepvein.laboratory.huang2019.knee import knee
from deepvein.laboratory.huang2019.masks import kept_mask
from deepvein.laboratory.huang2019.results import PatientResult, column
from deepvein.laboratory.huang2019.work import PREDICTIONS
from deepvein.laboratory.report_page import Numbers

if TYPE_CHECKING:
    from deepvein.laboratory.huang2019.study import Study

Rows = Sequence[PatientResult]
FIGURES = "figures"


@dataclass(frozen=True)
class Drawn:
    """A figure, and for an example which slice of how many it shows and why."""

    path: Path
    chosen: figures.Chosen | None = None
    slices: int = 0


def draw_figures(study: Study, results: Mapping[str, Rows]) -> dict[str, Drawn]:
    """The figures by name; without results of the proposed network there are none."""
    rows = results.get(PROPOSED, ())
    if not rows:
        return {}
    folder = study.out / FIGURES
    made = {"figure-3": Drawn(figures.volume_figure(rows, folder))}
    dice = {
        label: column(results[name], "dice")
        for name, label in MODEL_NAMES.items()
        if name in results
    }
    made["networks"] = Drawn(figures.model_figure(dice, folder))
    for name, row in (("figure-2", best(rows)), ("figure-4", typical(rows))):
        if row is not None:
            shown, level = _shown(study, row)
            slices, height = shown.truth.shape[:2]
            levels = [(0, height)] if name == "figure-2" else [(0, level), (level, height)]
            path = figures.example_figure(shown, levels, folder, name)
            made[name] = Drawn(path, shown.slice(levels), slices)
    return made


def caption(made: Mapping[str, Drawn], name: str, row: PatientResult | None) -> tuple[str, Numbers]:
    """What the figure shows, from what was drawn, and the numbers in that."""
    figure = made.get(name)
    if figure is None or figure.chosen is None or row is None:
        return "No patient to show yet.", ()
    numbers = [("DSC", f"{row.dice:.2f}")]
    text = f"Patient {row.patient}: DSC {row.dice:.2f}"
    if name == "figure-4":
        above, below = f"{row.dice_proximal:.2f}", f"{row.dice_distal:.2f}"
        text += f", {above} above and {below} below the knee"
        numbers += [("DSC above", above), ("DSC below", below)]
    place, slices = str(figure.chosen.index + 1), str(figure.slices)
    text += f", over all slices; shown is slice {place} of {slices}, {figure.chosen.why}."
    return text, (*numbers, ("slice shown", place), ("slices", slices))


def best(rows: Rows) -> PatientResult | None:
    """The patient of the highest DSC, None for none with DVT."""
    known = [row for row in rows if not np.isnan(row.dice)]
    return max(known, key=lambda row: row.dice, default=None)


def typical(rows: Rows) -> PatientResult | None:
    """Of the patients with thrombi at both levels the one with the median DSC."""
    both = [
        row for row in rows if not np.isnan(row.dice_proximal) and not np.isnan(row.dice_distal)
    ]
    return sorted(both, key=lambda row: row.dice)[len(both) // 2] if both else None


def _shown(study: Study, row: PatientResult) -> tuple[figures.Shown, int]:
    """The patient's images and the row of the knee."""
    patients = study.patients
    case = next(case for case in patients if case.case == row.case)
    opened = open_case(case, patients.cache)
    folder = next(
        study.out / run.name
        for run in study.runs
        if run.experiment.name == PROPOSED and f"fold {run.fold}" == row.test
    )
    prediction = kept_mask(folder / PREDICTIONS / f"{row.case}.npz")
    truth = np.zeros(prediction.shape, dtype=bool)
    if opened.thrombi is not None:
        truth = np.asarray(opened.thrombi.array) > 0
    grid = opened.image.grid
    level = None
    if opened.segments is not None:
        level = knee(np.asarray(opened.segments.array), grid)
    middle = grid.shape[1] // 2 if level is None else level
    return figures.Shown(opened.image.array, prediction, truth, grid), middle
