"""The answer for a whole study.

Remark codes of a study that cannot be assessed: `not-legs`, `no-veins`, `no-contrast`.
`suspicion-without-finding` goes with a suspicion that no finding explains. Others are those of `quality`.
"""

from __future__ import annotations

from typing import NamedTuple

from deepvein.findings.calibration import Calibration
from deepvein.findings.features import study_features
from deepvein.findings.finding import Finding
from deepvein.findings.quality import remarks_on
from deepvein.findings.screening import OperatingPoint, Verdict
from deepvein.inference.prediction import Prediction
from deepvein.studies.study import Remark, Study
from deepvein.veins.enhancement import enhanced_share
from deepvein.veins.stations import Coverage
from deepvein.veins.tree import VeinTree

DEFAULT_OPERATING_POINT = OperatingPoint("even odds", 0.5, None, None, "nothing")
"""Where no operating point was chosen on validation studies."""


VEINS_SHOWN = 0.2
"""Share of the levels within the recognised stations that must show a vein."""

ENHANCED = 0.45
"""Share of the same levels that must show contrast medium in a followed vein or in the artery beside it.
Real MR of both legs without a contrast agent reached 0.15, phantoms without one 0.28, phantoms and knees
with one 0.95 and more."""


class Assessment(NamedTuple):
    """probability: of DVT in the study, [0, 1], None if not assessable; remarks: the study's own first."""

    verdict: Verdict
    probability: float | None
    remarks: tuple[Remark, ...]


def assess(
    study: Study,
    prediction: Prediction,
    tree: VeinTree,
    findings: tuple[Finding, ...],
    calibration: Calibration | None = None,
    operating_point: OperatingPoint = DEFAULT_OPERATING_POINT,
) -> Assessment:
    """Verdict, probability and remarks of a screened study.

    NOT_ASSESSABLE only where no legs were recognised, where the veins are not to be seen or where nothing
    carries contrast medium, and the remarks then say so. Without a calibration of studies the probability
    is that of the likeliest finding.
    """
    calibration = calibration or Calibration()
    obstacle = _not_legs(tree.coverage) or _no_veins(tree.seen_share) or _no_contrast(study, tree)
    if obstacle is not None:
        return Assessment(Verdict.NOT_ASSESSABLE, None, (*study.remarks, obstacle))
    if calibration.study is None:
        probability = max((finding.probability for finding in findings), default=0.0)
    else:
        features = study_features(findings, prediction.profile)
        probability = float(calibration.study.apply(features)[0])
    # A look at coarse sections may have missed the contrast medium that was then followed along the veins.
    known = tuple(remark for remark in study.remarks if remark.code != "no-opacification")
    remarks = (*known, *remarks_on(study, tree))
    if probability < operating_point.threshold:
        return Assessment(Verdict.NOT_SUSPECTED, probability, remarks)
    if not findings:
        remarks = (*remarks, _unexplained(prediction))
    return Assessment(Verdict.SUSPECTED, probability, remarks)


def _not_legs(shown: Coverage) -> Remark | None:
    if shown.shown:
        return None
    return Remark(
        "not-legs",
        "No part of the legs or the pelvis was recognised: the study cannot be assessed for DVT of the legs.",
    )


def _no_veins(share: float) -> Remark | None:
    if share >= VEINS_SHOWN:
        return None
    return Remark(
        "no-veins",
        f"Deep veins are seen at only {100 * share:.0f} % of the levels of the legs (at least "
        f"{100 * VEINS_SHOWN:.0f} % are needed): without opacified veins DVT cannot be assessed.",
    )


def _no_contrast(study: Study, tree: VeinTree) -> Remark | None:
    share = enhanced_share(study, tree.coverage, tree.ways)
    if share >= ENHANCED:
        return None
    return Remark(
        "no-contrast",
        f"Contrast medium is seen in deep veins, or in the arteries beside them, at only {100 * share:.0f} % "
        f"of the levels of the legs (at least {100 * ENHANCED:.0f} % are needed): without it DVT "
        "cannot be assessed.",
    )


def _unexplained(prediction: Prediction) -> Remark:
    profile = prediction.profile
    where = ""
    if len(profile.positions_mm):
        where = f", most at z = {profile.positions_mm[int(profile.probability.argmax())]:.0f} mm,"
    return Remark(
        "suspicion-without-finding",
        f"DVT is suspected{where} but no thrombus could be delineated.",
    )
