"""Screening the knees of another hand, and what became of their thrombi."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from deepvein.core.progress import Progress, silent
from deepvein.evaluation.curves import auroc
from deepvein.evaluation.lesions import Matching, match
from deepvein.findings.screening import Verdict
from deepvein.laboratory.second_opinion.knees import KNEES, Knees, KneeSettings, knees
from deepvein.screening.bundle import BundleFolder
from deepvein.screening.screen import screen
from deepvein.studies.study import Format, Identity, Origin, Study


@dataclass(frozen=True)
class KneesAnswer:
    """The answer for one study. acute: of its thrombus, None if it is healthy. dice: of thrombus voxels of
    probability 0.5 and more, NaN in healthy knees."""

    name: str
    acute: bool | None
    verdict: Verdict
    probability: float | None
    matching: Matching
    dice: float


@dataclass(frozen=True)
class SecondOpinion:
    """thrombi, reported: how many there were and were reported. false_findings: in all studies. auroc: of
    the studies that could be assessed, NaN unless some have a thrombus and some do not. dice: mean."""

    studies: int
    thrombi: int
    reported: int
    false_findings: int
    auroc: float
    dice: float


def ask(
    models: BundleFolder,
    numbers: Iterable[int],
    settings: KneeSettings | None = None,
    device: str = "auto",
    progress: Progress = silent,
) -> list[KneesAnswer]:
    """Screen the knees of these numbers, in the bundle's modality."""
    shown = settings or KNEES[models.bundle.modality]
    return [_answer(models, knees(number, shown), device, progress) for number in numbers]


def summed(answers: Sequence[KneesAnswer]) -> SecondOpinion:
    """What the answers say together."""
    judged = [one for one in answers if one.probability is not None]
    scores = np.array([one.probability for one in judged], dtype=np.float64)
    ill = np.array([one.acute is not None for one in judged], dtype=np.bool_)
    lesions = [lesion for one in answers for lesion in one.matching.lesions]
    dice = [one.dice for one in answers if one.acute is not None]
    return SecondOpinion(
        studies=len(answers),
        thrombi=len(lesions),
        reported=sum(lesion.probability is not None for lesion in lesions),
        false_findings=sum(len(one.matching.false_positives) for one in answers),
        auroc=auroc(scores, ill) if 0 < ill.sum() < len(ill) else float("nan"),
        dice=float(np.mean(dice)) if dice else float("nan"),
    )


def _answer(models: BundleFolder, shown: Knees, device: str, progress: Progress) -> KneesAnswer:
    study = Study(
        name=shown.name,
        modality=models.bundle.modality,
        volume=shown.image,
        identity=Identity(),
        origin=Origin(Path(shown.name), Format.NIFTI, ()),
        synthetic=True,
    )
    result = screen(study, models=models, device=device, progress=progress)
    true = shown.thrombi.array > 0
    seen = result.prediction
    found = np.zeros_like(true) if seen is None else seen.thrombus_probability >= 128
    both = int(found.sum()) + int(true.sum())
    return KneesAnswer(
        name=shown.name,
        acute=shown.acute,
        verdict=result.verdict,
        probability=result.probability,
        matching=match(result.findings, shown.thrombi.array),
        dice=2 * int((found & true).sum()) / both if true.any() else float("nan"),
    )
