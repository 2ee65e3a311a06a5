"""One contact sheet of what a trial got wrong: what is true in green, what was found in red."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from deepvein.drawing import palette
from deepvein.drawing.figures import canvas
from deepvein.laboratory.cards.failure_images import Failure, Snapshot
from deepvein.laboratory.trials.outcome import Outcome

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from PIL.Image import Image

MOST = 8
"""Pictures of each kind."""

COLUMNS = 4
TILE_PX = 150
"""Side of a picture; each failure has two, without and with the outlines."""
TEXT_PX = 44
HEAD_PX = 26
LARGEST_BYTES = 400_000

TRUE = "#2ee66b"
FOUND = "#ff3b30"
_GREYS = (128, 64, 48, 32, 24, 16)
"""Fewer shades make a smaller file: the first that fits is taken."""


def draw_failures(outcomes: Sequence[Outcome]) -> bytes | None:
    """A PNG of the worst missed thrombi and the likeliest false findings, None if nothing went wrong.

    Each failure is an axial section, patient's right on the left: as it is, and with the true thrombus in
    green, what was found in red and the true deep veins in thin blue.
    """
    shown = {failure: worst(outcomes, failure) for failure in Failure}
    if not any(shown.values()):
        return None
    heights = [
        HEAD_PX + -(-len(own) // COLUMNS) * (TILE_PX + TEXT_PX) for own in shown.values() if own
    ]
    width, height = COLUMNS * (2 * TILE_PX + 10), sum(heights)
    figure = canvas(width, height)
    top = float(height)
    for failure, own in shown.items():
        if own:
            _heading(figure, failure, top)
            top = _tiles(figure, own, top - HEAD_PX)
    return _small_png(figure)


def worst(outcomes: Sequence[Outcome], failure: Failure) -> list[tuple[str, Snapshot]]:
    """(case, snapshot) of at most MOST failures of a kind, the worst first."""
    every = [
        (outcome.case.case, one)
        for outcome in outcomes
        for one in outcome.snapshots
        if one.failure is failure
    ]
    return sorted(every, key=lambda item: -item[1].weight)[:MOST]


def _heading(figure: Figure, failure: Failure, top: float) -> None:
    text = {
        Failure.MISSED: "Missed thrombi, the largest first",
        Failure.FALSE: "False findings, the likeliest first",
    }[failure]
    axes = _axes(figure, 0, top - HEAD_PX, figure.bbox.width, HEAD_PX)
    axes.text(0.005, 0.4, text, fontsize=10, weight="bold", color=palette.INK, va="center")


def _tiles(figure: Figure, shown: list[tuple[str, Snapshot]], top: float) -> float:
    """Draws rows of failures from `top` downwards; returns where they end."""
    for number, (case, one) in enumerate(shown):
        row, column = divmod(number, COLUMNS)
        left = column * (2 * TILE_PX + 10)
        bottom = top - (row + 1) * (TILE_PX + TEXT_PX) + TEXT_PX
        for place, outlined in enumerate((False, True)):
            axes = _axes(figure, left + place * (TILE_PX + 2), bottom, TILE_PX, TILE_PX)
            axes.imshow(one.grey, cmap="gray", vmin=0, vmax=255, aspect="auto")
            if outlined:
                for mask, colour, line in _outlines(one):
                    if mask.any() and not mask.all():
                        axes.contour(mask, levels=[0.5], colors=[colour], linewidths=[line])
        words = "\n".join(wrap(f"{case}: {one.text}", 59)[:3])
        axes = _axes(figure, left, bottom - TEXT_PX, 2 * TILE_PX, TEXT_PX)
        axes.text(0, 0.94, words, fontsize=6.8, color=palette.INK, va="top")
    rows = -(-len(shown) // COLUMNS)
    return top - rows * (TILE_PX + TEXT_PX)


def _outlines(
    one: Snapshot,
) -> Iterator[tuple[NDArray[np.bool_], str, float]]:
    yield one.veins, palette.VEIN_CONTOUR, 0.5
    yield one.found, FOUND, 1.2
    yield one.truth, TRUE, 1.2


def _axes(figure: Figure, left: float, bottom: float, width: float, height: float) -> Axes:
    """Axes without frame at a place in pixels."""
    whole_width, whole_height = figure.bbox.width, figure.bbox.height
    axes = figure.add_axes(
        (left / whole_width, bottom / whole_height, width / whole_width, height / whole_height)
    )
    axes.set_axis_off()
    return axes


def _small_png(figure: Figure) -> bytes:
    from PIL import Image as Images

    figure.canvas.draw()
    rgba = figure.canvas.buffer_rgba()  # type: ignore[attr-defined]
    rows, columns = rgba.shape[:2]
    image = Images.frombytes("RGBA", (columns, rows), bytes(rgba)).convert("RGB")
    written = b""
    for greys in _GREYS:
        buffer = io.BytesIO()
        few = image.quantize(palette=_palette(greys), dither=Images.Dither.NONE)
        few.save(buffer, "PNG", optimize=True)
        written = buffer.getvalue()
        if len(written) <= LARGEST_BYTES:
            break
    return written


def _palette(greys: int) -> Image:
    """Shades of grey, and the colours of the outlines alone and where they are blended with grey."""
    from PIL import Image as Images
    from PIL import ImageColor

    colours = [(level, level, level) for level in np.linspace(0, 255, greys).astype(int).tolist()]
    for name in (TRUE, FOUND, palette.VEIN_CONTOUR):
        pure = np.array(ImageColor.getrgb(name))
        for share in (1.0, 0.75, 0.5):
            blended = [share * pure + (1 - share) * under for under in (40, 110, 200)]
            colours.extend((int(r), int(g), int(b)) for r, g, b in blended)
    image = Images.new("P", (1, 1))
    image.putpalette([value for colour in colours for value in colour])
    return image
