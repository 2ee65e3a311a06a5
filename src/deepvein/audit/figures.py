"""Colours and pictures of the audit's figures; `evaluation.figures` draws and saves them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from deepvein.evaluation import figures

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PHANTOM, PUBLISHED, SECOND = figures.SERIES[:3]

save = partial(figures.save, dpi=200)
"""As the page shows them."""


def picture(axes: Axes, image: Any, low: float, high: float) -> None:
    """A grey picture (rows, columns) without ticks."""
    axes.imshow(image, cmap="gray", vmin=low, vmax=high, interpolation="bilinear")
    figures.bare(axes)
