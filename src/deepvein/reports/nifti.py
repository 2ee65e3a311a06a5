"""Masks on the grid of the study that came in, and the coarse map by which veins are named."""

from __future__ import annotations

from deepvein.findings.screening import Screening
from deepvein.reports.masks import thrombus_labels, vein_mask
from deepvein.reports.writer import EMPTY_CONTEXT, WRITERS, Document, Report, ReportContext
from deepvein.volumes.volume import Volume

VEINS, THROMBI, TERRITORIES = "veins.nii.gz", "thrombi.nii.gz", "territories.nii.gz"


@WRITERS.register("nifti")
def nifti_report(screening: Screening, context: ReportContext = EMPTY_CONTEXT) -> Report:
    """Deep veins (0 or 1) and thrombi (0, or the finding's number), both uint8 on the study's grid, and
    the territories (`Prediction.territories`) on their own grid where there is a prediction."""
    from deepvein.studies.nifti import write_nifti

    del context
    grid, prediction = screening.study.volume.grid, screening.prediction
    documents = [
        Document(VEINS, lambda path: write_nifti(Volume(vein_mask(screening), grid), path)),
        Document(THROMBI, lambda path: write_nifti(Volume(thrombus_labels(screening), grid), path)),
    ]
    if prediction is not None:
        coarse = prediction.territories
        documents.append(Document(TERRITORIES, lambda path: write_nifti(coarse, path)))
    return Report(tuple(documents))
