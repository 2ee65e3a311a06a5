"""veins.nii.gz and thrombi.nii.gz: masks on the grid of the study that came in."""

from __future__ import annotations

from pathlib import Path

from deepvein.findings.screening import Screening
from deepvein.reports.masks import thrombus_labels, vein_mask
from deepvein.reports.writer import EMPTY_CONTEXT, WRITERS, ReportContext
from deepvein.volumes.volume import Volume


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
