"""A slice classifier by itself against labelled cases: its figures, and what its surest answers rest on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.labelling import has_dvt, require_agreement, require_labelled
from deepvein.core.errors import CohortError
from deepvein.core.files import write_text
from deepvein.core.progress import Progress, silent
from deepvein.evaluation.statistics import Estimate
from deepvein.inference.models import Model
from deepvein.laboratory.explanation_figure import draw_surest
from deepvein.laboratory.kozemzak2019.inference import read_labels
from deepvein.laboratory.kozemzak2019.measures import ClassificationScores, classification_scores
from deepvein.laboratory.kozemzak2019.predictions import slices_of
from deepvein.laboratory.kozemzak2019.results import SLICES, SliceResults
from deepvein.laboratory.trials.estimates import metrics_of, not_measured
from deepvein.reports.texts import FIGURES

ACCOUNT, PICTURES = "MEASURED.md", "surest"
_DRAWS = 2000


@dataclass(frozen=True)
class Judged:
    """A classifier's answer for every slice of a cohort, and the figures."""

    cohort: Cohort
    results: SliceResults
    scores: ClassificationScores

    @property
    def figures(self) -> tuple[tuple[str, Estimate], ...]:
        s = self.scores
        return (
            ("slice AUROC", s.auroc),
            ("slice average precision", s.average_precision),
            ("study AUROC by its highest slice", s.study_maximum),
            ("study AUROC by the noisy-or of its slices", s.study_noisy_or),
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """Which figures cannot be told, or lack an interval, and why."""
        names, estimates = zip(*self.figures, strict=True)
        sick = sum(has_dvt(case, self.cohort.cache) is True for case in self.cohort)
        return not_measured(names, metrics_of(names, estimates), len(self.cohort), sick)


def judge(model: Model, cohort: Cohort, progress: Progress = silent) -> Judged:
    """Every slice of every case. CohortError for no case, or without masks of thrombi."""
    if not len(cohort):
        raise CohortError(f"{cohort.root} has no {model.description.modality.value} case")
    require_labelled(cohort, segments=False, thrombi=True, what="the evaluation")
    require_agreement(cohort, "the evaluation")
    rows = [
        row
        for case, probability in read_labels(model, cohort, progress)
        for row in slices_of(case, cohort, probability)
    ]
    results = SliceResults(tuple(rows))
    return Judged(cohort, results, classification_scores(results, _DRAWS))


def write_account(model: Model, judged: Judged, folder: Path) -> Path:
    """MEASURED.md, slices.csv with every slice's probability, and pictures of the surest answers."""
    judged.results.save(folder)
    drawn = draw_surest(model, judged.cohort, judged.results, folder / PICTURES)
    rows = judged.results.rows
    lines = [
        f"# {model.description.recipe} on {len(judged.cohort)} studies",
        "",
        f"**{FIGURES}**",
        "",
        f"{sum(row.truth for row in rows)} of {len(rows)} slices show thrombus; their probabilities stand in "
        f"{SLICES}. Intervals: 95 % bootstrap over patients.",
        "",
        "| measure | value (95 % interval) |",
        "|---|---|",
        *(f"| {name} | {e:.3f} |" for name, e in judged.figures),
        "",
        *(f"{note[:1].upper()}{note[1:]}.\n" for note in judged.notes),
        "## What its surest answers rest on",
        "",
        "Red speaks for DVT, blue against it: by class activation, where the network has it, and by how much "
        "the answer falls when a place is covered. Annotated thrombi are outlined in green.",
        "",
    ]
    for row, path in drawn:
        what = "shows thrombus" if row.truth else "shows none: a false alarm"
        lines += [
            f"Case {row.case}, slice {row.slice + 1}, probability {row.probability:.2f}, {what}.",
            "",
            f"![Case {row.case}, slice {row.slice + 1}]({PICTURES}/{path.name})",
            "",
        ]
    path = folder / ACCOUNT
    write_text(path, "\n".join(lines))
    return path
