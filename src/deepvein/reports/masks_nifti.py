"""veins.nii.gz and thrombi.nii.gz: masks on the grid of the study that came in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deepvein.core.errors import UsageError
from deepvein.findings.screening import Screening
from deepvein.inference.prediction import SCALE
from deepvein.reports.writer import EMPTY_CONTEXT, WRITERS, ReportContext
from deepvein.volumes.volume import Volume

VEIN_THRESHOLD = (SCALE + 1) // 2
"""Deep veins are shown where their probability is at least one half."""


@WRITERS.register("nifti")
def write_masks(
    screening: Screening, folder: Path, context: ReportContext = EMPTY_CONTEXT
) -> tuple[Path, ...]:
    """Deep veins (0 or 1) and thrombi (0, or the finding's number), both uint8 on the study's grid."""
    from deepvein.studies.nifti import write_nifti

    grid = screening.prediction.grid
    veins = folder / "veins.nii.gz"
    write_nifti(Volume(vein_mask(screening), grid), veins)
    thrombi = folder / "thrombi.nii.gz"
    write_nifti(Volume(thrombus_labels(screening), grid), thrombi)
    return veins, thrombi


def vein_mask(screening: Screening) -> NDArray[np.uint8]:
    """1 where a deep vein is more likely than not, (slice, row, column)."""
    return (screening.prediction.vein_probability >= VEIN_THRESHOLD).view(np.uint8)


def thrombus_labels(screening: Screening) -> NDArray[np.uint8]:
    """The number of the finding at each voxel, 0 where there is none, (slice, row, column)."""
    labels = np.zeros(screening.prediction.grid.shape, dtype=np.uint8)
    for finding in screening.findings:
        if finding.number > np.iinfo(np.uint8).max:
            raise UsageError(
                f"a mask holds at most 255 thrombi, got one with the number {finding.number}"
            )
        labels[tuple(finding.indices.T)] = finding.number
    return labels
