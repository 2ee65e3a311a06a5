"""Figures 2 to 7 of the paper, and those that it does not have, as PNG and SVG."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from deepvein.drawing.journal import (
    ONE_COLUMN_MM,
    QUIET,
    SERIES,
    TWO_COLUMNS_MM,
    figure,
    letter,
    save,
    style,
)
from deepvein.evaluation.curves import Tally, precision_recall, roc
from deepvein.evaluation.reliability import reliability
from deepvein.laboratory.kozemzak2019.patient_split import Measured
from deepvein.laboratory.kozemzak2019.recipes import CLASSIFIERS, LABELS, SEGMENTERS
from deepvein.laboratory.kozemzak2019.results import SliceResults
from deepvein.laboratory.kozemzak2019.spans import CHUNK
from deepvein.laboratory.kozemzak2019.study_results import Gathered
from deepvein.laboratory.kozemzak2019.tables import classifiers, spans, test_pixels


def figure_2(measured: Measured, folder: Path) -> Path:
    """Slices and annotated slices a study. A slice counts as annotated where a deep vein is drawn."""
    slices = [one.slices for one in measured.studies]
    annotated = [one.vein_slices for one in measured.studies]
    bins = 24 if len(slices) > 60 else 12
    with style():
        made = figure(TWO_COLUMNS_MM, 62)
        for axes, values, name, panel in zip(
            made.subplots(1, 2),
            (slices, annotated),
            ("slices a study", "annotated slices a study"),
            "ab",
            strict=True,
        ):
            axes.hist(values, bins=bins, color=SERIES[0], edgecolor="white", linewidth=0.4)
            axes.set_xlabel(name)
            axes.set_ylabel("studies")
            axes.yaxis.get_major_locator().set_params(integer=True)
            axes.set_title(f"{min(values):.0f} to {max(values):.0f}", loc="right", color=QUIET)
            letter(axes, f"({panel})")
        return save(made, folder, "figure-2")


def figure_3(found: Gathered, folder: Path) -> Path | None:
    """ROC over all test pixels, every score that any of them has."""
    tallies = [(LABELS[name], test_pixels(found, name)) for name in SEGMENTERS]
    curves = [(label, tally.roc, tally.pixels) for label, tally in tallies if tally is not None]
    if not curves:
        return None
    with style():
        made = figure(ONE_COLUMN_MM, 80)
        axes = made.subplots()
        axes.plot((0, 1), (0, 1), color=QUIET, linewidth=0.6, linestyle=":")
        for (label, curve, _), colour in zip(curves, SERIES, strict=False):
            text = f"{label}, {curve.area:.2f}"
            axes.plot(curve.false_positive_rate, curve.sensitivity, color=colour, label=text)
        axes.set_xlabel("1 − specificity")
        axes.set_ylabel("sensitivity")
        axes.set_aspect("equal")
        axes.legend(loc="lower right", title=f"AUROC over {curves[0][2]:,} pixels")
        return save(made, folder, "figure-3")


def figure_5(found: Gathered, folder: Path) -> Path | None:
    """ROC and precision–recall of the classifiers over the test slices."""
    shown = [(label, results.of("test")) for label, results in classifiers(found)]
    shown = [(label, one) for label, one in shown if _has_both(one)]
    if not shown:
        return None
    with style():
        made = figure(TWO_COLUMNS_MM, 105)
        left, right = made.subplots(1, 2)
        left.plot((0, 1), (0, 1), color=QUIET, linewidth=0.6, linestyle=":")
        share = shown[0][1].truth.mean()
        right.axhline(share, color=QUIET, linewidth=0.6, linestyle=":")
        for label, results in shown:
            tally = Tally.of(results.probability, results.truth)
            colour, dash = _look(label)
            curve, precise = roc(tally), precision_recall(tally)
            text = f"{label}, {curve.area:.2f}, {precise.average_precision:.2f}"
            left.plot(curve.false_positive_rate, curve.sensitivity, dash, color=colour, label=text)
            right.step(precise.recall, precise.precision, dash, where="post", color=colour)
        for axes, across, up, panel in (
            (left, "1 − specificity", "sensitivity", "a"),
            (right, "recall", "precision", "b"),
        ):
            axes.set_xlabel(across)
            axes.set_ylabel(up)
            axes.set_xlim(0, 1)
            axes.set_ylim(0, 1.02)
            letter(axes, f"({panel})")
        made.legend(
            loc="outside lower center", ncols=3, fontsize=5.2, title="AUROC, average precision"
        )
        return save(made, folder, "figure-5")


def calibration_figure(found: Gathered, folder: Path) -> Path | None:
    """Whether the probabilities of test slices mean what they say."""
    shown = [(label, results.of("test")) for label, results in classifiers(found)]
    shown = [(label, one) for label, one in shown if one.rows]
    if not shown:
        return None
    with style():
        made = figure(TWO_COLUMNS_MM, 84)
        axes = made.subplots()
        axes.plot((0, 1), (0, 1), color=QUIET, linewidth=0.6, linestyle=":")
        for label, results in shown:
            bins = reliability(results.probability, results.truth)
            colour, dash = _look(label)
            axes.plot(
                bins.mean_probability,
                bins.frequency,
                f"o{dash}",
                markersize=2.5,
                color=colour,
                label=f"{label}, {bins.expected_error:.2f}",
            )
        axes.set_xlabel("probability said")
        axes.set_ylabel("share of positive slices")
        axes.set_aspect("equal")
        made.legend(loc="outside right center", fontsize=5.8, title="expected calibration error")
        return save(made, folder, "calibration")


def spans_figure(found: Gathered, folder: Path) -> Path | None:
    """How many slices artefacts and thrombi of the cohort span: runs of neighbouring slices."""
    runs = spans(found)
    if runs is None:
        return None
    with style():
        made = figure(ONE_COLUMN_MM, 60)
        axes = made.subplots()
        top = max(max(values, default=1) for values in runs.values()) + 1
        edges = np.linspace(0, top, 25).tolist()
        for (name, values), colour in zip(runs.items(), SERIES, strict=False):
            median = f", median {np.median(values):.0f}" if values else ""
            axes.hist(values, edges, histtype="step", color=colour, label=f"{name}{median}")
        axes.axvline(CHUNK, color=QUIET, linewidth=0.6, linestyle=":")
        axes.set_xlabel("neighbouring slices")
        axes.set_ylabel("number in validation and test")
        axes.legend()
        return save(made, folder, "spans")


def _look(label: str) -> tuple[str, str]:
    """Colour and line of a classifier; with predicted masks it has the colour of that with drawn ones."""
    name = label.partition(" [")[0].removesuffix(" (predicted)")
    number = [LABELS[one] for one in CLASSIFIERS].index(name)
    return SERIES[number % len(SERIES)], "--" if label.endswith("(predicted)") else "-"


def _has_both(results: SliceResults) -> bool:
    return bool(results.rows) and bool(results.truth.any()) and not bool(results.truth.all())
