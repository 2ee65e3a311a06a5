"""Beside the legs: which veins run where, and how probable DVT is along the body axis."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deepvein.anatomy.veins import VeinSegment
from deepvein.findings.screening import Screening
from deepvein.reports import palette
from deepvein.reports.projection import Tree

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_GAP_MM = 8.0


def draw_lanes(axes: Axes, veins: Tree | None, covered_mm: tuple[float, float]) -> None:
    """A bar for each vein from its lowest to its highest slice; bars that overlap stand side by side."""
    axes.set_axis_off()
    if veins is None:
        axes.text(
            0.5, 0.5, "no deep veins\nrecognised", transform=axes.transAxes, ha="center",
            va="center", fontsize=12, color=palette.QUIET,
        )  # fmt: skip
        return
    lanes: list[list[tuple[float, float]]] = []
    for value, (low, high) in sorted(veins.spans.items(), key=lambda item: -item[1][1]):
        free = [
            number
            for number, taken in enumerate(lanes)
            if all(high + _GAP_MM < a or low - _GAP_MM > b for a, b in taken)
        ]
        lane = free[0] if free else len(lanes)
        if not free:
            lanes.append([])
        lanes[lane].append((low, high))
        colour = palette.SEGMENTS[VeinSegment(value)]
        axes.plot([lane, lane], [low, high], color=colour, linewidth=7, solid_capstyle="butt")
        axes.text(
            lane + 0.14, (low + high) / 2, VeinSegment(value).term.abbreviation, rotation=90,
            fontsize=11, color=palette.INK, ha="left", va="center", clip_on=True,
        )  # fmt: skip
    axes.set_xlim(-0.3, max(len(lanes), 3) - 0.2)


def draw_strip(axes: Axes, screening: Screening, covered_mm: tuple[float, float]) -> None:
    """Probability of DVT (0 to 1) against z, the threshold, and the extent of each finding."""
    profile, threshold = screening.prediction.profile, screening.operating_point.threshold
    low, high = covered_mm
    for finding in screening.findings:
        axes.axhspan(
            finding.start_mm, finding.end_mm, color=palette.FINDING, alpha=0.13, linewidth=0
        )
        axes.text(
            1.03, (finding.start_mm + finding.end_mm) / 2, str(finding.number), fontsize=12,
            weight="bold", color=palette.FINDING, va="center", ha="left",
        )  # fmt: skip
    axes.fill_betweenx(
        profile.positions_mm, 0, profile.probability, color="#7d97a8", alpha=0.75, linewidth=0
    )
    axes.plot(profile.probability, profile.positions_mm, color=palette.INK, linewidth=1)
    axes.plot(
        [threshold] * 2, [low, high], color=palette.FINDING, linewidth=1, linestyle=(0, (4, 3))
    )
    axes.set_xlim(0, 1)
    axes.set_xticks([0, threshold, 1], ["0", f"{threshold:.2f}", "1"], fontsize=11)
    axes.set_xlabel("probability of DVT", fontsize=12, color=palette.INK)
    axes.tick_params(axis="y", labelsize=11, colors=palette.QUIET)
    axes.set_ylabel("position along the body, z (mm)", fontsize=12, color=palette.QUIET)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(palette.LINE)
    axes.grid(axis="y", color=palette.LINE, linewidth=0.6)
    axes.set_axisbelow(True)
