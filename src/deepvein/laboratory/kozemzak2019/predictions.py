"""The answers of trained models for a cohort's studies, kept study by study so that none is asked twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from time import monotonic
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.veins import deep_mask
from deepvein.cohorts.case import Case
from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.opening import open_case
from deepvein.core.progress import Progress
from deepvein.evaluation.pixels import PixelTally
from deepvein.inference.models import Model
from deepvein.laboratory.kozemzak2019.cohort import read_truth
from deepvein.laboratory.kozemzak2019.inference import read_labels, read_masks
from deepvein.laboratory.kozemzak2019.recipes import SEGMENTERS
from deepvein.laboratory.kozemzak2019.results import (
    SegmentationResults,
    SliceResults,
    SliceRow,
    StudyPixels,
)
from deepvein.volumes.volume import Volume

MODELS = "models"
"""Folder of the trained models and their answers."""

THRESHOLD = 0.5

Mask = NDArray[np.bool_]
T = TypeVar("T")


def best_segmenter(out: Path) -> str | None:
    """The paper's segmenter of the highest Dice over all validation pixels, None if none is trained."""
    scores = {}
    for name in SEGMENTERS:
        results = SegmentationResults.load(out / MODELS / name)
        if results is not None and results.of("validation").studies:
            counts = results.of("validation").counts().sum(0)
            scores[name] = PixelTally(counts).overlap(THRESHOLD).dice
    return max(scores, key=lambda name: scores[name]) if scores else None


def read_pixels(
    model: Model, cohort: Cohort, folder: Path, left_s: float | None, progress: Progress
) -> bool:
    """Tally a segmenter's pixels study by study; False if the time was over before the last."""
    known = SegmentationResults.load(folder)
    done = {one.case for one in known.studies} if known is not None else set()
    missing = cohort.select(lambda case: case.case not in done)
    for case, levels in _in_time(read_masks(model, missing, progress), left_s):
        opened = open_case(case, cohort.cache)
        drawn = _mask(opened.segments, levels.shape)
        exact = _exact(case)
        StudyPixels(
            case.case,
            case.patient,
            case.split,
            PixelTally.of(levels, drawn),
            None if exact is None else PixelTally.of(levels, exact),
        ).save(folder)
        done.add(case.case)
    if any(case.case not in done for case in cohort):
        return False
    found = SegmentationResults.load(folder)
    if found is not None:
        found.write_table(folder)
    return True


def read_slices(
    model: Model, cohort: Cohort, folder: Path, left_s: float | None, progress: Progress
) -> bool:
    """Let a classifier judge the slices study by study; False if the time was over before the last."""
    known = SliceResults.load(folder)
    rows = list(known.rows) if known is not None else []
    done = {row.case for row in rows}
    missing = cohort.select(lambda case: case.case not in done)
    for case, probability in _in_time(read_labels(model, missing, progress), left_s):
        rows.extend(slices_of(case, cohort, probability))
        SliceResults(tuple(rows)).save(folder)
        done.add(case.case)
    return all(case.case in done for case in cohort)


def _in_time(answers: Iterable[T], left_s: float | None) -> Iterator[T]:
    """The answers that begin before the time is over, the first in any case."""
    begun = monotonic()
    for answer in answers:
        yield answer
        if left_s is not None and monotonic() - begun > left_s:
            return


def slices_of(case: Case, cohort: Cohort, probability: NDArray[np.float64]) -> list[SliceRow]:
    """The (slices,) probabilities of a case beside what is true; without a mask no slice is positive."""
    opened = open_case(case, cohort.cache)
    drawn: Mask = np.asarray(
        _mask(opened.thrombi, opened.image.grid.shape, veins=False).any(axis=(1, 2))
    )
    truth = read_truth(case.image.parent)
    rows = []
    for index, p in enumerate(probability.tolist()):
        exact = truth[index].thrombus if truth else int(drawn[index])
        strength = truth[index].artefact if truth else -1.0
        rows.append(
            SliceRow(
                case.case, case.patient, case.split, index, p, int(drawn[index]), exact, strength
            )
        )
    return rows


def _exact(case: Case) -> Mask | None:
    from deepvein.studies.nifti import read_nifti

    path = case.image.parent / "exact_segments.nii"
    return deep_mask(np.asarray(read_nifti(path).array)) if path.exists() else None


def _mask(volume: Volume | None, shape: tuple[int, ...], veins: bool = True) -> Mask:
    if volume is None:
        return np.zeros(shape, dtype=bool)
    array = np.asarray(volume.array)
    marked: Mask = deep_mask(array) if veins else array > 0
    return marked
