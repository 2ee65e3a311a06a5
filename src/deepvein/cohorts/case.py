"""One row of a cohort: an image with what is known to be true about it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from deepvein.studies.study import Modality


@dataclass(frozen=True)
class Case:
    """Paths are absolute once a cohort is loaded and relative to its folder in the table. The files need not
    exist yet where a plan promises them (`cohorts.promised`).

    segments: map of encoded vein segments (`anatomy.veins.encode`), or None where veins are not labelled.
    thrombi: instance map (0 none, 1..n one number a thrombus) or binary mask, or None where not labelled.
    has_dvt: None where not known.
    """

    case: str
    patient: str
    modality: Modality
    image: Path
    segments: Path | None = None
    thrombi: Path | None = None
    has_dvt: bool | None = None
    centre: str = ""
    fold: int | None = None
    split: str = ""
