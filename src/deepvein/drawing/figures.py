"""Figures without a window system: matplotlib's Agg canvas, PNG bytes, data URIs."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DPI = 100
COLOURS = 200
"""A grey image with a few coloured lines needs no more; an indexed PNG is a third of the size."""


def canvas(width_px: float, height_px: float, face: str = "white") -> Figure:
    """An empty figure of that size in pixels."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width_px / DPI, height_px / DPI), dpi=DPI, facecolor=face)
    FigureCanvasAgg(figure)
    return figure


def full_axes(figure: Figure) -> Axes:
    """Axes without ticks or frame that fill the figure."""
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    return axes


def png(figure: Figure, indexed: bool = False) -> bytes:
    """The figure as a PNG; indexed for pictures that are grey but for a few coloured lines."""
    from PIL import Image

    figure.canvas.draw()
    rgba = figure.canvas.buffer_rgba()  # type: ignore[attr-defined]
    height, width = rgba.shape[:2]
    image = Image.frombytes("RGBA", (width, height), bytes(rgba)).convert("RGB")
    if indexed:
        image = image.quantize(COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=6)
    return buffer.getvalue()


def data_uri(content: bytes) -> str:
    """A PNG that an HTML page carries within itself."""
    return "data:image/png;base64," + base64.b64encode(content).decode("ascii")
