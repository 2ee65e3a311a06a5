"""The answer for one study: everything that a report shows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from deepvein.core.provenance import Provenance
from deepvein.findings.finding import Finding
from deepvein.inference.prediction import Prediction
from deepvein.studies.study import Remark, Study
from deepvein.veins.tree import VeinTree


class Verdict(Enum):
    SUSPECTED = "DVT suspected"
    NOT_SUSPECTED = "no DVT found"
    NOT_ASSESSABLE = "cannot be assessed"


@dataclass(frozen=True)
class OperatingPoint:
    """The threshold that turns a probability into a verdict, and what it reached where it was chosen.

    sensitivity and specificity are those measured at study level on `measured_on`, or None.
    """

    name: str
    threshold: float
    sensitivity: float | None
    specificity: float | None
    measured_on: str


@dataclass(frozen=True, eq=False)
class Screening:
    """findings are ordered by importance; remarks say what limits the result.

    prediction: None where no model was asked because the study cannot be assessed; then there are no
    findings, and the verdict is NOT_ASSESSABLE. tree: the deep veins of the prediction, if there is one.
    probability: calibrated probability in [0, 1] that the study shows DVT; None if not assessable.
    """

    study: Study
    prediction: Prediction | None
    tree: VeinTree | None
    verdict: Verdict
    probability: float | None
    operating_point: OperatingPoint
    findings: tuple[Finding, ...]
    remarks: tuple[Remark, ...]
    provenance: Provenance
    seconds: float
