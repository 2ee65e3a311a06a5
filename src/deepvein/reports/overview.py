"""One picture of the study: legs from the front, vein tree, findings, and the probability beside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.veins import Side, VeinSegment
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

LANES, STRIP = (0.61, 0.14), (0.815, 0.13)
"""Left edge and width of what stands beside the legs, as shares of the picture."""
_PALE, _DARK = "#bfe3f5", "#8c0d0d"


@dataclass(frozen=True)
class OverviewStyle:
    """How the overview is drawn.

    heights_px: least and greatest height of the legs; legs_share: of the width; margin_px: room beside the
    legs for the labels of the findings; line_px: height of a label of two lines, with the space below;
    foot_px: room for the scale; text: size of letters, 1 for a screen; profile: whether territories and
    the probability along the body stand beside the legs, and the veins have the colours of these.
    """

    width_px: float = 1600
    heights_px: tuple[float, float] = (560, 1800)
    legs_share: float = 0.60
    margin_px: float = 165
    line_px: float = 50
    foot_px: float = 80
    text: float = 1.0
    profile: bool = True


SCREEN = OverviewStyle()
PAPER = OverviewStyle(1150, (560, 1500), 1.0, 235, 78, 90, 1.45, profile=False)
"""The legs alone with large letters; bones and veins pale and thrombi dark within a white rim, so that they
stay apart without colour."""


@dataclass(frozen=True, eq=False)
class Backdrop:
    """What lies behind the findings: the body, and the veins' shadow or None without veins."""

    seen: Body
    veins: VeinShadow | None


def backdrop(screening: Screening) -> Backdrop:
    """What every style of a screening's overview shows behind the findings."""
    veins = None
    if screening.prediction is not None and screening.tree is not None:
        veins = vein_shadow(screening.prediction, screening.tree.naming)
    return Backdrop(body(screening.study), veins)


def overview(
    screening: Screening, style: OverviewStyle = SCREEN, behind: Backdrop | None = None
) -> bytes:
    """A PNG: coronal projection with the vein tree, territories and the slice-probability strip on one
    body axis.

    behind: the screening's `backdrop`, made here if it is not given.
    """
    behind = behind or backdrop(screening)
    seen = behind.seen
    left, right, low, high = seen.extent_mm
    # Millimetres are the same along and across, so the height follows from the width.
    room = style.width_px * style.legs_share
    scale = (room - 2 * style.margin_px) / (right - left)
    pixels = float(np.clip(scale * (high - low), *style.heights_px))
    scale = min(scale, pixels / (high - low))
    whole = pixels + style.foot_px + 10
    figure = canvas(style.width_px, whole)
    bottom, tall = style.foot_px / whole, pixels / whole
    parts = ((0.0, style.legs_share), LANES, STRIP)[: 3 if style.profile else 1]
    legs, *beside = (figure.add_axes((start, bottom, width, tall)) for start, width in parts)
    middle = (left + right) / 2
    legs.set_xlim(middle - room / scale / 2, middle + room / scale / 2)
    for axes in (legs, *beside):
        axes.set_ylim(low, low + pixels / scale)
    _draw_body(legs, seen, 1.25 if style.profile else 1.8)
    if behind.veins is not None:
        _draw_veins(legs, behind.veins, style)
    front = Front.covering(screening.study.volume.grid)
    for finding in screening.findings:
        world = screening.study.volume.grid.to_world(finding.indices)
        if not style.profile:
            _draw_finding(legs, world, front, "white", rim=2)
        _draw_finding(legs, world, front, palette.FINDING if style.profile else _DARK, rim=1)
    _draw_labels(legs, screening, seen, style.line_px / scale, style)
    _draw_frame(legs, seen, scale, style)
    if style.profile:
        lanes, strip = beside
        draw_lanes(lanes, screening.tree, pixels / (high - low))
        draw_strip(strip, screening, (low, high))
    return png(figure)


def _draw_body(axes: Axes, seen: Body, black: float) -> None:
    axes.imshow(
        seen.grey,
        cmap="Greys",
        vmin=0,
        vmax=black,
        extent=seen.extent_mm,
        interpolation="bilinear",
        aspect="auto",
        zorder=0,
    )


def _draw_veins(axes: Axes, veins: VeinShadow, style: OverviewStyle) -> None:
    from matplotlib.colors import to_rgb

    table = np.full((256, 3), to_rgb(palette.QUIET if style.profile else _PALE))
    if style.profile:
        for segment in VeinSegment:
            table[segment] = to_rgb(palette.SEGMENTS[segment])
    _overlay(axes, table[veins.segments], veins.shown, veins.front, zorder=1)


def _draw_finding(
    axes: Axes, world: NDArray[np.float64], front: Front, colour: str, rim: int
) -> None:
    """The thrombus's shadow, widened so that a small one is not lost among the veins."""
    from matplotlib.colors import to_rgb

    shown = np.zeros(front.shape, dtype=bool)
    rows, columns, _ = front.pixels(world, rim=rim)
    shown[rows, columns] = True
    _overlay(axes, np.full((*front.shape, 3), to_rgb(colour)), shown, front, zorder=2)


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


def _draw_labels(
    axes: Axes, screening: Screening, seen: Body, line_mm: float, style: OverviewStyle
) -> None:
    """Number and place of each finding beside its leg, with a line to it; never one on another."""
    left, right, _, high = seen.extent_mm
    # Below the letter of the side, which no label may cover.
    top = high - 1.2 * line_mm
    grid = screening.study.volume.grid
    for outward in (-1, 1):
        places = []
        for finding in screening.findings:
            x, _, z = np.median(grid.to_world(finding.indices), axis=0)
            if _outward(finding, float(x) >= (left + right) / 2) == outward:
                places.append((float(x), float(z), finding))
        places.sort(key=lambda place: -place[1])
        heights = spread([z for _, z, _ in places], line_mm, top)
        edge = right if outward > 0 else left
        for (x, z, finding), height in zip(places, heights, strict=True):
            _label(axes, finding, (x, z), (edge + outward * 8, height), 13 * style.text)


def _outward(finding: Finding, on_the_left: bool) -> int:
    """1 for a label beside the patient's left, -1 beside the right: that of the finding, or else where it
    lies."""
    known = {Side.LEFT: True, Side.RIGHT: False}.get(finding.side, on_the_left)
    return 1 if known else -1


def spread(heights: list[float], gap: float, top: float = np.inf) -> list[float]:
    """Descending heights pushed apart to at least `gap`, staying around their middle and below `top`."""
    placed: list[float] = []
    for height in heights:
        placed.append(min(height, placed[-1] - gap) if placed else height)
    if not placed:
        return []
    drift = min((sum(heights) - sum(placed)) / len(placed), top - placed[0])
    return [height + drift for height in placed]


def _label(
    axes: Axes,
    finding: Finding,
    place: tuple[float, float],
    text_at: tuple[float, float],
    size: float,
) -> None:
    """As many veins as there is room for between the legs and the edge."""
    note = axes.annotate(
        _label_text(finding),
        xy=place,
        xytext=text_at,
        ha="left" if text_at[0] > place[0] else "right",
        va="center",
        fontsize=size,
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
    for most in (2, 1):
        wide = note.get_window_extent()
        if axes.bbox.x0 <= wide.x0 and wide.x1 <= axes.bbox.x1:
            return
        note.set_text(_label_text(finding, most))


def _label_text(finding: Finding, most: int = 3) -> str:
    """Number and side, and below them up to `most` veins."""
    return f"{finding.number} {side_letter(finding)}".strip() + f"\n{short_veins(finding, most)}"


def _draw_frame(axes: Axes, seen: Body, scale: float, style: OverviewStyle) -> None:
    """Sides, and a scale bar of 100 mm."""
    left, right, low, high = seen.extent_mm
    axes.set_axis_off()
    for x, text, align in ((left - 8, "R", "right"), (right + 8, "L", "left")):
        axes.text(x, high - 6 / scale, text, fontsize=20 * style.text, weight="bold",
                  color=palette.INK, ha=align, va="top")  # fmt: skip
    below = low - 30 / scale
    axes.plot([left, left + 100], [below] * 2, color=palette.INK, linewidth=3, clip_on=False,
              solid_capstyle="butt")  # fmt: skip
    axes.text(left + 108, below, "100 mm", fontsize=13 * style.text, color=palette.INK, va="center")
