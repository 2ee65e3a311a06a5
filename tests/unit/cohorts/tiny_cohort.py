"""Tiny legs on disk: a bright vein down each leg, a dark thrombus in some, known to the voxel."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import nibabel as nib
import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.veins import Side, VeinSegment, encode
from deepvein.cohorts.case import Case
from deepvein.cohorts.cohort import Cohort
from deepvein.studies.study import Modality
from deepvein.volumes.grid import Grid

SHAPE = (24, 40, 56)
SPACING = (4.0, 2.0, 2.0)
MUSCLE, VEIN, CLOT, AIR = 60, 140, 50, -1024
THROMBUS = slice(6, 11)


def write(array: NDArray[np.generic], grid: Grid, path: Path) -> Path:
    """NIfTI through nibabel: axes (column, row, slice), LPS turned to RAS."""
    affine = np.diag([-1.0, -1.0, 1.0, 1.0]) @ grid.affine[:, [2, 1, 0, 3]]
    path.parent.mkdir(parents=True, exist_ok=True)
    nib.save(nib.Nifti1Image(np.ascontiguousarray(array.T), affine), path)
    return path


def arrays(dvt: bool) -> tuple[NDArray[np.int16], NDArray[np.uint8], NDArray[np.uint8]]:
    """Image (HU), encoded segments and thrombus instances of SHAPE."""
    image = np.full(SHAPE, AIR, dtype=np.int16)
    segments = np.zeros(SHAPE, dtype=np.uint8)
    thrombi = np.zeros(SHAPE, dtype=np.uint8)
    for left, column in ((0, 14), (1, 42)):
        image[:, 8:32, column - 10 : column + 10] = MUSCLE
        for part, segment in (
            (slice(0, 12), VeinSegment.POPLITEAL),
            (slice(12, 24), VeinSegment.FEMORAL),
        ):
            label = encode(segment, Side.LEFT if left else Side.RIGHT)
            segments[part, 18:22, column - 2 : column + 2] = label
    segments[:, 10:12, 20:22] = encode(VeinSegment.GREAT_SAPHENOUS, Side.RIGHT)
    image[segments > 0] = VEIN
    if dvt:
        thrombi[THROMBUS, 18:22, 12:16] = 1
        image[thrombi > 0] = CLOT
    return image, segments, thrombi


def make(
    folder: Path, n: int = 4, suffix: str = ".nii", modality: Modality = Modality.CT
) -> Cohort:
    """`n` cases of patients p0, p1 …, every second with DVT, written below `folder` with a table."""
    cases = []
    for number in range(n):
        dvt = number % 2 == 0
        image, segments, thrombi = arrays(dvt)
        image[0, 0, 0] += number // 2  # no two patients have the same voxels
        grid = Grid.from_directions(SHAPE, SPACING, origin_mm=(-50.0, 10.0, 100.0 * number))
        place = folder / f"case{number}"
        cases.append(
            Case(
                case=f"case{number}",
                patient=f"p{number}",
                modality=modality,
                image=write(image, grid, place / f"image{suffix}"),
                segments=write(segments, grid, place / f"segments{suffix}"),
                thrombi=write(thrombi, grid, place / f"thrombi{suffix}"),
                has_dvt=dvt,
            )
        )
    cohort = Cohort(folder.resolve(), tuple(cases))
    cohort.save()
    return Cohort.load(folder)


def with_case(cohort: Cohort, place: int, **changes: object) -> Cohort:
    """The cohort with one case changed."""
    cases = list(cohort.cases)
    cases[place] = replace(cases[place], **changes)
    return replace(cohort, cases=tuple(cases))
