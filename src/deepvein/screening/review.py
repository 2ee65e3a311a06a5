"""What a reader made of a screening: findings accepted, rejected, corrected or added, and signed.

review = Review(decisions, labels, comment="", verdict=None)
signed = reviewed(screening, review, signature)
write(signed, folder)
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from deepvein.core.errors import UsageError
from deepvein.findings.calibration import Calibration
from deepvein.findings.detection import describe
from deepvein.findings.finding import Delineation, Finding
from deepvein.findings.fragments import Fragment
from deepvein.findings.screening import Screening, Verdict
from deepvein.inference.prediction import SCALE
from deepvein.reports.dicom.identity import uid_of
from deepvein.reports.masks import thrombus_labels
from deepvein.studies.study import Remark

if TYPE_CHECKING:
    from deepvein.findings.signature import Signature
    from deepvein.inference.prediction import Prediction
    from deepvein.veins.tree import VeinTree


class Choice(Enum):
    """What a reader makes of one finding."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"


class Reason(Enum):
    """Why a finding is none; the value is how it is said."""

    MIXING = "mixing of blood with and without contrast medium"
    ARTEFACT = "artefact of metal, motion or beam"
    NOT_A_VEIN = "not a deep vein (artery, node, muscle, superficial vein)"
    CHRONIC = "old changes of the wall"
    TOO_FAINT = "not convincing"
    OTHER = "other"


@dataclass(frozen=True)
class Decision:
    """What is said about the finding of a number; `reason` goes with a rejection."""

    choice: Choice
    reason: Reason | None = None
    comment: str = ""

    def __post_init__(self) -> None:
        if self.choice is Choice.REJECTED and self.reason is None:
            raise UsageError("a finding is rejected with a reason, got none")


@dataclass(frozen=True, eq=False)
class Review:
    """A reader's opinion on a study.

    decisions: by the number of the finding; those drawn by the reader need none. labels: (slice, row,
    column) uint8 on the study's grid, the number of the finding at each voxel, corrections and additions
    included; None if nothing was drawn. verdict: None for what follows from the findings that stay.
    """

    decisions: dict[int, Decision] = field(default_factory=dict)
    labels: NDArray[np.uint8] | None = None
    verdict: Verdict | None = None
    comment: str = ""


def reviewed(screening: Screening, review: Review, signature: Signature) -> Screening:
    """The screening as its reader signs it.

    Findings that were accepted as they were stay untouched, with their probability. Those whose voxels were
    changed are measured and named anew and are SEMIAUTOMATIC; those with a number that no finding had are
    MANUAL. The study's probability becomes 1 or 0, for a person has decided, or None if it cannot be
    assessed.

    Raises
    ------
    UsageError
        A finding has no decision, a decision is about none, an accepted finding has lost all its voxels,
        the labels have another shape than the study, or the verdict contradicts the findings that stay.
    """
    found = {finding.number: finding for finding in screening.findings}
    labels = _labels(screening, review)
    _check_decisions(found, review)
    rejected = {n for n, one in review.decisions.items() if one.choice is Choice.REJECTED}
    drawn = np.unique(labels[labels > 0]).tolist()
    kept = tuple(
        _kept(number, found.get(number), labels, screening)
        for number in sorted({*found, *drawn} - rejected)
    )
    verdict = _verdict(kept, review)
    prediction = screening.prediction
    if prediction is not None:
        prediction = dataclasses.replace(prediction, thrombus_probability=_marked(kept, prediction))
    said = _remark(kept, len(rejected), review, signature)
    return dataclasses.replace(
        screening,
        prediction=prediction,
        verdict=verdict,
        probability={Verdict.SUSPECTED: 1.0, Verdict.NOT_SUSPECTED: 0.0}.get(verdict),
        findings=kept,
        remarks=(said, *screening.remarks),
        signature=signature,
    )


def _labels(screening: Screening, review: Review) -> NDArray[np.uint8]:
    if review.labels is None:
        return thrombus_labels(screening)
    shape = screening.study.volume.grid.shape
    if review.labels.shape != shape or review.labels.dtype != np.uint8:
        raise UsageError(
            f"the labels of a review are uint8 of shape {shape}, got {review.labels.dtype} "
            f"{review.labels.shape}"
        )
    return review.labels


def _check_decisions(found: dict[int, Finding], review: Review) -> None:
    open_ = sorted(found.keys() - review.decisions.keys())
    if open_:
        raise UsageError(
            f"finding {open_[0]} has no decision yet: accept or reject every finding before signing"
        )
    # One that was drawn needs no decision, and may have one.
    for number in review.decisions.keys() - found.keys():
        if review.labels is None or not (review.labels == number).any():
            raise UsageError(f"there is no finding {number} to decide on")


def _kept(
    number: int, before: Finding | None, labels: NDArray[np.uint8], screening: Screening
) -> Finding:
    indices = np.argwhere(labels == number)
    if not len(indices):
        raise UsageError(f"finding {number} has no voxels left: reject it, or undo what was erased")
    if before is not None and _same(indices, before.indices):
        return before
    prediction, tree = screening.prediction, screening.tree
    if prediction is None or tree is None:
        raise UsageError(
            "nothing can be drawn into a study that no model was asked about: its veins have no names"
        )
    described = _described(indices, screening, prediction, tree)
    if before is None:
        uid = uid_of(
            screening.study.identity.study_uid or screening.study.name, "drawn", str(number)
        )
        return dataclasses.replace(
            described, number=number, tracking_uid=uid, probability=1.0,
            delineation=Delineation.MANUAL,
        )  # fmt: skip
    return dataclasses.replace(
        described,
        number=number,
        tracking_uid=before.tracking_uid,
        probability=before.probability,
        delineation=Delineation.SEMIAUTOMATIC,
    )


def _described(
    indices: NDArray[np.int64], screening: Screening, prediction: Prediction, tree: VeinTree
) -> Finding:
    piece = Fragment.from_voxels(indices, prediction.grid, tree.naming)
    # What a person drew is thrombus for certain, whatever the networks said there.
    certain = np.zeros(prediction.grid.shape, np.uint8)
    certain[tuple(indices.T)] = SCALE
    known = dataclasses.replace(prediction, thrombus_probability=certain)
    return describe(piece, known, screening.study, Calibration())


def _same(one: NDArray[np.int64], other: NDArray[np.int64]) -> bool:
    """Whether two lists of voxels are the same; the first is in the order of the array."""
    return len(one) == len(other) and bool((one == other[np.lexsort(other.T[::-1])]).all())


def _marked(kept: tuple[Finding, ...], prediction: Prediction) -> NDArray[np.uint8]:
    marked = np.zeros(prediction.grid.shape, np.uint8)
    for finding in kept:
        marked[tuple(finding.indices.T)] = SCALE
    return marked


def _verdict(kept: tuple[Finding, ...], review: Review) -> Verdict:
    follows = Verdict.SUSPECTED if kept else Verdict.NOT_SUSPECTED
    if review.verdict is None or review.verdict is follows:
        return follows
    if review.verdict is Verdict.NOT_ASSESSABLE and not kept:
        return Verdict.NOT_ASSESSABLE
    raise UsageError(
        f"the verdict {review.verdict.value!r} contradicts the findings: "
        + (f"{len(kept)} of them stay" if kept else "none stays")
    )


def _remark(
    kept: tuple[Finding, ...], rejected: int, review: Review, signature: Signature
) -> Remark:
    counts = {kind: sum(one.delineation is kind for one in kept) for kind in Delineation}
    said = [
        f"{count} {word}"
        for count, word in (
            (counts[Delineation.AUTOMATIC], "accepted as found"),
            (counts[Delineation.SEMIAUTOMATIC], "corrected"),
            (counts[Delineation.MANUAL], "added"),
            (rejected, "rejected"),
        )
        if count
    ]
    person = " ".join(part for part in reversed(signature.person.split("^")) if part)
    text = f"Read and signed by {person} on {signature.signed[:16].replace('T', ' ')}"
    text += f": {', '.join(said)}." if said else ": no thrombus."
    return Remark("signed", f"{text} {review.comment}".strip())
