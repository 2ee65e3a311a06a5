"""Grey pictures of a volume with outlines, sides and a scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from deepvein.drawing import palette
from deepvein.drawing.figures import canvas, full_axes, png
from deepvein.drawing.views import View, axial, sample
from deepvein.drawing.windows import Window
from deepvein.volumes.volume import Volume

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

HEIGHT_PX = 620
SECTION_WIDTH_PX = 960
"""Twice the size on the page, for screens with small pixels and for print."""
SECTION_PIXELS = 600
"""A section is sampled about as finely as scanners store it; drawing smooths it."""
MARGIN_MM = 5.0
_LETTER_PT, _SCALE_PT = 22.0, 18.0
"""Readable too where a printed report shows a picture at a quarter of its width."""


@dataclass(frozen=True)
class KeyImage:
    """A PNG with what a reader must know to read it."""

    png: bytes
    title: str
    detail: str


@dataclass(frozen=True, eq=False)
class Picture:
    """Draws views of one volume; `veins` are probabilities in bytes, `thrombi` small masks."""

    volume: Volume
    veins: Volume
    thrombi: tuple[Volume, ...]
    window: Window

    def draw(self, view: View, outline: bool = True, cross_mm: float | None = None) -> bytes:
        """A view with scale and sides, and, if wanted, the outlines of thrombi and veins.

        cross_mm: LPS z at which ticks at both edges mark the key slice.
        """
        axes, figure = self._show(sample(self.volume, view, self.window.low), view, HEIGHT_PX)
        if outline:
            self._outlines(axes, view)
        if cross_mm is not None:
            row = np.abs(view.points_mm[:, 0, 2] - cross_mm).argmin()
            for edge in ((0, 0.06), (0.94, 1)):
                axes.plot(np.multiply(edge, view.shape[1]), [row, row], color="white", linewidth=1)
        _marks(axes, view, 20)
        return png(figure, indexed=True)

    def draw_section(
        self,
        z_mm: float,
        frame: tuple[tuple[float, float, float], float] | None = None,
        width_px: int = SECTION_WIDTH_PX,
    ) -> bytes:
        """The whole axial section at z, cut to the body, with the outlines or with a frame.

        frame: LPS centre and width in mm of what is magnified elsewhere.
        """
        low, high = self.volume.grid.corners_mm.min(axis=0), self.volume.grid.corners_mm.max(axis=0)
        centre = (low + high) / 2
        centre[2] = z_mm
        pixel = max(high[0] - low[0], high[1] - low[1]) / SECTION_PIXELS
        view = axial(centre, high[0] - low[0], high[1] - low[1], pixel)
        grey = sample(self.volume, view, self.window.low)
        rows, columns = _body(grey, self.window, pixel)
        if frame is not None:
            rows, columns = _with_frame(view, *frame, rows, columns)
        view = View(view.points_mm[rows, columns], pixel, view.heads)
        axes, figure = self._show(
            grey[rows, columns], view, width_px * view.shape[0] / view.shape[1]
        )
        if frame is None:
            self._outlines(axes, view)
        else:
            _frame(axes, view, *frame)
        _marks(axes, view, 50)
        return png(figure, indexed=True)

    def _show(self, grey: NDArray[np.float32], view: View, height: float) -> tuple[Axes, Figure]:
        rows, columns = view.shape
        figure = canvas(height * columns / rows, height, "black")
        axes = full_axes(figure)
        axes.imshow(
            grey,
            cmap="gray",
            vmin=self.window.low,
            vmax=self.window.high,
            interpolation="bilinear",
            aspect="auto",
        )
        axes.set_xlim(-0.5, columns - 0.5)
        axes.set_ylim(rows - 0.5, -0.5)
        return axes, figure

    def _outlines(self, axes: Axes, view: View) -> None:
        veins = sample(self.veins, view) / np.float32(255)
        _contour(axes, veins, palette.VEIN_CONTOUR, 0.9)
        for mask in self.thrombi:
            _contour(axes, sample(mask, view), palette.CONTOUR, 1.8)


def _contour(axes: Axes, values: NDArray[np.float32], colour: str, width: float) -> None:
    if values.min() < 0.5 < values.max():
        axes.contour(values, levels=[0.5], colors=[colour], linewidths=[width])


def _frame(axes: Axes, view: View, point_mm: tuple[float, float, float], width_mm: float) -> None:
    """A square around an LPS point of the flat view."""
    row, column, half = _square(view, point_mm, width_mm)
    axes.plot(
        column + np.array([-1, 1, 1, -1, -1]) * half,
        row + np.array([-1, -1, 1, 1, -1]) * half,
        color=palette.CONTOUR,
        linewidth=1.4,
    )


def _square(
    view: View, point_mm: tuple[float, float, float], width_mm: float
) -> tuple[float, float, float]:
    """Row and column of its middle in the flat view, and half its side, in pixels."""
    row, column = (
        float(np.dot(np.subtract(point_mm, view.points_mm[0, 0]), direction) / view.pixel_mm)
        for direction in ((0, 1, 0), (1, 0, 0))
    )
    return row, column, width_mm / 2 / view.pixel_mm


def _with_frame(
    view: View,
    point_mm: tuple[float, float, float],
    width_mm: float,
    rows: slice,
    columns: slice,
) -> tuple[slice, slice]:
    """Rows and columns widened to hold the frame too, as far as the view reaches."""
    *middle, half = _square(view, point_mm, width_mm)
    line = half + MARGIN_MM / view.pixel_mm / 2
    widened = [
        slice(
            max(0, min(kept.start, int(at - line))), min(size, max(kept.stop, int(at + line) + 1))
        )
        for kept, at, size in zip((rows, columns), middle, view.shape, strict=True)
    ]
    return widened[0], widened[1]


def _marks(axes: Axes, view: View, bar_mm: int) -> None:
    """What lies left, right and up, along the upper edge, and a scale bar in the lower left."""
    from matplotlib.patheffects import withStroke

    halo = [withStroke(linewidth=2.5, foreground="black")]
    places = ((0.02, "left"), (0.98, "right"), (0.5, "center"))
    for (x, align), text in zip(places, view.heads[:3], strict=True):
        axes.text(
            x, 0.98, text, transform=axes.transAxes, color="white", fontsize=_LETTER_PT, ha=align,
            va="top", weight="bold", path_effects=halo,
        )  # fmt: skip
    rows, columns = view.shape
    length = bar_mm / view.pixel_mm
    left, bottom = columns * 0.04, rows * 0.96
    axes.plot(
        [left, left + length], [bottom, bottom], color="white", linewidth=3,
        solid_capstyle="butt", path_effects=[withStroke(linewidth=5, foreground="black")],
    )  # fmt: skip
    axes.text(
        left, bottom - rows * 0.015, f"{bar_mm} mm", color="white", fontsize=_SCALE_PT, va="bottom",
        path_effects=halo,
    )  # fmt: skip


def _body(grey: NDArray[np.float32], window: Window, pixel_mm: float) -> tuple[slice, slice]:
    """The rows and columns that show more than background, with a margin; all if none do."""
    from scipy.ndimage import uniform_filter

    # Averaging takes the noise out of the air, and a twentieth of the window tells it from fat.
    smooth = uniform_filter(np.clip(grey, window.low, window.high), round(15 / pixel_mm))
    seen = smooth > smooth.min() + 0.05 * (window.high - window.low)
    margin = round(MARGIN_MM / pixel_mm)
    spans = []
    for axis in (1, 0):
        lines = np.flatnonzero(seen.any(axis=axis))
        first, last = (lines[0], lines[-1]) if len(lines) else (0, seen.shape[1 - axis] - 1)
        spans.append(slice(max(0, int(first) - margin), int(last) + 1 + margin))
    return spans[0], spans[1]
