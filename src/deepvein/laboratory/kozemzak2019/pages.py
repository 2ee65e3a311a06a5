"""The study's page: each published table and figure beside ours, and what the paper wished for."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from deepvein.cohorts.cohort import Cohort
from deepvein.core.errors import CohortError
from deepvein.core.progress import Progress
from deepvein.evaluation.tables import Table
from deepvein.laboratory import claims
from deepvein.laboratory.kozemzak2019 import (
    figures,
    page_texts,
    pictures,
    published,
    step_actions,
    tables,
)
from deepvein.laboratory.kozemzak2019.claims import claims as claimed
from deepvein.laboratory.kozemzak2019.models import Model
from deepvein.laboratory.kozemzak2019.repeated import curve_table, splits_table
from deepvein.laboratory.kozemzak2019.spans import spans_table
from deepvein.laboratory.kozemzak2019.study import GENERATIONS
from deepvein.laboratory.kozemzak2019.study_results import Gathered
from deepvein.laboratory.report_page import Chapter, Exhibit, Numbers, Page, cohort_name, write_page
from deepvein.laboratory.steps import Standing

FIGURES = "figures"
_MISSING = "Not there yet: the models of this table have not been trained."

_NO_VEINS = (
    "Not there: the models of this table have not been trained, or need vein segments, which this \
cohort does not have."
)

_NO_ARTEFACTS = "Not there: nobody knows where the artefacts of these studies lie."

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
        introduction=page_texts.INTRODUCTION,
        chapters=(
            shown.data(),
            shown.segmentation(),
            shown.classification(),
            shown.hypothesis(),
            shown.beyond(),
            *shown.repeated(),
            shown.explanation(),
            claims.chapter(claimed(found)),
        ),
        facts=_facts(found, reached),
        synthetic=study.cohort is None,
        numbers=(("intervals", "95 %"),),
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
        """A table and the files' name."""
        study = self.found.study
        missing = _MISSING if study.has_veins else _NO_VEINS
        if study.cohort is not None and name in ("artefacts", "spans"):
            missing = _NO_ARTEFACTS
        return Exhibit(
            title,
            published=None if number is None else tables.printed(number),
            ours=ours,
            missing="" if ours is not None else missing,
            name=name,
        )

    def figure(
        self,
        title: str,
        made: Path | None,
        caption: str,
        told: str = "",
        missing: str = "Not there yet.",
        numbers: Numbers = (),
    ) -> Exhibit:
        missing = "" if made is not None else missing
        return Exhibit(
            title, figure=made, caption=caption, told=told, missing=missing, numbers=numbers
        )

    def data(self) -> Chapter:
        exhibits = []
        if self.found.statistics is not None and self.cohort is not None:
            exhibits = [
                self.figure(
                    "Figure 2. Slices and annotated slices a study",
                    figures.figure_2(self.found.statistics, self.folder),
                    "(a) slices and (b) slices with annotated veins of each study.",
                    "29 to 1,519 slices a study, 0 to 1,031 of them annotated.",
                    numbers=(
                        ("published least slices", "29"),
                        ("published most slices", "1,519"),
                        ("published least annotated", "0"),
                        ("published most annotated", "1,031"),
                    ),
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
        numbers = (
            ("per cent of the patients in training", "60"), ("in validation", "20"), ("in test", "20"),
            ("random splits compared", "5,000"),
        )  # fmt: skip
        return Chapter("Data and split", page_texts.DATA, tuple(exhibits), numbers)

    def segmentation(self) -> Chapter:
        found = self.found
        drawn = None
        if self.cohort is not None:
            drawn = pictures.figure_4(found, self.cohort, self.folder)
        return Chapter(
            "Segmentation of deep veins",
            page_texts.SEGMENTATION,
            (
                self.table("Table 1. Dice and IoU", 1, "table-1", tables.table_1(found)),
                Exhibit(
                    "Figure 3. ROC over all test pixels",
                    ours=tables.pixel_table(found),
                    figure=(made := figures.figure_3(found, self.folder)),
                    caption="Every test pixel is one case. Logits are kept in half precision, and ties count "
                    "half: the AUROC of the unrounded ones lies within the largest error.",
                    told="VGG with pre-trained encoder 0.78, 2D U-Net 0.48; the others are not printed.",
                    missing="" if made is not None else "Not there yet.",
                    numbers=(
                        ("published, VGG pre-trained", "0.78"),
                        ("published, 2D U-Net", "0.48"),
                    ),
                    name="figure-3",
                ),
                self.figure(
                    "Figure 4. One random test slice",
                    drawn,
                    "Annotated veins (green); probabilities from 0 (black) to 1 (white), with the "
                    "mask at 0.5 (red).",
                    numbers=(("black", "0"), ("white", "1"), ("threshold", "0.5")),
                ),
            ),
            (("threshold", "0.5"),),
        )

    def classification(self) -> Chapter:
        found = self.found
        return Chapter(
            "Classification of slices",
            page_texts.CLASSIFICATION,
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
                self.table(
                    "Against the 2D ResNet", None, "against-resnet", tables.comparison_table(found)
                ),
                self.figure(
                    "Calibration",
                    figures.calibration_figure(found, self.folder),
                    "Test slices in ten bins of the probability.",
                ),
            ),
        )

    def hypothesis(self) -> Chapter:
        spans = tables.spans(self.found)
        return Chapter(
            "The hypothesis: artefacts that look like a thrombus in one slice",
            page_texts.HYPOTHESIS,
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
                    "Runs of neighbouring slices with a mixing artefact, and with a thrombus; dotted: the "
                    "slices that a classifier of many sees.",
                ),
                self.table("Spans", None, "spans", None if spans is None else spans_table(spans)),
            ),
            (("sensitivity", "90 %"),),
        )

    def beyond(self) -> Chapter:
        return Chapter(
            "What the authors could not do",
            page_texts.BEYOND,
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

    def repeated(self) -> list[Chapter]:
        """Several splits and learning curves, where the profile has them."""
        wanted = (
            ("splits", "Over several splits", splits_table(self.found), self.found.study.profile.splits > 1),
            ("curve", "Learning curve of the CNN-RNN", curve_table(self.found),
             bool(self.found.study.profile.curve)),
        )  # fmt: skip
        return [
            Chapter(title, page_texts.REPEATED[name], (self.table(title, None, name, made),))
            for name, title, made, asked in wanted
            if asked
        ]

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
    part = "" if reached.complete else " Not finished; the same command goes on."
    if study.cohort is not None:
        own = cohort_name(study.cohort, GENERATIONS)
        return (
            f"The cohort {own}, with the image size, the width of the networks and the trainings of the "
            f"profile {profile.name}.{part}"
        )
    return f"Profile {profile.name}: {profile.summary}.{part}"


def _facts(found: Gathered, reached: Standing) -> tuple[tuple[str, str], ...]:
    profile = found.study.profile
    facts = [
        ("Cohort", cohort_name(found.study.cohort, GENERATIONS)),
        ("Images", f"{profile.size} × {profile.size}"),
        ("Channels of the networks", f"{profile.width:g} times the paper's"),
        (
            "Finished",
            f"{reached.finished} of {reached.steps} steps in {reached.seconds / 60:.0f} min",
        ),
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
