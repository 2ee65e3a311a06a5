"""Figures as journals print them: vector and 300 dpi, few colours, one type size."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from deepvein.core.files import write_bytes, write_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DPI = 300
ONE_COLUMN_MM, TWO_COLUMNS_MM = 84.0, 174.0
"""Widths of a figure in one and in two columns of a journal page."""
INK, QUIET, LINE = "#1d2b36", "#6b7280", "#d5dde2"
PREDICTION, REFERENCE = "#e31a1c", "#2ca02c"
"""Contours: prediction in red and ground truth in green (Huang 2019, Figures 2 and 4)."""
SERIES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
"""Okabe and Ito's colours, which colour-blind readers can tell apart."""

_STYLE: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 7.5,
    "axes.titlesize": 8,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 7.5,
    "axes.edgecolor": QUIET,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "lines.linewidth": 1.2,
    "legend.frameon": False,
    "legend.fontsize": 7,
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


def save(
    made: Figure,
    folder: Path,
    name: str,
    *,
    pictures: bool = False,
    vector: bool = True,
    dpi: int = DPI,
) -> Path:
    """Write `name`.png and, for charts, `name`.svg into `folder`, made if needed; returns the PNG's path.

    pictures: the figure holds images: all greys are kept, and no SVG is wrapped round them. vector: leave
    the SVG out where it is False.
    """
    path = folder / f"{name}.png"
    write_bytes(path, _png(made, pictures, dpi))
    if vector and not pictures:
        write_text(folder / f"{name}.svg", _svg(made, dpi))
    return path


def picture(axes: Axes, image: NDArray[Any], spacing_mm: tuple[float, float]) -> None:
    """A grey picture (rows, columns) with pixels of `spacing_mm` (row, column), without ticks.

    The darkest and brightest half per cent are clipped.
    """
    low, high = np.percentile(image, (0.5, 99.5))
    axes.imshow(
        image,
        cmap="gray",
        vmin=float(low),
        vmax=float(max(high, low + 1e-6)),
        interpolation="bicubic",
        aspect=spacing_mm[0] / spacing_mm[1],
    )
    axes.autoscale(False)  # contours reach half a pixel beyond
    bare(axes)


def bare(axes: Axes) -> None:
    """Take ticks and frame away."""
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)


def contour(
    axes: Axes, mask: NDArray[np.bool_], colour: str, width: float = 0.7, *, closed: bool = True
) -> None:
    """The outline of a (rows, columns) mask; nothing for an empty one.

    closed: the mask ends at the picture's edge; in a magnified part it goes on beyond.
    """
    margin = int(closed)
    if not mask.any() or (not closed and mask.all()):
        return
    padded = np.pad(mask.astype(np.float32), margin)
    rows, columns = (np.arange(-margin, n + margin, dtype=np.float64) for n in mask.shape)
    axes.contour(columns, rows, padded, levels=[0.5], colors=[colour], linewidths=width)


def letter(axes: Axes, text: str) -> None:
    """The letter of a panel, such as (a), above its upper left corner."""
    axes.set_title(text, loc="left", fontsize=8, fontweight="bold", pad=3)


def _svg(made: Figure, dpi: int) -> str:
    """With coordinates to a thousandth of a point, half the size."""
    whole = io.StringIO()
    made.savefig(whole, format="svg", metadata={"Date": None}, dpi=dpi)
    return re.sub(r"(\.\d{3})\d+", r"\1", whole.getvalue())


def _png(made: Figure, pictures: bool, dpi: int) -> bytes:
    """Without pictures indexed, a third of the size."""
    from PIL import Image

    whole = io.BytesIO()
    made.savefig(whole, format="png", dpi=dpi)
    if pictures:
        return whole.getvalue()
    image = Image.open(whole).convert("RGB")
    few = image.quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    out = io.BytesIO()
    few.save(out, "PNG", optimize=True, dpi=(dpi, dpi))
    return out.getvalue()
