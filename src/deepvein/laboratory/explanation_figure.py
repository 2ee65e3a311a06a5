"""Pictures of what a classifier's positive answers rest on."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from deepvein.cohorts.case import Case
from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.opening import open_case
from deepvein.drawing.journal import REFERENCE, TWO_COLUMNS_MM, bare, contour, figure, save, style
from deepvein.drawing.windows import window_for
from deepvein.inference.models import Model
from deepvein.laboratory.explanation import Kind, explain, kinds_of
from deepvein.laboratory.kozemzak2019.results import SliceResults, SliceRow

_NAMES: dict[Kind, str] = {"activation": "class activation", "occlusion": "occlusion"}


def draw_surest(
    model: Model,
    cohort: Cohort,
    results: SliceResults,
    folder: Path,
    count: int = 3,
) -> tuple[tuple[SliceRow, Path], ...]:
    """Explain the surest answers: of each study the likeliest slice, `count` with thrombus and `count`
    without. Fewer, or none, where there are not so many studies."""
    cases = {case.case: case for case in cohort}
    made = []
    for truth, kind in ((1, "right"), (0, "false")):
        rows = [row for row in results.rows if row.truth == truth]
        best: dict[str, SliceRow] = {}
        for row in sorted(rows, key=lambda one: -one.probability):
            best.setdefault(row.case, row)
        surest = list(best.values())[:count]
        for number, row in enumerate(surest, 1):
            path = draw_explanation(
                model, cases[row.case], cohort, row.slice, row.probability, folder,
                f"{kind}-{number}",
            )  # fmt: skip
            made.append((row, path))
    return tuple(made)


def draw_explanation(
    model: Model,
    case: Case,
    cohort: Cohort,
    index: int,
    probability: float,
    folder: Path,
    name: str,
) -> Path:
    """One slice three times: as it is with the thrombus outlined, and under each map the network allows.

    Red speaks for DVT, blue against it. PNG and SVG in `folder`; returns the PNG's path.
    """
    opened = open_case(case, cohort.cache)
    image = np.asarray(opened.image.array[index], dtype=np.float32)
    window = window_for(opened.image, case.modality)
    rows, columns = image.shape
    spacing = opened.image.grid.spacing_mm
    kinds = kinds_of(model)
    with style():
        made = figure(TWO_COLUMNS_MM * (len(kinds) + 1) / 3, TWO_COLUMNS_MM / 3 + 8)
        panels = made.subplots(1, len(kinds) + 1)
        for axes in panels:
            axes.imshow(
                image,
                cmap="gray",
                vmin=window.low,
                vmax=window.high,
                aspect=spacing[1] / spacing[2],
            )
            bare(axes)
        if opened.thrombi is not None:
            contour(panels[0], np.asarray(opened.thrombi.array[index]) > 0, REFERENCE)
        panels[0].set_title(f"{case.case}, slice {index + 1}, p = {probability:.2f}", fontsize=7)
        for axes, kind in zip(panels[1:], kinds, strict=True):
            heat = explain(model, opened, index, kind)
            top = float(np.abs(heat).max()) or 1.0
            axes.imshow(
                heat,
                cmap="coolwarm",
                vmin=-top,
                vmax=top,
                # Where nothing speaks for or against it the slice shows through.
                alpha=0.7 * np.abs(heat) / top,
                extent=(-0.5, columns - 0.5, rows - 0.5, -0.5),
                aspect=spacing[1] / spacing[2],
            )
            axes.set_title(_NAMES[kind], fontsize=7)
        return save(made, folder, name, pictures=True)
