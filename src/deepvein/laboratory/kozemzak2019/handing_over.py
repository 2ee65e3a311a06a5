"""What the cards of this study's models say."""

from __future__ import annotations

from pathlib import Path

from deepvein.evaluation.tables import Table
from deepvein.laboratory.kozemzak2019 import published
from deepvein.laboratory.kozemzak2019.measures import classification_scores, segmentation_scores
from deepvein.laboratory.kozemzak2019.models import Model
from deepvein.laboratory.kozemzak2019.results import SegmentationResults, SliceResults
from deepvein.laboratory.kozemzak2019.step_actions import Study
from deepvein.laboratory.kozemzak2019.study import GENERATIONS
from deepvein.laboratory.report_page import cohort_name
from deepvein.laboratory.reproduced_model import Told


def told_of(study: Study, model: Model, folder: Path) -> Told:
    """A model's card, with its scores on the test split from what `folder` holds."""
    return Told(
        f"{model.label} (`{model.recipe.name}`)",
        published.CITATION,
        cohort_name(study.cohort, GENERATIONS),
        study.cohort is None,
        _scores(study, model, folder),
    )


def _scores(study: Study, model: Model, folder: Path) -> Table | None:
    draws = study.profile.draws
    if model.segments:
        pixels = SegmentationResults.load(folder)
        if pixels is None or not pixels.of("test").studies:
            return None
        found = segmentation_scores(pixels.of("test"), draws)
        rows = (("Dice, all pixels", f"{found.dice:.2f}"), ("AUROC, pixels", f"{found.auroc:.2f}"))
        return Table("Test", ("Score", "Test split"), rows)
    slices = SliceResults.load(folder)
    if slices is None or not slices.of("test").rows:
        return None
    scores = classification_scores(slices.of("test"), draws)
    rows = (
        ("AUROC, slices", f"{scores.auroc:.2f}"),
        ("Average precision, slices", f"{scores.average_precision:.2f}"),
    )
    return Table("Test", ("Score", "Test split"), rows)
