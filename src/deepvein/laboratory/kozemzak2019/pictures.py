"""Figures 4, 6 and 7, whose content is the studies' own pixels, and what a classifier looked at."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.veins import deep_mask
from deepvein.cohorts.case import Case
from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.opening import open_case
from deepvein.cohorts.statistics import annotation_frequency
from deepvein.core.seeds import generator
from deepvein.drawing.journal import (
    PREDICTION,
    REFERENCE,
    TWO_COLUMNS_MM,
    bare,
    contour,
    figure,
    letter,
    save,
    style,
)
from deepvein.laboratory.explanation_figure import draw_explanation
from deepvein.laboratory.kozemzak2019.inference import HALF, probability_of, read_masks
from deepvein.laboratory.kozemzak2019.recipes import LABELS, SEGMENTERS
from deepvein.laboratory.kozemzak2019.results import SPLITS
from deepvein.laboratory.kozemzak2019.study_results import Gathered

_WINDOW = (-110.0, 250.0)
"""Hounsfield units from black to white."""


def figure_4(found: Gathered, cohort: Cohort, folder: Path) -> Path | None:
    """One test slice with drawn veins, drawn at random, and what each segmenter makes of it."""
    names = [name for name in SEGMENTERS if found.segmentation(name) is not None]
    place = _random_slice(cohort.of_split("test"), found.study.profile.seed)
    if not names or place is None:
        return None
    case, index = place
    opened = open_case(case, cohort.cache)
    image = np.asarray(opened.image.array[index], dtype=np.float32)
    truth = _veins(case, cohort, index)
    one = Cohort(cohort.root, (case,))
    with style():
        made = figure(TWO_COLUMNS_MM, TWO_COLUMNS_MM / (len(names) + 1) + 8)
        panels = made.subplots(1, len(names) + 1)
        panels[0].imshow(image, cmap="gray", vmin=_WINDOW[0], vmax=_WINDOW[1])
        contour(panels[0], truth, REFERENCE)
        panels[0].set_title("Ground truth", fontsize=7)
        bare(panels[0])
        for axes, name in zip(panels[1:], names, strict=True):
            model = found.study.model(name)
            if model is None:
                continue
            _, levels = next(read_masks(model, one))
            axes.imshow(probability_of(levels[index]), cmap="gray", vmin=0, vmax=1)
            contour(axes, levels[index] >= HALF, PREDICTION, 0.5)
            axes.set_title(LABELS[name], fontsize=7)
            bare(axes)
        return save(made, folder, "figure-4", pictures=True)


def figure_6(cohort: Cohort, folder: Path) -> Path | None:
    """A slice whose annotation lacks a vein: drawn veins in green, the missing one in red."""
    from deepvein.studies.nifti import read_nifti

    best: tuple[int, Case, int] | None = None
    for case in cohort.cases:
        path = case.image.parent / "exact_segments.nii"
        if not path.exists():
            continue
        opened = open_case(case, cohort.cache)
        if opened.segments is None:
            continue
        exact = deep_mask(np.asarray(read_nifti(path).array))
        drawn = deep_mask(np.asarray(opened.segments.array))
        missing = (exact & ~drawn).sum(axis=(1, 2)) * (drawn.sum(axis=(1, 2)) > 10)
        index = int(missing.argmax())
        if missing[index] and (best is None or missing[index] > best[0]):
            best = (int(missing[index]), case, index)
    if best is None:
        return None
    _, case, index = best
    exact = deep_mask(np.asarray(read_nifti(case.image.parent / "exact_segments.nii").array[index]))
    drawn = _veins(case, cohort, index)
    image = np.asarray(open_case(case, cohort.cache).image.array[index], dtype=np.float32)
    with style():
        made = figure(TWO_COLUMNS_MM / 2, TWO_COLUMNS_MM / 2)
        axes = made.subplots()
        axes.imshow(image, cmap="gray", vmin=_WINDOW[0], vmax=_WINDOW[1])
        contour(axes, exact & ~_near(drawn), PREDICTION)
        contour(axes, drawn, REFERENCE)
        bare(axes)
        return save(made, folder, "figure-6", pictures=True)


def figure_7(cohort: Cohort, size: int, folder: Path) -> Path:
    """How often each pixel was annotated as deep vein, in training, validation and test."""
    shown = [split for split in SPLITS if any(case.split == split for case in cohort)]
    parts = [
        annotation_frequency(
            cohort.of_split(split),
            (size, size),
            lambda case: None if case.segments is None else deep_mask(case.segments.array),
        )
        for split in shown
    ]
    top = max(float(part.max()) for part in parts) or 1.0
    with style():
        made = figure(TWO_COLUMNS_MM, TWO_COLUMNS_MM / 3 + 6)
        panels = np.atleast_1d(made.subplots(1, len(shown)))
        for axes, part, split, panel in zip(panels, parts, shown, "abc", strict=False):
            drawn = axes.imshow(part, cmap="magma", vmin=0, vmax=top)
            axes.set_xlabel({"train": "training"}.get(split, split))
            bare(axes)
            letter(axes, f"({panel})")
        made.colorbar(drawn, ax=panels.tolist(), shrink=0.8, label="share of slices")
        return save(made, folder, "figure-7", pictures=True)


def explanation_figure(found: Gathered, cohort: Cohort, folder: Path) -> Path | None:
    """The test slice of which the 2D ResNet is surest to be positive and is right: where that comes from."""
    results, model = found.slices("resnet18"), found.study.model("resnet18")
    if results is None or model is None:
        return None
    right = [row for row in results.of("test").rows if row.truth]
    if not right:
        return None
    row = max(right, key=lambda one: one.probability)
    case = next(one for one in cohort.cases if one.case == row.case)
    return draw_explanation(model, case, cohort, row.slice, row.probability, folder, "explanation")


def _random_slice(cohort: Cohort, seed: int) -> tuple[Case, int] | None:
    """A slice with drawn veins at random, None where there is none."""
    rng = generator(seed, "figure 4")
    for number in rng.permutation(len(cohort.cases)).tolist():
        case = cohort.cases[number]
        segments = open_case(case, cohort.cache).segments
        if segments is None:
            continue
        drawn = deep_mask(np.asarray(segments.array)).sum(axis=(1, 2))
        if drawn.any():
            shown = np.flatnonzero(drawn >= np.median(drawn[drawn > 0]))
            return case, int(rng.choice(shown))
    return None


def _veins(case: Case, cohort: Cohort, index: int) -> NDArray[np.bool_]:
    segments = open_case(case, cohort.cache).segments
    if segments is None:
        shape = open_case(case, cohort.cache).image.grid.shape[1:]
        return np.zeros(shape, dtype=bool)
    return np.asarray(deep_mask(np.asarray(segments.array[index])))


def _near(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    from scipy.ndimage import binary_dilation

    return np.asarray(binary_dilation(mask, iterations=2))
