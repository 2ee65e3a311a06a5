"""Outcomes on disk, so that an interrupted trial goes on where it stopped."""

from __future__ import annotations

from pathlib import Path

from deepvein.cohorts.case import Case
from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.fingerprint import fingerprint
from deepvein.cohorts.table import row_of_case
from deepvein.core import settings
from deepvein.core.kept import Kept, Terms
from deepvein.core.provenance import sha256
from deepvein.laboratory.trials.outcome import GENERATION, Outcome
from deepvein.screening import screen
from deepvein.screening.bundle import BundleFolder


def kept_outcome(models: BundleFolder, case: Case, cohort: Cohort, folder: Path) -> Kept[Outcome]:
    """Where the outcome of a case lies in `folder`.

    It depends on weights, calibration, detection, the case's row and its files; not on what a bundle says
    of itself.
    """
    bundle = settings.to_dict(models.bundle)
    terms = Terms.of(
        {"screening": screen.GENERATION, "trial": GENERATION},
        models=[sha256(f / "model.safetensors") for f in models.model_folders],
        bundle={name: bundle[name] for name in ("calibration", "operating_point", "detection")},
        case=row_of_case(case, cohort.root),
        files=[fingerprint(path) for path in (case.image, case.segments, case.thrombi)],
    )
    name = f"{case.case}-{terms.digest}.json".replace("/", "_")
    return Kept(folder / name, Outcome, terms)
