"""Beside the legs: which veins run where, and how probable DVT is along the body axis."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deepvein.drawing import palette
from deepvein.findings.finding import Finding
from deepvein.findings.screening import Screening
from deepvein.veins.tree import VeinTree

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Span = tuple[float, float]

_GAP_MM = 6.0
_LETTER_PX = 13.0
_BAR_PT = 8.0
_BESIDE_PT = _BAR_PT / 2 + 2
"""From the middle of a bar to its name."""


def lanes_of(spans: list[Span]) -> list[int]:
    """A lane for each span (low, high), the first that is free there, counted from 0."""
    taken: list[list[Span]] = []
    chosen = []
    for low, high in spans:
        lane = next(
            (
                number
                for number, others in enumerate(taken)
                if all(high + _GAP_MM < a or low - _GAP_MM > b for a, b in others)
            ),
            len(taken),
        )
        if lane == len(taken):
            taken.append([])
        taken[lane].append((low, high))
        chosen.append(lane)
    return chosen


def draw_lanes(axes: Axes, tree: VeinTree | None, pixels_per_mm: float) -> None:
    """A bar for each vein from its lowest to its highest slice; bars that overlap stand side by side."""
    axes.set_axis_off()
    if tree is None or not tree.courses:
        axes.text(0.5, 0.5, "no deep veins\nrecognised", transform=axes.transAxes, ha="center",
                  va="center", fontsize=13, color=palette.QUIET)  # fmt: skip
        return
    ordered = sorted(tree.spans_mm.items(), key=lambda item: -item[1][1])
    lanes = lanes_of([span for _, span in ordered])
    for (segment, (low, high)), lane in zip(ordered, lanes, strict=True):
        axes.plot([lane, lane], [low, high], color=palette.SEGMENTS[segment], linewidth=_BAR_PT,
                  solid_capstyle="butt")  # fmt: skip
        text = segment.term.abbreviation
        # Upright where the bar is too short for the name to run along it.
        fits = (high - low) * pixels_per_mm > _LETTER_PX * len(text)
        # A distance in points keeps the name off the bar however many lanes there are.
        axes.annotate(text, (lane, (low + high) / 2), xytext=(_BESIDE_PT, 0),
                      textcoords="offset points", rotation=90 if fits else 0, fontsize=12,
                      color=palette.INK, ha="left", va="center")  # fmt: skip
    axes.set_xlim(-0.3, max([*lanes, 3]) + 0.8)


def draw_strip(axes: Axes, screening: Screening, covered_mm: Span) -> None:
    """Probability of DVT (0 to 1) against z, the threshold, and the extent of each finding."""
    prediction, threshold = screening.prediction, screening.operating_point.threshold
    _draw_extents(axes, screening.findings)
    if prediction is not None:
        heights, probability = prediction.profile.positions_mm, prediction.profile.probability
        axes.fill_betweenx(heights, 0, probability, color="#7d97a8", alpha=0.75, linewidth=0)
        axes.plot(probability, heights, color=palette.INK, linewidth=1)
    axes.plot([threshold] * 2, covered_mm, color=palette.FINDING, linewidth=1.3,
              linestyle=(0, (4, 3)))  # fmt: skip
    axes.set_xlim(0, 1)
    axes.set_xticks([0, threshold, 1], ["0", f"{threshold:.2f}", "1"], fontsize=12)
    axes.set_xlabel("probability of DVT", fontsize=13, color=palette.INK)
    axes.tick_params(axis="y", labelsize=12, colors=palette.QUIET)
    axes.set_ylabel("position along the body, z (mm)", fontsize=13, color=palette.QUIET)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(palette.LINE)
    axes.grid(axis="y", color=palette.LINE, linewidth=0.6)
    axes.set_axisbelow(True)


def _draw_extents(axes: Axes, findings: tuple[Finding, ...]) -> None:
    """The findings' extents, shaded across and as numbered bars at the edge, side by side."""
    spans = [(finding.start_mm, finding.end_mm) for finding in findings]
    for finding, (low, high), lane in zip(findings, spans, lanes_of(spans), strict=True):
        axes.axhspan(low, high, color=palette.FINDING, alpha=0.08, linewidth=0)
        place = 1.04 + 0.13 * lane
        axes.plot([place] * 2, [low, high], color=palette.FINDING, linewidth=4, clip_on=False,
                  solid_capstyle="butt")  # fmt: skip
        axes.text(place + 0.03, (low + high) / 2, str(finding.number), fontsize=12, weight="bold",
                  color=palette.FINDING, va="center", ha="left")  # fmt: skip
