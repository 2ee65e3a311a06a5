"""Random changes of examples: drawn here on the CPU, applied in batches where the batch lies.

A Draw holds all numbers of one example, so that a change can be written down and replayed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepvein.core.seeds import generator as generator_of
from deepvein.examples.settings import AugmentationSettings

_PIECES = 8
"""Of the tone curve: 75 HU each where an example spans the window of -200 to 400 HU."""

Float = NDArray[np.float64]


@dataclass(frozen=True)
class Draw:
    """The change of one example; the defaults change nothing.

    rotation_deg: in the plane, positive from rows towards columns. tilt_deg: about the row and column
    axes, for 3D crops alone. scale: above 1 magnifies. shift: of the content, as a fraction of rows and
    columns. resolution: factor by which detail is coarsened. noise_seed: of the noise field and
    of the smooth displacement. bend_px: SD of that displacement. tone: heights (0..1) of the tone curve at
    equal steps of the example's range, or empty.
    """

    rotation_deg: float = 0.0
    tilt_deg: tuple[float, float] = (0.0, 0.0)
    scale: float = 1.0
    shift: tuple[float, float] = (0.0, 0.0)
    mirror_rows: bool = False
    mirror_columns: bool = False
    gain: float = 1.0
    offset: float = 0.0
    gamma: float = 1.0
    noise: float = 0.0
    noise_seed: int = 0
    blur_px: float = 0.0
    resolution: float = 1.0
    bend_px: float = 0.0
    tone: tuple[float, ...] = ()

    @property
    def moves(self) -> bool:
        """True if the change is more than one of intensity."""
        still = Draw()
        turned = ("rotation_deg", "tilt_deg", "scale", "mirror_rows", "mirror_columns")
        names = (*turned, "shift", "bend_px")
        return any(getattr(self, name) != getattr(still, name) for name in names)


def draw(
    settings: AugmentationSettings, generator: np.random.Generator, tilt_deg: float = 0.0
) -> Draw:
    """One random change; a setting that is switched on later does not disturb the other numbers."""
    signs = generator.uniform(-1.0, 1.0, 6).tolist()
    chances = generator.uniform(size=9).tolist()
    amounts = generator.uniform(-1.0, 1.0, 6).tolist()
    seed = int(generator.integers(2**62))
    on = [chance < settings.intensity for chance in chances[2:8]]
    moved = chances[8] < settings.geometry
    more = generator_of(seed, "bend and tone")
    bend = settings.bend_px * float(more.uniform()) * moved
    curve = more.uniform() < settings.intensity and settings.tone > 0
    return Draw(
        rotation_deg=settings.rotation_deg * signs[0] * moved,
        tilt_deg=(tilt_deg * signs[4] * moved, tilt_deg * signs[5] * moved),
        scale=1 + settings.scale * signs[1] * moved,
        shift=(settings.shift * signs[2] * moved, settings.shift * signs[3] * moved),
        mirror_rows=chances[0] < settings.mirror_rows,
        mirror_columns=chances[1] < settings.mirror_columns,
        gain=1 + settings.gain * amounts[0] * on[0],
        offset=settings.offset * amounts[1] * on[1],
        gamma=(1 + settings.gamma) ** (amounts[2] * on[2]),
        noise=settings.noise * abs(amounts[3]) * on[3],
        noise_seed=seed,
        blur_px=settings.blur_px * abs(amounts[4]) * on[4],
        resolution=1 + (settings.low_resolution - 1) * abs(amounts[5]) * on[5],
        bend_px=bend,
        tone=_tone(settings.tone, more) if curve else (),
    )


def _tone(tone: float, generator: np.random.Generator) -> tuple[float, ...]:
    slopes = (1 + tone) ** generator.uniform(-1.0, 1.0, _PIECES)
    heights = np.concatenate([[0.0], np.cumsum(slopes) / slopes.sum()])
    return tuple(heights.tolist())


def variants(settings: AugmentationSettings) -> tuple[Draw, ...]:
    """The enumerated changes of `settings.fixed`, or none."""
    if settings.fixed is None:
        return ()
    return tuple(
        Draw(rotation_deg=rotation, scale=scale, mirror_columns=mirror)
        for rotation, scale, mirror in settings.fixed.combinations
    )


def plane_matrix(change: Draw) -> Float:
    """2x2: offset from the centre of the changed image (row, column) to that in the original."""
    angle = math.radians(change.rotation_deg)
    cosine, sine = math.cos(angle), math.sin(angle)
    turn = np.array([[cosine, sine], [-sine, cosine]])
    flip = np.diag([-1.0 if change.mirror_rows else 1.0, -1.0 if change.mirror_columns else 1.0])
    matrix: Float = flip @ turn / change.scale
    return matrix


def space_matrix(change: Draw) -> Float:
    """3x3 on offsets (slice, row, column): the plane's matrix after tilts about the two in-plane axes."""
    matrix = np.eye(3) / change.scale
    matrix[1:, 1:] = plane_matrix(change)
    about_row, about_column = (math.radians(angle) for angle in change.tilt_deg)
    c, s = math.cos(about_row), math.sin(about_row)
    tilt_row = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
    c, s = math.cos(about_column), math.sin(about_column)
    tilt_column = np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]])
    tilted: Float = matrix @ tilt_row @ tilt_column
    return tilted
