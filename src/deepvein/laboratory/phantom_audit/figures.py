"""Colours and pictures of the audit's figures; `drawing.journal` draws and saves them."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deepvein.core.files import whole_file
from deepvein.drawing import journal

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PHANTOM, PUBLISHED, SECOND = journal.SERIES[:3]

GALLERY = ".webp"

save = partial(journal.save, dpi=200, vector=False)
"""A chart, as the page shows it."""


def save_gallery(made: Figure, folder: Path, name: str) -> Path:
    """Write `name`.webp, half as large as a PNG of 256 colours, into `folder`; returns its path."""
    path = folder / f"{name}{GALLERY}"
    with whole_file(path) as partial_file:
        made.savefig(partial_file, format="webp", dpi=200, pil_kwargs={"quality": 80, "method": 6})
    return path


def picture(axes: Axes, image: Any, low: float, high: float) -> None:
    """A grey picture (rows, columns) without ticks."""
    axes.imshow(image, cmap="gray", vmin=low, vmax=high, interpolation="bilinear")
    journal.bare(axes)
