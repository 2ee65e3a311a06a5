"""The pictures of one finding: the whole section, the thrombus magnified, and the vein along its course."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from deepvein.findings.finding import Finding
from deepvein.reports import palette
from deepvein.reports.figures import canvas, full_axes, png
from deepvein.reports.vein_path import vein_path
from deepvein.reports.views import View, axial, coronal, mask_of, sample
from deepvein.reports.views import along as along_path
from deepvein.reports.windows import Window
from deepvein.studies.study import Modality, Study
from deepvein.volumes.volume import Volume

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from deepvein.inference.prediction import Prediction

CROP_MM = 90.0
ALONG_WIDTH_MM = 90.0
ALONG_BEYOND_MM = 40.0
ALONG_LONGEST_MM = 260.0
HEIGHT_PX = 560


@dataclass(frozen=True)
class KeyImage:
    """A PNG with what a reader must know to read it."""

    png: bytes
    title: str
    detail: str


def key_images(
    finding: Finding, study: Study, prediction: Prediction, window: Window
) -> tuple[KeyImage, ...]:
    """The whole axial section with a frame, the frame magnified without and with the outline, the vein
    along its course, and for MR the acquired coronal plane. Outside the volume is black."""
    volume = study.volume
    veins = Volume(prediction.vein_probability, prediction.grid)
    mask = mask_of(finding.indices, prediction.grid)
    where = f"z = {finding.key_point_mm[2]:.0f} mm"
    path, step = vein_path(finding, prediction.grid, veins, ALONG_BEYOND_MM, ALONG_LONGEST_MM)
    crop = axial(finding.key_point_mm, CROP_MM, CROP_MM, 0.3)
    picture = _Picture(volume, mask, veins, window)
    images = [
        KeyImage(picture.section(finding), "Axial section", where),
        KeyImage(picture.render(crop, outline=False), "Axial, magnified", window.text),
        KeyImage(picture.render(crop), "Axial, with outline", f"{CROP_MM:.0f} mm across"),
    ]
    if study.modality is Modality.MR:
        flat = coronal(finding.key_point_mm, CROP_MM, CROP_MM, 0.3)
        images.append(
            KeyImage(
                picture.render(flat),
                "Coronal, with outline",
                f"y = {finding.key_point_mm[1]:.0f} mm",
            )
        )
    images.append(
        KeyImage(
            picture.render(along_path(path, ALONG_WIDTH_MM, step), cross=finding.key_point_mm[2]),
            "Along the vein",
            "coronal, following its course",
        )
    )
    return tuple(images)


@dataclass(frozen=True, eq=False)
class _Picture:
    volume: Volume
    mask: Volume
    veins: Volume
    window: Window

    def section(self, finding: Finding) -> bytes:
        """The whole axial section with a frame around what is magnified."""
        corners = self.volume.grid.corners_mm
        low, high = corners.min(axis=0), corners.max(axis=0)
        centre = (low + high) / 2
        centre[2] = finding.key_point_mm[2]
        pixel = max(high[0] - low[0], high[1] - low[1]) / 900
        view = axial(centre, high[0] - low[0], high[1] - low[1], pixel)
        grey = sample(self.volume, view, self.window.low)
        top, bottom, first, last = _content(grey, self.window, round(10 / pixel))
        view = View(view.points_mm[top:bottom, first:last], pixel, view.heads)
        axes, figure = self._show(grey[top:bottom, first:last], view)
        self._marks(axes, view, 50)
        row, column = _place(view, finding.key_point_mm)
        half = CROP_MM / 2 / pixel
        axes.plot(
            column + np.array([-1, 1, 1, -1, -1]) * half,
            row + np.array([-1, -1, 1, 1, -1]) * half,
            color=palette.CONTOUR,
            linewidth=1.4,
        )
        return png(figure, indexed=True)

    def render(self, view: View, outline: bool = True, cross: float | None = None) -> bytes:
        """A view with scale and sides, and the outlines of thrombus and vein."""
        axes, figure = self._show(sample(self.volume, view, self.window.low), view)
        if outline:
            self._contour(
                axes, sample(self.veins, view) / np.float32(255), palette.VEIN_CONTOUR, 0.9
            )
            self._contour(axes, sample(self.mask, view), palette.CONTOUR, 1.8)
        if cross is not None:
            row = np.abs(view.points_mm[:, 0, 2] - cross).argmin()
            width = view.shape[1]
            for edge in ((0, 0.06), (0.94, 1)):
                axes.plot(
                    [edge[0] * width, edge[1] * width], [row, row], color="white", linewidth=1
                )
        self._marks(axes, view, 20)
        return png(figure, indexed=True)

    def _show(self, grey: NDArray[np.float32], view: View):  # type: ignore[no-untyped-def]
        rows, columns = view.shape
        figure = canvas(HEIGHT_PX * columns / rows, HEIGHT_PX, "black")
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

    @staticmethod
    def _contour(axes: Axes, values: NDArray[np.float32], colour: str, width: float) -> None:
        if values.min() < 0.5 < values.max():
            axes.contour(values, levels=[0.5], colors=[colour], linewidths=[width])

    @staticmethod
    def _marks(axes: Axes, view: View, bar_mm: int) -> None:
        """Sides at the edges and a scale bar in the lower left."""
        from matplotlib.patheffects import withStroke

        halo = [withStroke(linewidth=2.5, foreground="black")]
        places = ((0.02, 0.5, "left"), (0.98, 0.5, "right"), (0.5, 0.97, "center"))
        heads = view.heads[:3]
        for (x, y, align), text in zip(places, heads, strict=True):
            axes.text(
                x, y, text, transform=axes.transAxes, color="white", fontsize=13, ha=align,
                va="center", weight="bold", path_effects=halo,
            )  # fmt: skip
        rows, columns = view.shape
        length = bar_mm / view.pixel_mm
        left, bottom = columns * 0.04, rows * 0.96
        axes.plot(
            [left, left + length], [bottom, bottom], color="white", linewidth=3,
            solid_capstyle="butt", path_effects=[withStroke(linewidth=5, foreground="black")],
        )  # fmt: skip
        axes.text(
            left, bottom - rows * 0.015, f"{bar_mm} mm", color="white", fontsize=11,
            va="bottom", path_effects=halo,
        )  # fmt: skip


def _content(grey: NDArray[np.float32], window: Window, margin: int) -> tuple[int, int, int, int]:
    """First and past-last row and column of what is not background, with a margin."""
    seen = grey > window.low
    rows = np.flatnonzero(seen.mean(axis=1) > 0.01)
    columns = np.flatnonzero(seen.mean(axis=0) > 0.01)
    if not len(rows) or not len(columns):
        return 0, grey.shape[0], 0, grey.shape[1]
    return (
        max(0, rows[0] - margin),
        min(grey.shape[0], rows[-1] + 1 + margin),
        max(0, columns[0] - margin),
        min(grey.shape[1], columns[-1] + 1 + margin),
    )


def _place(view: View, point_mm: tuple[float, float, float]) -> tuple[float, float]:
    """Row and column of an LPS point that lies on the flat view."""
    origin = view.points_mm[0, 0]
    down = (view.points_mm[-1, 0] - origin) / max(1, view.shape[0] - 1)
    across = (view.points_mm[0, -1] - origin) / max(1, view.shape[1] - 1)
    offset = np.asarray(point_mm) - origin
    return float(offset @ down / (down @ down)), float(offset @ across / (across @ across))
