"""The study's page: each published table and figure beside ours, and what the paper wished for."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from deepvein.cohorts.cohort import Cohort
from deepvein.core.errors import CohortError
from deepvein.core.progress import Progress
from deepvein.evaluation.tables import Table
from deepvein.laboratory.kozemzak2019 import figures, pictures, published, step_actions, tables
from deepvein.laboratory.kozemzak2019.models import Model
from deepvein.laboratory.kozemzak2019.study_results import Gathered
from deepvein.laboratory.report_page import Chapter, Exhibit, Page, write_page
from deepvein.laboratory.steps import Standing

TABLES, FIGURES = "tables", "figures"
_MISSING = "Not there yet: the models of this table have not been trained."

_log = logging.getLogger(__name__)


def draw_page(
    study: step_actions.Study, wanted: Sequence[Model], reached: Standing, progress: Progress
) -> Path:
    """Draw tables, figures and index.html of whatever the study's folder holds."""
    found = Gathered(study, tuple(wanted))
    progress("drawing the page", 0, 1)
    shown = _Shown(found, study.out)
    page = Page(
        title="Kozemzak et al. 2019, redrawn",
        source=published.CITATION,
        profile=_profile(study, reached),
        introduction=_INTRODUCTION,
        chapters=(
            shown.data(),
            shown.segmentation(),
            shown.classification(),
            shown.hypothesis(),
            shown.beyond(),
            shown.explanation(),
        ),
        facts=_facts(found, reached),
        synthetic=study.cohort is None,
    )
    path = write_page(page, study.out)
    progress("drawing the page", 1, 1)
    return path


class _Shown:
    """The chapters."""

    def __init__(self, found: Gathered, out: Path) -> None:
        self.found, self.out = found, out
        self.folder = out / FIGURES
        split = out / step_actions.SPLIT / "random.csv"
        self.cohort = Cohort.load(split) if split.exists() else None

    def table(self, title: str, number: int | None, name: str, ours: Table | None) -> Exhibit:
        """A table, written as CSV, Markdown and LaTeX too."""
        if ours is not None:
            ours.write(self.out / TABLES, name)
        return Exhibit(
            title,
            published=None if number is None else tables.printed(number),
            ours=ours,
            missing="" if ours is not None else _MISSING,
        )

    def figure(
        self,
        title: str,
        made: Path | None,
        caption: str,
        told: str = "",
        missing: str = "Not there yet.",
    ) -> Exhibit:
        missing = "" if made is not None else missing
        return Exhibit(title, figure=made, caption=caption, told=told, missing=missing)

    def data(self) -> Chapter:
        exhibits = []
        if self.found.statistics is not None and self.cohort is not None:
            exhibits = [
                self.figure(
                    "Figure 2. Slices and annotated slices a study",
                    figures.figure_2(self.found.statistics, self.folder),
                    "(a) slices and (b) slices with annotated veins of each study.",
                    "29 to 1,519 slices a study, 0 to 1,031 of them annotated.",
                ),
                self.figure(
                    "Figure 6. A vein that the annotation lacks",
                    pictures.figure_6(self.cohort, self.folder),
                    "Green: annotated veins. Red: a vein that is there and was not annotated.",
                    missing="No case has an exact_segments.nii that shows veins left out.",
                ),
                self.figure(
                    "Figure 7. Where veins were annotated",
                    pictures.figure_7(self.cohort, self.found.study.profile.size, self.folder),
                    "Share of slices in which each pixel was annotated as deep vein.",
                ),
                self.table(
                    "Balance of the random and the matched split",
                    None,
                    "balance",
                    tables.balance_table(self.found),
                ),
            ]
        return Chapter("Data and split", _DATA, tuple(exhibits))

    def segmentation(self) -> Chapter:
        found = self.found
        drawn = None
        if self.cohort is not None:
            drawn = pictures.figure_4(found, self.cohort, self.folder)
        return Chapter(
            "Segmentation of deep veins",
            _SEGMENTATION,
            (
                self.table("Table 1. Dice and IoU", 1, "table-1", tables.table_1(found)),
                self.figure(
                    "Figure 3. ROC over all test pixels",
                    figures.figure_3(found, self.folder),
                    "Every test pixel is one case; exact, nothing sampled.",
                    "VGG with pre-trained encoder 0.78, 2D U-Net 0.48; the others are not printed.",
                ),
                self.figure(
                    "Figure 4. One random test slice",
                    drawn,
                    "Annotated veins (green); probabilities from 0 (black) to 1 (white), with the "
                    "mask at 0.5 (red).",
                ),
            ),
        )

    def classification(self) -> Chapter:
        found = self.found
        return Chapter(
            "Classification of slices",
            _CLASSIFICATION,
            (
                self.table(
                    "Table 2. AUROC and average precision", 2, "table-2", tables.table_2(found)
                ),
                self.figure(
                    "Figure 5. ROC and precision–recall",
                    figures.figure_5(found, self.folder),
                    "Test slices; dashed: vein masks predicted by the best segmenter.",
                ),
                self.table(
                    "By study, and against the exact truth",
                    None,
                    "studies",
                    tables.studies_table(found),
                ),
                self.table("DeLong's test", None, "delong", tables.comparison_table(found)),
                self.figure(
                    "Calibration",
                    figures.calibration_figure(found, self.folder),
                    "Test slices in ten bins of the probability.",
                ),
            ),
        )

    def hypothesis(self) -> Chapter:
        return Chapter(
            "The hypothesis: artefacts that look like a thrombus in one slice",
            _HYPOTHESIS,
            (
                self.table(
                    "False positives at 90 % sensitivity",
                    None,
                    "artefacts",
                    tables.artefact_table(self.found),
                ),
                self.figure(
                    "How many slices artefacts and thrombi span",
                    figures.spans_figure(self.found, self.folder),
                    "Runs of neighbouring slices with a mixing artefact, and with a thrombus.",
                ),
            ),
        )

    def beyond(self) -> Chapter:
        return Chapter(
            "What the authors could not do",
            _BEYOND,
            (
                self.table("What each brought", None, "beyond", tables.beyond_table(self.found)),
                self.table(
                    "What first weights brought",
                    None,
                    "pretraining",
                    tables.pretraining_table(self.found),
                ),
            ),
        )

    def explanation(self) -> Chapter:
        made = None
        if self.cohort is not None:
            try:
                made = pictures.explanation_figure(self.found, self.cohort, self.folder)
            except CohortError as error:
                _log.info("no explanation: %s", error)
        return Chapter(
            "Visual explanation",
            "",
            (
                self.figure(
                    "Where a positive answer comes from",
                    made,
                    "The test slice of which the 2D ResNet is surest, and right. Red speaks for DVT, "
                    "blue against it.",
                ),
            ),
        )


def _profile(study: step_actions.Study, reached: Standing) -> str:
    profile = study.profile
    part = (
        "" if reached.complete else f" Not finished: {reached.finished} of {reached.steps} steps."
    )
    return f"Profile {profile.name}: {profile.summary}.{part}"


def _facts(found: Gathered, reached: Standing) -> tuple[tuple[str, str], ...]:
    profile = found.study.profile
    facts = [
        ("Images", f"{profile.size} × {profile.size}"),
        ("Channels of the networks", f"{profile.width:g} times the paper's"),
        ("Time in finished steps", f"{reached.seconds / 60:.0f} min"),
    ]
    if found.statistics is not None:
        studies = found.statistics.studies
        slices = sum(one.slices for one in studies)
        positive = sum(one.positive_slices for one in studies)
        facts[:0] = [
            ("Studies", f"{len(studies)} of {len({one.patient for one in studies})} patients"),
            ("Slices", f"{slices:,.0f}, {positive / slices:.1%} annotated with thrombus"),
        ]
    if found.completed is not None:
        facts.append(
            (
                "Completed by symmetry",
                "{} veins in single slices, {} refused".format(*found.completed),
            )
        )
    if found.search is not None:
        best = ", ".join(f"{one.key} {one.value:.2g}" for one in found.search.settings)
        facts.append(
            ("Search", f"{found.search.finished} trials and {found.search.pruned} pruned; {best}")
        )
    if found.best_segmenter is not None:
        facts.append(("Predicted masks come from", found.best_segmenter))
    return tuple(facts)


_INTRODUCTION = """\
The study asks whether deep veins can be segmented in CT of the legs, and whether a slice shows deep vein \
thrombosis, with four networks for the first and six for the second. Here it is run anew from the same \
description on other data: numbers cannot agree with the printed ones, and are not meant to.

Intervals are 95 %, by drawing patients with replacement. Where the paper names no value (learning rates, \
batches, epochs, channels), ours stand in the recipes."""

_DATA = """\
Patients are divided 60/20/20. A slice without annotation counts as negative, as in the paper. The matched \
split is the most even of 5,000 random ones in slices, share of positive slices, contrast, extent of thrombi \
and coverage."""

_SEGMENTATION = """\
Masks are cut at a probability of 0.5 and all pixels of a split are pooled. The printed IoU lie far above \
their Dice, which the foreground's IoU cannot do; they read as means over both classes. Both are given."""

_CLASSIFICATION = """\
One slice is one case. Networks that take masks are trained with annotated ones, as in the paper, and \
judged with these and with masks that the best segmenter predicts, as in use. DeLong's test treats slices as \
independent, which neighbours are not: its p are too small."""

_HYPOTHESIS = """\
False positives are said to come from mixing artefacts that resemble a thrombus in one slice but span more \
slices, so that networks that see eleven slices should have fewer of them. The threshold finds 90 % of the \
slices with thrombus; rates are those of slices without. Artefacts are known from the phantoms."""

_BEYOND = """\
Section 6 names what the authors could not do. Each is one model more, or an average of models."""
