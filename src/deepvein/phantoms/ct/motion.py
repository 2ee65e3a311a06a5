"""Patients who move during the scan: a few slices displaced and doubled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from deepvein.phantoms.shapes import draw
from deepvein.phantoms.shapes.tube import Pixels32


@dataclass(frozen=True)
class Twitch:
    """One movement: out over half of `length_mm` of table travel around z_mm, and back.

    x_mm, y_mm: how far the legs move; they stay still before and after.
    """

    z_mm: float
    length_mm: float
    x_mm: float
    y_mm: float


@dataclass(frozen=True)
class Motion:
    """All movements during a scan."""

    twitches: tuple[Twitch, ...] = ()

    def shift_mm(self, z_mm: float) -> tuple[float, float]:
        """Where the patient lies, x and y, while the slice at z_mm is scanned."""
        x = y = 0.0
        for twitch in self.twitches:
            part = max(0.0, 1.0 - abs(z_mm - twitch.z_mm) / (0.5 * twitch.length_mm))
            smooth = part * part * (3 - 2 * part)
            x, y = x + smooth * twitch.x_mm, y + smooth * twitch.y_mm
        return round(x, 4), round(y, 4)

    def smear_mm(self, z_mm: float, travel_mm: float) -> tuple[float, float]:
        """How far the patient moves while the table travels `travel_mm` around z_mm."""
        (x0, y0), (x1, y1) = (self.shift_mm(z_mm + k * travel_mm / 2) for k in (-1, 1))
        return x1 - x0, y1 - y0


def sample_motion(rng: np.random.Generator, low_mm: float, high_mm: float) -> Motion:
    """One to three twitches of 1 to 6 mm over 8 to 40 mm of the scanned range (M)."""
    count = draw.choose(rng, (1, 2, 3), (0.6, 0.3, 0.1))
    return Motion(
        tuple(
            Twitch(
                z_mm=draw.uniform(rng, low_mm, high_mm),
                length_mm=draw.uniform(rng, 8.0, 40.0),
                x_mm=draw.normal(rng, 0.0, 2.5, -6.0, 6.0),
                y_mm=draw.normal(rng, 0.0, 1.5, -4.0, 4.0),
            )
            for _ in range(count)
        )
    )


def doubled(value: Pixels32, rows: int, columns: int) -> Pixels32:
    """A slice seen in two places: 60 % where it is, 40 % moved by whole rows and columns."""
    if rows == columns == 0:
        return value
    height, width = value.shape
    out = value.copy()
    to_y, from_y = _overlap(rows, height)
    to_x, from_x = _overlap(columns, width)
    out[to_y, to_x] += np.float32(0.4) * (value[from_y, from_x] - value[to_y, to_x])
    return out


def _overlap(step: int, size: int) -> tuple[slice, slice]:
    return (
        (slice(step, size), slice(0, size - step))
        if step >= 0
        else (
            slice(0, size + step),
            slice(-step, size),
        )
    )
