"""The answer for one study: everything that a report shows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from deepvein.core.provenance import Provenance
from deepvein.findings.finding import Finding
from deepvein.findings.signature import Signature
from deepvein.inference.prediction import Prediction
from deepvein.studies.study import Remark, Study
from deepvein.veins.tree import VeinTree


class Verdict(Enum):
    """What a study is said to show; the value is how it is said."""

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
    """The answer for one study.

    Attributes
    ----------
    study
        What was screened.
    prediction
        What the networks say; None where none was asked because the study cannot be assessed, and then
        there are no findings and the verdict is NOT_ASSESSABLE.
    tree
        The deep veins of the prediction; None without one.
    verdict
        What the study is said to show.
    probability
        Calibrated probability that the study shows DVT, [0, 1]; None if it cannot be assessed.
    operating_point
        The threshold between the verdicts.
    findings
        Thrombi, the most important first; empty for none.
    remarks
        What limits the result.
    provenance
        Versions, command and time.
    seconds
        How long it took.
    signature
        Of the person who read, corrected and signed it; None as the software left it.
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
    signature: Signature | None = None
