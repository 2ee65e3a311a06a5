"""One picture of the study: legs from the front, vein tree, findings, and the probability beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.veins import VeinSegment
from deepvein.drawing import palette
from deepvein.drawing.coronal_projection import Front
from deepvein.drawing.figures import canvas, png
from deepvein.findings.finding import Finding
from deepvein.findings.screening import Screening
from deepvein.reports.probability_profile import draw_lanes, draw_strip
from deepvein.reports.projection import Body, VeinShadow, body, vein_shadow
from deepvein.reports.texts import short_veins, side_letter

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH_PX = 1600
HEIGHTS_PX = (560, 1800)
FOOT_PX = 80
LEGS, LANES, STRIP = (0.0, 0.60), (0.61, 0.14), (0.815, 0.13)
"""Left edge and width of the three parts, as shares of the picture."""
MARGIN_PX = 165
"""Room beside the legs for the labels of the findings."""
LINE_PX = 50
"""Height of a label of two lines, with the space below."""


def overview(screening: Screening) -> bytes:
    """A PNG: coronal projection with the vein tree, territories and the slice-probability strip on one
    body axis."""
    seen = body(screening.study)
    left, right, low, high = seen.extent_mm
    # Millimetres are the same along and across, so the height follows from the width.
    room = WIDTH_PX * LEGS[1]
    scale = (room - 2 * MARGIN_PX) / (right - left)
    pixels = float(np.clip(scale * (high - low), *HEIGHTS_PX))
    scale = min(scale, pixels / (high - low))
    figure = canvas(WIDTH_PX, pixels + FOOT_PX + 10)
    bottom, tall = FOOT_PX / (pixels + FOOT_PX + 10), pixels / (pixels + FOOT_PX + 10)
    legs, lanes, strip = (
        figure.add_axes((start, bottom, width, tall)) for start, width in (LEGS, LANES, STRIP)
    )
    middle = (left + right) / 2
    legs.set_xlim(middle - room / scale / 2, middle + room / scale / 2)
    for axes in (legs, lanes, strip):
        axes.set_ylim(low, low + pixels / scale)
    _draw_body(legs, seen)
    veins = _shadow(screening)
    if veins is not None:
        _draw_veins(legs, veins)
    front = Front.covering(screening.study.volume.grid)
    for finding in screening.findings:
        _draw_finding(legs, screening.study.volume.grid.to_world(finding.indices), front)
    _draw_labels(legs, screening, seen, LINE_PX / scale)
    _draw_frame(legs, seen, scale)
    draw_lanes(lanes, screening.tree, pixels / (high - low))
    draw_strip(strip, screening, (low, high))
    return png(figure)


def _shadow(screening: Screening) -> VeinShadow | None:
    if screening.prediction is None or screening.tree is None:
        return None
    return vein_shadow(screening.prediction, screening.tree.naming)


def _draw_body(axes: Axes, seen: Body) -> None:
    axes.imshow(
        seen.grey,
        cmap="Greys",
        vmin=0,
        vmax=1.25,
        extent=seen.extent_mm,
        interpolation="bilinear",
        aspect="auto",
        zorder=0,
    )


def _draw_veins(axes: Axes, veins: VeinShadow) -> None:
    from matplotlib.colors import to_rgb

    table = np.full((256, 3), to_rgb(palette.QUIET))
    for segment in VeinSegment:
        table[segment] = to_rgb(palette.SEGMENTS[segment])
    _overlay(axes, table[veins.segments], veins.shown, veins.front, zorder=1)


def _draw_finding(axes: Axes, world: NDArray[np.float64], front: Front) -> None:
    """The thrombus's shadow in red, widened so that a small one is not lost among the veins."""
    from matplotlib.colors import to_rgb

    shown = np.zeros(front.shape, dtype=bool)
    rows, columns, _ = front.pixels(world, rim=1)
    shown[rows, columns] = True
    _overlay(axes, np.full((*front.shape, 3), to_rgb(palette.FINDING)), shown, front, zorder=2)


def _overlay(
    axes: Axes,
    colours: NDArray[np.float64],
    shown: NDArray[np.bool_],
    front: Front,
    zorder: int,
) -> None:
    rgba = np.concatenate([colours, shown[..., None].astype(np.float64)], axis=2)
    axes.imshow(
        rgba.astype(np.float32),
        extent=front.extent_mm,
        interpolation="antialiased",
        aspect="auto",
        zorder=zorder,
    )


def _draw_labels(axes: Axes, screening: Screening, seen: Body, line_mm: float) -> None:
    """Number and place of each finding beside its leg, with a line to it; never one on another."""
    left, right, _, _ = seen.extent_mm
    grid = screening.study.volume.grid
    for outward in (-1, 1):
        places = []
        for finding in screening.findings:
            x, _, z = np.median(grid.to_world(finding.indices), axis=0)
            if (x >= (left + right) / 2) == (outward > 0):
                places.append((float(x), float(z), finding))
        places.sort(key=lambda place: -place[1])
        heights = spread([z for _, z, _ in places], line_mm)
        edge = right if outward > 0 else left
        for (x, z, finding), height in zip(places, heights, strict=True):
            _label(axes, finding, (x, z), (edge + outward * 8, height), outward)


def spread(heights: list[float], gap: float) -> list[float]:
    """Descending heights pushed apart to at least `gap`, staying around their middle."""
    placed: list[float] = []
    for height in heights:
        placed.append(min(height, placed[-1] - gap) if placed else height)
    drift = (sum(heights) - sum(placed)) / len(placed) if placed else 0.0
    return [height + drift for height in placed]


def _label(
    axes: Axes,
    finding: Finding,
    place: tuple[float, float],
    text_at: tuple[float, float],
    outward: int,
) -> None:
    axes.annotate(
        _label_text(finding),
        xy=place,
        xytext=text_at,
        ha="left" if outward > 0 else "right",
        va="center",
        fontsize=13,
        weight="bold",
        color=palette.FINDING,
        arrowprops={
            "arrowstyle": "-",
            "color": palette.FINDING,
            "linewidth": 1.2,
            "shrinkA": 2,
            "shrinkB": 0,
        },
        zorder=4,
        annotation_clip=False,
    )


def _label_text(finding: Finding) -> str:
    """Number and side, and below them up to three veins."""
    return f"{finding.number} {side_letter(finding)}".strip() + f"\n{short_veins(finding)}"


def _draw_frame(axes: Axes, seen: Body, scale: float) -> None:
    """Sides, and a scale bar of 100 mm."""
    left, right, low, high = seen.extent_mm
    axes.set_axis_off()
    for x, text, align in ((left - 8, "R", "right"), (right + 8, "L", "left")):
        axes.text(x, high - 6 / scale, text, fontsize=20, weight="bold", color=palette.INK, ha=align,
                  va="top")  # fmt: skip
    below = low - 30 / scale
    axes.plot([left, left + 100], [below] * 2, color=palette.INK, linewidth=3, clip_on=False,
              solid_capstyle="butt")  # fmt: skip
    axes.text(left + 108, below, "100 mm", fontsize=13, color=palette.INK, va="center")
