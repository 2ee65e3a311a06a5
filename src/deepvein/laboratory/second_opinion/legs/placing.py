"""Legs beside each other, as they lie in the scanner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.veins import Side, VeinSegment, encode
from deepvein.laboratory.second_opinion.legs.canvas import Frame
from deepvein.laboratory.second_opinion.legs.curves import Float, Single
from deepvein.laboratory.second_opinion.legs.leg import Leg

_ROOM_MM = 22.0
"""Of air beside the legs."""


@dataclass(frozen=True)
class Bed:
    """spacing_mm: of the study, (slice, row, column). together: how many slices of a leg make one of
    it. columns: at least, and a multiple of `step`. square: as many rows, or else no more than the legs
    need."""

    spacing_mm: tuple[float, float, float]
    together: int
    columns: int
    square: bool
    air: float
    step: int = 16


@dataclass(frozen=True, eq=False)
class Scene:
    """value, veins (encoded segments), thrombi: (slices, rows, columns). x, y: of columns and rows, LPS mm.
    back_mm: the y at which the legs end."""

    value: Single
    veins: NDArray[np.uint8]
    thrombi: NDArray[np.uint8]
    x: Float
    y: Float
    back_mm: float


def place(rng: np.random.Generator, legs: Mapping[Side, Leg], frame: Frame, bed: Bed) -> Scene:
    """Both legs, or the one there is, each turned outwards and a little aslant."""
    scale, (_, dy, dx) = frame.scale, bed.spacing_mm
    across = [scale * frame.x[one.body.any(axis=(0, 1))] for one in legs.values()]
    deep = [scale * frame.y[one.body.any(axis=(0, 2))] for one in legs.values()]
    back, front = max(y.max() for y in deep), min(y.min() for y in deep)
    outer, inner = max(x.max() for x in across), max(-x.min() for x in across)
    aside = inner + rng.uniform(2, 14) if len(legs) > 1 else 0.0
    width = 2 * (aside + max(outer, inner if len(legs) == 1 else 0.0) + _ROOM_MM)
    columns = max(bed.columns, int(np.ceil(width / dx / bed.step)) * bed.step)
    x: Float = dx * (np.arange(columns, dtype=np.float64) - (columns - 1) / 2)
    if bed.square:
        middle = (back + front) / 2 + rng.uniform(-10, 10)
        y = dy * (np.arange(columns) - columns / 2) + middle
    else:
        y = np.arange(front - 8, back + 8, dy)
    shape = (len(frame.level) // bed.together, len(y), len(x))
    scene = Scene(
        value=np.full(shape, bed.air, np.float32),
        veins=np.zeros(shape, np.uint8),
        thrombi=np.zeros(shape, np.uint8),
        x=x,
        y=y,
        back_mm=float(back),
    )
    for side, one in legs.items():
        outwards = -1.0 if side is Side.RIGHT else 1.0
        _lay(rng, scene, _thick(one, bed.together), frame, side, outwards * aside)
    return scene


def _thick(one: Leg, together: int) -> tuple[Single, NDArray[np.uint8], NDArray[np.bool_]]:
    """Value, veins and thrombi in slices that are means of several."""
    if together == 1:
        return one.value, one.veins, one.thrombi
    shape = (-1, together, *one.value.shape[1:])
    value = one.value.reshape(shape).mean(axis=1)
    # Below 0 unsigned numbers start from 255: of several labels the smallest, deep before superficial.
    veins = (one.veins.reshape(shape) - np.uint8(1)).min(axis=1) + np.uint8(1)
    thrombi: NDArray[np.bool_] = np.any(one.thrombi.reshape(shape), axis=1)
    return value, veins, thrombi


def _lay(
    rng: np.random.Generator,
    scene: Scene,
    drawn: tuple[Single, NDArray[np.uint8], NDArray[np.bool_]],
    frame: Frame,
    side: Side,
    middle: float,
) -> None:
    """One leg into the scene; on the right it is mirrored."""
    from scipy.ndimage import map_coordinates

    value, veins, thrombi = drawn
    outwards = -1.0 if side is Side.RIGHT else 1.0
    named = np.array([0, *(encode(segment, side) for segment in VeinSegment)], dtype=np.uint8)
    turn = outwards * np.deg2rad(rng.normal(8, 6))
    slices, (_, row_mm, column_mm) = len(value), frame.spacing_mm
    shift_x = np.linspace(0, rng.normal(0, 5), slices)
    shift_y = np.linspace(0, rng.normal(0, 5), slices)
    x, y = np.meshgrid(scene.x - middle, scene.y)
    u = outwards * (np.cos(turn) * x + np.sin(turn) * y)
    v = np.cos(turn) * y - np.sin(turn) * x
    for number in range(slices):
        column = (u - outwards * shift_x[number] - frame.scale * frame.x[0]) / column_mm
        row = (v - shift_y[number] - frame.scale * frame.y[0]) / row_mm
        inside = (column > 0) & (column < len(frame.x) - 1)
        inside &= (row > 0) & (row < len(frame.y) - 1)
        places = row[inside], column[inside]
        nearest = tuple(np.rint(axis).astype(np.int64) for axis in places)
        read = map_coordinates(value[number], places, order=1)
        scene.value[number][inside] = np.maximum(scene.value[number][inside], read)
        label = named[veins[number][nearest]]
        scene.veins[number][inside] = np.maximum(scene.veins[number][inside], label)
        scene.thrombi[number][inside] |= thrombi[number][nearest].astype(np.uint8)
