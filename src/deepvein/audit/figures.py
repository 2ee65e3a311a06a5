"""Figures for print: vector and 200 dpi, colours that colour-blind readers can tell apart."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DPI = 200
PHANTOM = "#0072b2"
PUBLISHED = "#d55e00"
SECOND = "#009e73"
QUIET = "#6b7280"
INK = "#1d2b36"
"""Okabe and Ito's blue, vermilion and green, and greys."""

_STYLE: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 8,
    "axes.titlesize": 9,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 8,
    "axes.edgecolor": QUIET,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.7,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5,
    "legend.frameon": False,
    "legend.fontsize": 7.5,
    "svg.hashsalt": "deepvein",
    "svg.fonttype": "none",
}


@contextmanager
def style() -> Iterator[None]:
    """matplotlib's settings for these figures, for a while."""
    from matplotlib import rc_context

    with rc_context(_STYLE):
        yield


def figure(width_mm: float, height_mm: float) -> Figure:
    """An empty figure; call within `style`."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    made = Figure(figsize=(width_mm / 25.4, height_mm / 25.4), layout="constrained")
    FigureCanvasAgg(made)
    return made


def save(made: Figure, folder: Path, name: str, vector: bool = True) -> Path:
    """Write `name`.png, and `name`.svg unless it is mostly pictures; returns the path of the PNG."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.png"
    path.write_bytes(_png(made))
    if vector:
        made.savefig(folder / f"{name}.svg", metadata={"Date": None})
    return path


def _png(made: Figure) -> bytes:
    """Indexed, a third of the size: 256 colours show what these figures show."""
    from PIL import Image

    whole = io.BytesIO()
    made.savefig(whole, format="png", dpi=DPI)
    image = Image.open(whole).convert("RGB")
    few = image.quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    out = io.BytesIO()
    few.save(out, "PNG", optimize=True, dpi=(DPI, DPI))
    return out.getvalue()


def picture(axes: Axes, image: Any, low: float, high: float) -> None:
    """A grey picture (rows, columns) without ticks."""
    axes.imshow(image, cmap="gray", vmin=low, vmax=high, interpolation="bilinear")
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)
