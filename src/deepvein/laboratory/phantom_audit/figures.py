"""Colours and pictures of the audit's figures; `evaluation.figures` draws and saves them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from deepvein.drawing import journal

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PHANTOM, PUBLISHED, SECOND = journal.SERIES[:3]

save = partial(journal.save, dpi=200)
"""As the page shows them."""


def picture(axes: Axes, image: Any, low: float, high: float) -> None:
    """A grey picture (rows, columns) without ticks."""
    axes.imshow(image, cmap="gray", vmin=low, vmax=high, interpolation="bilinear")
    journal.bare(axes)
