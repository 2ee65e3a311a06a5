"""One picture of the study: legs from the front, vein tree, findings, and the probability beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.veins import VeinSegment
from deepvein.findings.finding import Finding
from deepvein.findings.screening import Screening
from deepvein.reports import palette
from deepvein.reports.figures import canvas, png
from deepvein.reports.projection import TREE_MM, Body, Tree, body, tree
from deepvein.reports.strip import draw_lanes, draw_strip
from deepvein.reports.texts import short_place

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH_PX = 1500
HEIGHTS_PX = (620, 1900)
MARGIN_MM = 75.0
"""Room beside the legs for the labels of the findings."""


def overview(screening: Screening) -> bytes:
    """A PNG: coronal projection, territories and the slice-probability strip on one body axis."""
    seen = body(screening.study)
    veins = tree(screening)
    left, right, low, high = seen.extent_mm
    width, height = right - left + 2 * MARGIN_MM, high - low
    # Projection, lanes and strip share the width; millimetres are the same along and across.
    share = 0.60
    pixels = float(np.clip(WIDTH_PX * share * height / width, *HEIGHTS_PX))
    scale = min(WIDTH_PX * share / width, pixels / height)
    figure = canvas(WIDTH_PX, pixels + 90)
    bottom, tall = 60 / (pixels + 90), pixels / (pixels + 90)
    legs = figure.add_axes((0.0, bottom, share, tall))
    lanes = figure.add_axes((share + 0.01, bottom, 0.15, tall))
    strip = figure.add_axes((share + 0.215, bottom, 0.175, tall))
    room = WIDTH_PX * share / scale
    middle, centre = (left + right) / 2, (low + high) / 2
    span = pixels / scale
    legs.set_xlim(middle - room / 2, middle + room / 2)
    for axes in (legs, lanes, strip):
        axes.set_ylim(centre - span / 2, centre + span / 2)
    _draw_body(legs, seen)
    if veins is not None:
        _draw_tree(legs, veins)
    for finding in screening.findings:
        _draw_finding(legs, finding, screening, seen)
    _draw_frame(legs, seen, scale)
    draw_lanes(lanes, veins, (low, high))
    draw_strip(strip, screening, (low, high))
    return png(figure)


def _draw_body(axes: Axes, seen: Body) -> None:
    axes.imshow(
        seen.grey, cmap="Greys", vmin=0, vmax=1.25, extent=seen.extent_mm, origin="upper",
        interpolation="bilinear", aspect="auto", zorder=0,
    )  # fmt: skip


def _draw_tree(axes: Axes, veins: Tree) -> None:
    from matplotlib.colors import to_rgb

    table = np.full((256, 3), to_rgb(palette.QUIET))
    for segment in VeinSegment:
        table[segment] = to_rgb(palette.SEGMENTS[segment])
    _overlay(axes, table[veins.segments], veins.depth > 0, veins.origin_mm, zorder=1)


def _draw_finding(axes: Axes, finding: Finding, screening: Screening, seen: Body) -> None:
    """The thrombus's silhouette in red, and its number and place beside the leg."""
    from matplotlib.colors import to_rgb

    world = screening.prediction.grid.to_world(finding.indices)
    affine = np.abs(screening.prediction.grid.affine[:3, :3])
    wide, tall = (max(1, round(float(affine[axis].max()) / TREE_MM)) for axis in (0, 2))
    left, top = world[:, 0].min(), world[:, 2].max()
    column = np.rint((world[:, 0] - left) / TREE_MM).astype(np.int64)
    row = np.rint((top - world[:, 2]) / TREE_MM).astype(np.int64)
    # A rim of two pixels, so that a small thrombus is not lost among the veins.
    rim = 2
    shade = np.zeros((row.max() + tall + 2 * rim, column.max() + wide + 2 * rim), dtype=bool)
    for down in range(tall + 2 * rim):
        for across in range(wide + 2 * rim):
            shade[row + down, column + across] = True
    origin = (
        float(left - ((wide - 1) / 2 + rim) * TREE_MM),
        float(top + ((tall - 1) / 2 + rim) * TREE_MM),
    )
    colours = np.broadcast_to(np.array(to_rgb(palette.FINDING)), (*shade.shape, 3))
    _overlay(axes, colours, shade, origin, zorder=2)
    _label(axes, finding, world, seen)


def _label(axes: Axes, finding: Finding, world: NDArray[np.float64], seen: Body) -> None:
    middle = (seen.extent_mm[0] + seen.extent_mm[1]) / 2
    x, z = float(np.median(world[:, 0])), float(np.median(world[:, 2]))
    outward = 1 if x >= middle else -1
    edge = seen.extent_mm[1] if outward > 0 else seen.extent_mm[0]
    axes.annotate(
        f"{finding.number}  {short_place(finding)}",
        xy=(x + outward * 4, z),
        xytext=(edge + outward * 4, z),
        ha="left" if outward > 0 else "right",
        va="center",
        fontsize=13,
        weight="bold",
        color=palette.FINDING,
        arrowprops={"arrowstyle": "-", "color": palette.FINDING, "linewidth": 1},
        zorder=4,
        annotation_clip=False,
    )


def _draw_frame(axes: Axes, seen: Body, scale: float) -> None:
    """Sides, and a scale bar of 100 mm."""
    left, right, low, high = seen.extent_mm
    axes.set_axis_off()
    for x, text, align in ((left, "R", "right"), (right, "L", "left")):
        axes.text(
            x,
            high - 14 / scale,
            text,
            fontsize=18,
            weight="bold",
            color=palette.INK,
            ha=align,
            va="top",
        )
    axes.plot([left, left + 100], [low - 14 / scale] * 2, color=palette.INK, linewidth=3, clip_on=False,
              solid_capstyle="butt")  # fmt: skip
    axes.text(left + 106, low - 14 / scale, "100 mm", fontsize=12, color=palette.INK, va="center")


def _overlay(
    axes: Axes,
    colours: NDArray[np.float64],
    shown: NDArray[np.bool_],
    origin_mm: tuple[float, float],
    zorder: int,
) -> None:
    rgba = np.concatenate([colours, shown[..., None].astype(np.float64)], axis=2)
    rows, columns = shown.shape
    left, top = origin_mm[0] - TREE_MM / 2, origin_mm[1] + TREE_MM / 2
    axes.imshow(
        rgba, extent=(left, left + columns * TREE_MM, top - rows * TREE_MM, top), origin="upper",
        interpolation="antialiased", aspect="auto", zorder=zorder,
    )  # fmt: skip
