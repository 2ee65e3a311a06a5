"""The answer for a whole study.

Remark codes of a study that cannot be assessed: `not-legs`, `no-veins`, `no-contrast`.
`suspicion-without-finding` goes with a suspicion that no finding explains. Others are those of `quality`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from deepvein.findings.calibration import Calibration
from deepvein.findings.features import study_features
from deepvein.findings.finding import Finding
from deepvein.findings.quality import QualitySettings, remarks_on
from deepvein.findings.screening import OperatingPoint, Verdict
from deepvein.inference.prediction import SCALE, Prediction
from deepvein.inference.second_reader.way import Way
from deepvein.studies.study import Remark, Study
from deepvein.veins.enhancement import enhanced_share
from deepvein.veins.following import follow
from deepvein.veins.side import Midline, midline
from deepvein.veins.stations import Coverage, coverage

DEFAULT_OPERATING_POINT = OperatingPoint("even odds", 0.5, None, None, "nothing")
"""Where no operating point was chosen on validation studies."""


@dataclass(frozen=True)
class AssessmentSettings:
    """When a study can be assessed.

    vein_probability: a level of the body shows a vein if a voxel reaches this.
    veins_shown: share of the levels within the recognised stations that must show one.
    enhanced: share of the same levels that must show contrast medium in a followed vein or in the artery
    beside it. Real MR of both legs without a contrast agent reached 0.15, phantoms without one 0.28,
    phantoms and knees with one 0.95 and more.
    """

    vein_probability: float = 0.5
    veins_shown: float = 0.2
    enhanced: float = 0.45
    quality: QualitySettings = field(default_factory=QualitySettings)


class Assessment(NamedTuple):
    """probability: of DVT in the study, [0, 1], None if not assessable; remarks: the study's own first."""

    verdict: Verdict
    probability: float | None
    remarks: tuple[Remark, ...]


def assess(
    study: Study,
    prediction: Prediction,
    findings: tuple[Finding, ...],
    calibration: Calibration | None = None,
    operating_point: OperatingPoint = DEFAULT_OPERATING_POINT,
    *,
    settings: AssessmentSettings | None = None,
    middle: Midline | None = None,
    ways: Sequence[Way] | None = None,
) -> Assessment:
    """Verdict, probability and remarks of a screened study.

    NOT_ASSESSABLE only where no legs were recognised, where the veins are not to be seen or where nothing
    carries contrast medium, and the remarks then say so. Without a calibration of studies the probability
    is that of the likeliest finding. `middle` and `ways` (see `veins.following`) spare a second search.
    """
    settings, calibration = settings or AssessmentSettings(), calibration or Calibration()
    middle = middle or midline(study)
    shown = coverage(prediction.territories)
    obstacle = _not_legs(shown) or _no_veins(prediction, shown, settings)
    if obstacle is None:
        followed = follow(prediction, middle) if ways is None else ways
        obstacle = _no_contrast(study, prediction, followed, settings)
    if obstacle is not None:
        return Assessment(Verdict.NOT_ASSESSABLE, None, (*study.remarks, obstacle))
    if calibration.study is None:
        probability = max((finding.probability for finding in findings), default=0.0)
    else:
        features = study_features(findings, prediction.profile)
        probability = float(calibration.study.apply(features)[0])
    limits = remarks_on(study, prediction, middle, settings.quality)
    remarks = (*study.remarks, *limits)
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


def _no_veins(
    prediction: Prediction, shown: Coverage, settings: AssessmentSettings
) -> Remark | None:
    axis = prediction.grid.body_axis
    least = max(1, int(np.ceil(settings.vein_probability * SCALE)))
    seen = np.zeros(prediction.grid.shape[axis], dtype=bool)
    for number, plane in enumerate(prediction.vein_probability):
        if axis == 0:
            seen[number] = plane.max() >= least
        else:
            seen |= plane.max(axis=2 - axis) >= least
    positions = prediction.grid.body_positions_mm()
    within = np.zeros(len(positions), dtype=bool)
    for low, high in shown.shown.values():
        within |= (positions >= low) & (positions <= high)
    share = float(seen[within].mean()) if within.any() else 0.0
    if share >= settings.veins_shown:
        return None
    return Remark(
        "no-veins",
        f"Deep veins are seen at only {100 * share:.0f} % of the levels of the legs (at least "
        f"{100 * settings.veins_shown:.0f} % are needed): without opacified veins DVT cannot be assessed.",
    )


def _no_contrast(
    study: Study, prediction: Prediction, ways: Sequence[Way], settings: AssessmentSettings
) -> Remark | None:
    share = enhanced_share(study, prediction, ways)
    if share >= settings.enhanced:
        return None
    return Remark(
        "no-contrast",
        f"Contrast medium is seen in deep veins, or in the arteries beside them, at only {100 * share:.0f} % "
        f"of the levels of the legs (at least {100 * settings.enhanced:.0f} % are needed): without it DVT "
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
