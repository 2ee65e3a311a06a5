"""The paper's tables from what was measured, the printed ones, and those that it does not have."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan

import numpy as np

from deepvein.evaluation.pixels import PixelTally
from deepvein.evaluation.tables import Table, cell
from deepvein.laboratory.kozemzak2019 import published
from deepvein.laboratory.kozemzak2019.measures import (
    ARTEFACT,
    classification_scores,
    compared,
    rate_estimates,
    rates,
    segmentation_scores,
)
from deepvein.laboratory.kozemzak2019.recipes import CLASSIFIERS, LABELS, SEGMENTERS
from deepvein.laboratory.kozemzak2019.results import SPLITS, SliceResults, averaged
from deepvein.laboratory.kozemzak2019.spans import Runs, runs
from deepvein.laboratory.kozemzak2019.study_results import Gathered

Row = tuple[str, ...]


def printed(number: int) -> Table:
    """Table 1 or 2 as published."""
    rows = published.TABLE_1 if number == 1 else published.TABLE_2
    columns: Row = ("Model", "Metric", "Validation", "Test")
    if number == 1:
        columns = ("Model", "Metric", "Training", "Validation", "Test")
    return Table(
        f"Table {number}",
        columns,
        tuple(
            (
                LABELS[row.model],
                row.metric,
                *(() if row.training is None else (f"{row.training:.2f}",)),
                f"{row.validation:.2f}",
                f"{row.test:.2f}",
            )
            for row in rows
        ),
    )


def table_1(found: Gathered) -> Table | None:
    """Dice and both readings of IoU over all pixels of each split; None if nothing has been trained."""
    draws = found.study.profile.draws
    rows: list[Row] = []
    for name in SEGMENTERS:
        results = found.segmentation(name)
        if results is None:
            continue
        scores = [segmentation_scores(results.of(split), draws) for split in SPLITS]
        label = _labelled(found, name)
        rows += [
            (label, "Dice", *(f"{s.dice:.2f}" for s in scores)),
            (label, "IoU, mean of both classes", *(f"{s.two_class_iou:.2f}" for s in scores)),
            (label, "IoU, foreground", *(f"{s.foreground_iou:.2f}" for s in scores)),
            (label, "AUROC, pixels", *(f"{s.auroc:.2f}" for s in scores)),
        ]
    return _table("Table 1", ("Model", "Metric", "Training", "Validation", "Test"), rows)


def pixel_table(found: Gathered) -> Table | None:
    """Figure 3 in numbers: AUROC of each segmenter over the test pixels and its largest error."""
    rows: list[Row] = []
    for name in SEGMENTERS:
        tally = test_pixels(found, name)
        if tally is not None:
            cells = (f"{tally.auroc:.4f}", f"{tally.auroc_error:.1e}", f"{tally.pixels:,}")
            rows.append((LABELS[name], *cells))
    return _table("Figure 3", ("Model", "AUROC", "Largest error", "Pixels"), rows)


def test_pixels(found: Gathered, name: str) -> PixelTally | None:
    """All test pixels of a segmenter; None without, or with background or veins alone."""
    results = found.segmentation(name)
    if results is None or not results.of("test").studies:
        return None
    tally = PixelTally(results.of("test").counts().sum(0))
    return None if isnan(tally.auroc) else tally


def table_2(found: Gathered) -> Table | None:
    """AUROC and average precision by slice; those that take masks also with predicted ones."""
    draws = found.study.profile.draws
    rows: list[Row] = []
    for label, results in classifiers(found):
        scores = [classification_scores(results.of(s), draws) for s in ("validation", "test")]
        rows += [
            (label, "AUROC", *(f"{s.auroc:.2f}" for s in scores)),
            (label, "Avg. Precision", *(f"{s.average_precision:.2f}" for s in scores)),
        ]
    return _table("Table 2", ("Model", "Metric", "Validation", "Test"), rows)


def studies_table(found: Gathered) -> Table | None:
    """AUROC by study in the test set: the highest slice, and the noisy-or."""
    draws = found.study.profile.draws
    rows: list[Row] = []
    for label, results in classifiers(found):
        scores = classification_scores(results.of("test"), draws)
        exact = classification_scores(results.of("test"), draws, exact=True)
        rows.append(
            (
                label,
                f"{scores.study_maximum:.2f}",
                f"{scores.study_noisy_or:.2f}",
                f"{exact.auroc:.2f}",
                f"{exact.average_precision:.2f}",
            )
        )
    columns = (
        "Model",
        "Study AUROC, highest slice",
        "Study AUROC, noisy-or",
        "Slice AUROC, exact truth",
        "Avg. Precision, exact truth",
    )
    return _table("Per study, and against the exact truth", columns, rows)


def comparison_table(found: Gathered) -> Table | None:
    """Each classifier against the 2D ResNet on the test slices; the paper makes no test."""
    first = found.slices("resnet18")
    if first is None:
        return None
    rows: list[Row] = []
    for label, results in classifiers(found)[1:]:
        one = compared(first.of("test"), results.of("test"), found.study.profile.draws)
        rows.append((label, f"{one.difference:.2f}", _p(one.by_patient), _p(one.by_slice)))
    columns = (
        "Model",
        "AUROC minus the 2D ResNet's",
        "p, patient as the unit (Obuchowski)",
        "p, slices taken as independent (DeLong)",
    )
    return _table("Against the 2D ResNet", columns, rows)


def _p(value: float) -> str:
    return "–" if isnan(value) else "<0.001" if value < 0.001 else f"{value:.3f}"


def artefact_table(found: Gathered) -> Table | None:
    """The paper's hypothesis: false positives on artefact slices at 90 % sensitivity, 2D against 3D."""
    draws = found.study.profile.draws
    rows: list[Row] = []
    for label, results in classifiers(found):
        test = results.of("test")
        rate = rates(test)
        if rate is None:
            continue
        with_artefact, clear = rate_estimates(test, draws)
        rows.append(
            (
                label,
                "2D" if label.startswith("2D") else "3D",
                f"{rate.sensitivity:.2f}",
                f"{with_artefact:.2f}",
                f"{clear:.2f}",
                f"{rate.artefact_slices} / {rate.clear_slices}",
            )
        )
    columns = (
        "Model",
        "Input",
        "Sensitivity",
        "False positives, artefact slices",
        "False positives, other slices",
        "Slices",
    )
    return _table("False positives at 90 % sensitivity", columns, rows)


def pretraining_table(found: Gathered) -> Table | None:
    """What first weights bring to the VGG and the ResNet."""
    draws = found.study.profile.draws
    rows: list[Row] = []
    for name in ("vgg", "vgg-phantoms", "vgg-pretrained"):
        results = found.segmentation(name)
        if results is not None:
            validation, test = (
                segmentation_scores(results.of(split), draws).dice
                for split in ("validation", "test")
            )
            rows.append(("2D VGG, Dice", found.origin(name), f"{validation:.2f}", f"{test:.2f}"))
    for name in ("resnet18-random", "resnet18-phantoms", "resnet18"):
        slices = found.slices(name)
        if slices is not None:
            validation, test = (
                classification_scores(slices.of(split), draws).auroc
                for split in ("validation", "test")
            )
            rows.append(
                ("2D ResNet, AUROC", found.origin(name), f"{validation:.2f}", f"{test:.2f}")
            )
    if rows and not any(row[1] == "ImageNet" for row in rows):
        missing = "not run: the published files were not at hand"
        rows += [
            ("2D VGG, Dice", "ImageNet", missing, missing),
            ("2D ResNet, AUROC", "ImageNet", missing, missing),
        ]
    return _table("First weights", ("Network", "First weights", "Validation", "Test"), rows)


def beyond_table(found: Gathered) -> Table | None:
    """What the authors could not do: one line each, with what it brought on the test set."""
    draws = found.study.profile.draws
    rows: list[Row] = []

    def segmenter(what: str, base: str, new: str, exact: bool = False) -> None:
        old, own = found.segmentation(base), found.segmentation(new)
        if old is None or own is None or (exact and not (own.knows_exact and old.knows_exact)):
            return
        truth = "exact" if exact else "drawn"
        before, after = (
            segmentation_scores(one.of("test"), draws, truth).dice for one in (old, own)
        )
        rows.append((what, f"Dice, {truth} veins", f"{before:.2f}", f"{after:.2f}"))

    def classifier(what: str, new: SliceResults | None, base: str = "resnet18") -> None:
        old = found.slices(base)
        if old is None or new is None or not new.rows:
            return
        before, after = (classification_scores(one.of("test"), draws).auroc for one in (old, new))
        rows.append((what, "AUROC", f"{before:.2f}", f"{after:.2f}"))

    for exact in (False, True):
        segmenter("Masks completed by symmetry (2D VGG)", "vgg", "vgg-symmetric", exact)
    segmenter("Centre slice alone (3D U-Net)", "unet-3d", "unet-3d-centre")
    segmenter("Weighted cross-entropy in place of Dice (2D VGG)", "vgg", "vgg-cross-entropy")
    classifier("Matched split (2D ResNet; another test set)", found.slices("resnet18-matched"))
    classifier("Searched settings (2D ResNet)", found.slices("resnet18-tuned"))
    if len(found.folds) > 1:
        classifier(f"Ensemble over {len(found.folds)} folds (2D ResNet)", averaged(found.folds))
    every = [results for name in CLASSIFIERS if (results := found.slices(name)) is not None]
    if len(every) > 1:
        classifier(f"Ensemble over {len(every)} models", averaged(every))
    return _table("Beyond the paper", ("What", "Test metric", "Before", "After"), rows)


def balance_table(found: Gathered) -> Table | None:
    """Both splits: means of each statistic, and the largest standardised difference."""
    if found.balance is None:
        return None
    rows: list[Row] = []
    reports = (
        ("random" if not found.balance.given else "as given", found.balance.random),
        ("matched", found.balance.matched),
    )
    for name, report in reports:
        order = [report.splits.index(split) for split in SPLITS if split in report.splits]
        rows.append((name, "studies", *(cell(report.cases[k]) for k in order), "–"))
        for each in report.covariates:
            digits = 3 if each.name == "prevalence" else 1
            means = (f"{each.means[k]:.{digits}f}" for k in order)
            rows.append((name, each.name, *means, f"{each.difference:.2f}"))
    columns = ("Split", "Mean of", "Training", "Validation", "Test", "Largest difference (SD)")
    return _table("Balance of the splits", columns, rows)


def spans(found: Gathered) -> Runs | None:
    """Lengths of the runs of slices with an artefact, and with a thrombus, in validation and test."""
    shown = classifiers(found)
    if not shown or not shown[0][1].knows_artefacts:
        return None
    results = shown[0][1]
    case = np.array(results.cases)
    lengths: dict[str, list[int]] = {"artefact": [], "thrombus": []}
    for name in dict.fromkeys(results.cases):
        rows = case == name
        lengths["artefact"] += runs(results.artefact[rows] >= ARTEFACT)
        lengths["thrombus"] += runs(results.exact[rows])
    return lengths if any(lengths.values()) else None


def classifiers(found: Gathered) -> list[tuple[str, SliceResults]]:
    """(label, results) of Table 2's rows, predicted masks below drawn ones."""
    out = []
    for name in CLASSIFIERS:
        results = found.slices(name)
        if results is not None:
            out.append((_labelled(found, name), results))
        predicted = found.predicted(name)
        if predicted is not None:
            out.append((f"{LABELS[name]} (predicted)", predicted))
    return out


def _labelled(found: Gathered, name: str) -> str:
    """The paper's name, and where the first weights came from if that is not what the paper has."""
    origin = found.origin(name)
    usual = {"vgg-pretrained": "ImageNet"}.get(name, "random" if name in SEGMENTERS else "")
    if name in CLASSIFIERS:
        usual = "Kinetics" if name.startswith("i3d") else "ImageNet"
    return LABELS[name] if origin in ("", usual) else f"{LABELS[name]} [{origin}]"


def _table(title: str, columns: Row, rows: Sequence[Row]) -> Table | None:
    return Table(title, columns, tuple(rows)) if rows else None
