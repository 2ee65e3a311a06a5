"""What is measured of one patient under one trained network, and where it is kept."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepvein.cohorts.opening import OpenCase
from deepvein.core.errors import CohortError
from deepvein.core.spreadsheet import text_of, write_csv
from deepvein.evaluation.metrics import overlap, volume_error_ml
from deepvein.evaluation.surfaces import surface_distances
from deepvein.laboratory.huang2019.knee import DISTAL, PROXIMAL, knee, parts
from deepvein.laboratory.trials.drawn_kinds import drawn_thrombi
from deepvein.volumes.components import components

NAN = float("nan")
LEAST_OVERLAP = 0.1
"""A predicted piece finds a lesion if at least this share of its voxels lies in it."""
SMALLEST_ML = 0.02
"""Smaller predicted pieces are no finding: the tenth part of a thrombus of 1 cm in a calf vein (M)."""


@dataclass(frozen=True)
class PatientResult:
    """One row of results.csv.

    dice, precision, recall: Eqs. (2) to (4) over all voxels of the patient; with the ending of a level
    over the voxels above or below the knee; NaN where the truth has none there, as in patients without DVT
    (or the cohort names no veins). hd95_mm, assd_mm: NaN if one mask is empty. lesions: a thrombus (a number
    of the map) counts once for each level that it reaches. false_positives: predicted pieces that lie in no
    lesion. seconds: to segment a slice.
    """

    experiment: str
    test: str
    patient: str
    case: str
    centre: str
    slices: int
    positive_slices: int
    dice: float
    precision: float
    recall: float
    dice_proximal: float
    precision_proximal: float
    recall_proximal: float
    dice_distal: float
    precision_distal: float
    recall_distal: float
    thrombus_ml: float
    volume_error_ml: float
    hd95_mm: float
    assd_mm: float
    lesions: int
    lesions_found: int
    false_positives: int
    seconds: float


@dataclass(frozen=True)
class Context:
    """Which training, tested how ("fold 0", "centre B"), and the seconds a slice that it took."""

    experiment: str
    test: str
    seconds: float


def measure(
    case: OpenCase, prediction: NDArray[np.bool_], context: Context, *, synthetic: bool = True
) -> PatientResult:
    """Compare a (slice, row, column) mask on the image's grid with the ground truth.

    Without a true thrombus there is no score (NaN): 1 for finding none and 0 for a voxel would say more of
    how many such patients there are than of how well thrombi are drawn. Numbers are those of the
    map where it is `synthetic`, else thrombi are counted as `drawn_thrombi` has them, in pieces where all are
    marked alike. CohortError for a case of which it is not known whether it has thrombi.
    """
    truths = case.known_thrombi
    if truths is None:
        raise CohortError(f"case {case.case.case!r} has no thrombi to compare with")
    grid = case.image.grid
    numbered = np.asarray(truths.array) if synthetic else drawn_thrombi(case)[0]
    truth = numbered > 0
    level = None if case.segments is None else knee(np.asarray(case.segments.array), grid)
    whole = _scores(prediction, truth)
    by_level: list[float] = []
    lesions = numbered.astype(np.int64)
    for part in (PROXIMAL, DISTAL):
        if level is None:
            by_level += [NAN] * 3
            continue
        by_level += _scores(
            parts(prediction, level, grid) == part, parts(truth, level, grid) == part
        )
    if level is not None:
        lesions = np.where(truth, 2 * lesions + parts(truth, level, grid), 0)
    surfaces = surface_distances(prediction, truth, grid)
    hits, alarms = _found(prediction, lesions, SMALLEST_ML / grid.voxel_volume_ml)
    numbers = set(np.unique(lesions[truth]).tolist())
    return PatientResult(
        experiment=context.experiment,
        test=context.test,
        patient=case.case.patient,
        case=case.case.case,
        centre=case.case.centre,
        slices=len(truth),
        positive_slices=int(truth.any(axis=(1, 2)).sum()),
        dice=whole[0],
        precision=whole[1],
        recall=whole[2],
        dice_proximal=by_level[0],
        precision_proximal=by_level[1],
        recall_proximal=by_level[2],
        dice_distal=by_level[3],
        precision_distal=by_level[4],
        recall_distal=by_level[5],
        thrombus_ml=float(np.count_nonzero(truth)) * grid.voxel_volume_ml,
        volume_error_ml=volume_error_ml(prediction, truth, grid),
        hd95_mm=surfaces.hd95_mm if truth.any() else NAN,
        assd_mm=surfaces.assd_mm if truth.any() else NAN,
        lesions=len(numbers),
        lesions_found=len(numbers & hits),
        false_positives=alarms,
        seconds=context.seconds,
    )


def _scores(prediction: NDArray[np.bool_], truth: NDArray[np.bool_]) -> list[float]:
    """Dice, precision and recall; NaN where nothing is true."""
    if not truth.any():
        return [NAN] * 3
    found = overlap(prediction, truth)
    return [found.dice, found.precision, found.recall]


def _found(
    prediction: NDArray[np.bool_], lesions: NDArray[np.int64], least_voxels: float
) -> tuple[set[int], int]:
    """The lesions that predicted pieces lie in, and the number of pieces that lie in none."""
    indices, labels = components(prediction)
    hits: set[int] = set()
    alarms = 0
    if not len(labels):
        return hits, alarms
    order = np.argsort(labels, kind="stable")
    below = lesions[tuple(indices[order].T)]
    ends = np.flatnonzero(np.diff(labels[order])) + 1
    for piece in np.split(below, ends):
        if len(piece) < least_voxels:
            continue
        numbers, counts = np.unique(piece[piece > 0], return_counts=True)
        hit = numbers[counts >= LEAST_OVERLAP * len(piece)]
        hits |= set(hit.tolist())
        alarms += not len(hit)
    return hits, alarms


def write_results(rows: Iterable[PatientResult], path: Path) -> None:
    """Write a CSV of whole precision, whole or not at all."""
    names = [field.name for field in fields(PatientResult)]
    write_csv(path, names, ([getattr(row, name) for name in names] for row in rows), private=True)


_KINDS: dict[str, type] = {"str": str, "int": int, "float": float}


def read_results(path: Path) -> tuple[PatientResult, ...]:
    """The rows of a results.csv; () if there is none yet. CohortError for a file that is none."""
    if not path.exists():
        return ()
    kinds = {field.name: _KINDS[str(field.type)] for field in fields(PatientResult)}
    with path.open(newline="", encoding="utf-8") as file:
        try:
            return tuple(_row(row, kinds) for row in csv.DictReader(file))
        except (KeyError, ValueError, TypeError) as error:
            raise CohortError(f"{path} holds no results of this version: {error}") from error


def _row(row: dict[str, str], kinds: dict[str, type]) -> PatientResult:
    values: dict[str, Any] = {name: kind(text_of(row[name])) for name, kind in kinds.items()}
    return PatientResult(**values)


def by_patient(rows: Iterable[PatientResult]) -> list[PatientResult]:
    """One row a patient, whose case is then the patient, in the order of the first ones: of several studies
    counts are sums, scores and times the means of those that are known."""
    gathered: dict[str, list[PatientResult]] = defaultdict(list)
    for row in rows:
        gathered[row.patient].append(row)
    return [replace(own[0], case=patient, **_joined(own)) for patient, own in gathered.items()]


def _joined(rows: Sequence[PatientResult]) -> dict[str, Any]:
    kinds = {field.name: str(field.type) for field in fields(PatientResult)}
    sums = {name: int(column(rows, name).sum()) for name, kind in kinds.items() if kind == "int"}
    means = {name: mean_of(column(rows, name)) for name, kind in kinds.items() if kind == "float"}
    return sums | means


def column(rows: Sequence[PatientResult], name: str) -> NDArray[np.float64]:
    """(n,) values of a field."""
    return np.array([getattr(row, name) for row in rows], dtype=np.float64)


def mean_of(values: NDArray[np.float64]) -> float:
    """The mean of those that are known (not NaN); NaN for none."""
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else NAN
