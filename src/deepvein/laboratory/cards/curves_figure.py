"""FROC, ROC and reliability of a trial in one picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from deepvein.drawing import palette
from deepvein.drawing.figures import canvas, png
from deepvein.evaluation.curves import Tally, roc
from deepvein.evaluation.lesions import RATES, froc
from deepvein.evaluation.reliability import reliability
from deepvein.evaluation.statistics import wilson
from deepvein.findings.screening import OperatingPoint
from deepvein.laboratory.trials.measurement import rate_name
from deepvein.laboratory.trials.outcome import Outcome, study_probabilities
from deepvein.screening.bundle import Measurement

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PANEL_PX = 360
_CURVE = "#2f6db5"
_BINS = 10


def draw_curves(outcomes: Sequence[Outcome], measured: Measurement, point: OperatingPoint) -> bytes:
    """A PNG of three panels; one that the outcomes cannot give says so."""
    figure = canvas(3 * PANEL_PX, PANEL_PX)
    for number, draw in enumerate((_froc, _roc, _reliability)):
        axes = figure.add_axes((number / 3 + 0.055, 0.15, 0.26, 0.73))
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(labelsize=8)
        axes.set_ylim(0, 1.02)
        draw(axes, outcomes, measured, point)
    return png(figure, indexed=True)


def _froc(
    axes: Axes, outcomes: Sequence[Outcome], measured: Measurement, _: OperatingPoint
) -> None:
    _name(axes, "Thrombi found (FROC)", "false positives a study", "lesion sensitivity")
    if not any(outcome.matching.lesions for outcome in outcomes):
        _say(axes, "no thrombus")
        return
    curve = froc([outcome.matching for outcome in outcomes])
    rates = np.clip(curve.false_positives_per_study, RATES[0] / 2, None)
    axes.step(
        [*rates, max(2 * RATES[-1], rates[-1])],
        [*curve.sensitivity, curve.sensitivity[-1]],
        where="post",
        color=_CURVE,
    )
    known = {metric.name: metric for metric in measured.metrics}
    for rate in RATES:
        metric = known.get(rate_name(rate))
        if metric is not None and metric.low is not None and metric.high is not None:
            axes.plot([rate, rate], [metric.low, metric.high], color=palette.QUIET, linewidth=1)
            axes.plot(rate, metric.value, "o", color=_CURVE, markersize=3)
    axes.set_xscale("log", base=2)
    axes.set_xlim(RATES[0] / 1.5, RATES[-1] * 1.5)
    axes.set_xticks(RATES, ["1/8", "1/4", "1/2", "1", "2", "4", "8"])
    axes.minorticks_off()


def _roc(
    axes: Axes, outcomes: Sequence[Outcome], measured: Measurement, point: OperatingPoint
) -> None:
    _name(axes, "Studies told apart (ROC)", "1 - specificity", "sensitivity")
    probability, truth = study_probabilities(outcomes)
    if not 0 < truth.sum() < len(truth):
        _say(axes, "not both kinds of study")
        return
    curve = roc(Tally.of(probability, truth))
    axes.plot([0, 1], [0, 1], color=palette.LINE, linewidth=1)
    axes.plot(curve.false_positive_rate, curve.sensitivity, color=_CURVE)
    called = probability >= point.threshold
    axes.plot(
        called[~truth].mean(), called[truth].mean(), "o", color=palette.FINDING, markersize=5,
        label="operating point",
    )  # fmt: skip
    area = next((m for m in measured.metrics if m.name == "study AUROC"), None)
    if area is not None:
        axes.plot([], [], " ", label=f"AUROC {area.value:.3f}")
    axes.legend(loc="lower right", fontsize=8, frameon=False)


def _reliability(
    axes: Axes, outcomes: Sequence[Outcome], measured: Measurement, _: OperatingPoint
) -> None:
    _name(axes, "Probabilities kept (reliability)", "probability of DVT", "share with DVT")
    probability, truth = study_probabilities(outcomes)
    if not len(truth):
        _say(axes, "no study could be assessed")
        return
    made = reliability(probability, truth, _BINS)
    axes.plot([0, 1], [0, 1], color=palette.LINE, linewidth=1)
    for mean, share, count in zip(made.mean_probability, made.frequency, made.counts, strict=True):
        ends = wilson(round(share * count), int(count))
        axes.plot([mean, mean], [ends.low, ends.high], color=palette.QUIET, linewidth=1)
        axes.annotate(
            str(count), (mean, share), xytext=(5, -8), textcoords="offset points",
            fontsize=7, color=palette.QUIET,
        )  # fmt: skip
    axes.plot(made.mean_probability, made.frequency, "o-", color=_CURVE, markersize=4)
    axes.set_xlim(0, 1)
    error = next((m for m in measured.metrics if m.name == "study calibration error"), None)
    if error is not None:
        axes.plot([], [], " ", label=f"calibration error {error.value:.3f}")
        axes.legend(loc="upper left", fontsize=8, frameon=False)


def _name(axes: Axes, title: str, x: str, y: str) -> None:
    axes.set_title(title, fontsize=10, color=palette.INK)
    axes.set_xlabel(x, fontsize=9)
    axes.set_ylabel(y, fontsize=9)


def _say(axes: Axes, text: str) -> None:
    axes.text(0.5, 0.5, text, ha="center", va="center", fontsize=9, color=palette.QUIET)
