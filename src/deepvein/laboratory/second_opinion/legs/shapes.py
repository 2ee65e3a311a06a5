"""A leg's outlines: skin, fascia, bones, and the cells that the space between them falls into.

Distances are signed, below 0 inside, in the millimetres of the tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepvein.laboratory.second_opinion.legs.anatomy import (
    BONES,
    CELLS,
    FASCIA,
    FAT,
    Bone,
    Table,
)
from deepvein.laboratory.second_opinion.legs.canvas import Frame
from deepvein.laboratory.second_opinion.legs.curves import Float, Single, along, mottle, wander
from deepvein.laboratory.second_opinion.legs.subject import Subject

ANGLES = 360
"""Directions that outlines are known in, from -180 degrees on."""

_FAR = np.float32(50.0)


@dataclass(frozen=True, eq=False)
class Shapes:
    """skin, fascia, bone (all of them) and bones: distances. cell: the number, in CELLS, of the cell a
    pixel lies in; gap: how far it is from the next one. fascia_at, fat_at: (slices, ANGLES) distance of
    the fascia from the axis and depth of the fat on it. bend: how far x and y of a place are off the
    tables'."""

    skin: Single
    fascia: Single
    bone: Single
    bones: Mapping[str, Single]
    cell: NDArray[np.uint8]
    gap: Single
    fascia_at: Single
    fat_at: Single
    bend: tuple[Single, Single]


def shapes(rng: np.random.Generator, frame: Frame, person: Subject) -> Shapes:
    """Those of one leg of a person."""
    x = frame.x.astype(np.float32)[None, None, :]
    y = frame.y.astype(np.float32)[None, :, None]
    bend = (
        person.bend * mottle(rng, frame.shape, frame.spacing_mm, (60, 38, 38)),
        person.bend * mottle(rng, frame.shape, frame.spacing_mm, (60, 38, 38)),
    )
    fascia_at = _outline(rng, frame, FASCIA, 0.035, 5)
    fat_at = _outline(rng, frame, FAT, 0.12, 6) * np.float32(person.fat)
    bent_x, bent_y = x + 0.8 * bend[0], y + 0.8 * bend[1]
    angle, far = np.arctan2(bent_y, bent_x), np.hypot(bent_x, bent_y)
    fascia = far - _around(fascia_at, angle)
    bones = _bones(rng, frame, person, x + 0.35 * bend[0], y + 0.35 * bend[1])
    cell, gap = _cells(rng, frame, x + bend[0], y + bend[1])
    return Shapes(
        skin=fascia - _around(fat_at, angle),
        fascia=fascia,
        bone=np.minimum.reduce([np.full(frame.shape, _FAR), *bones.values()]),
        bones=bones,
        cell=cell,
        gap=gap,
        fascia_at=fascia_at,
        fat_at=fat_at,
        bend=bend,
    )


def _outline(
    rng: np.random.Generator, frame: Frame, table: Table, rough: float, waves: int
) -> Single:
    """(slices, ANGLES) the table's four directions joined smoothly, and uneven by `rough` times a few
    waves."""
    from scipy.interpolate import CubicSpline

    angle = np.linspace(-np.pi, np.pi, ANGLES, endpoint=False)
    front, outside, back, inside = along(table, frame.level)
    known = np.stack([inside, front, outside, back, inside])
    smooth = CubicSpline(np.linspace(-np.pi, np.pi, 5), known, bc_type="periodic")(angle).T
    uneven = np.zeros_like(smooth)
    for wave in range(2, waves + 2):
        for around in (np.cos(wave * angle), np.sin(wave * angle)):
            uneven += wander(rng, frame.level, 70, wave**-0.7)[:, None] * around
    out: Single = (smooth * np.clip(1 + rough * uneven, 0.25, 2.4)).astype(np.float32)
    return out


def _around(outline: Single, angle: Single) -> Single:
    """An outline read at the angle of each pixel."""
    place = (angle + np.float32(np.pi)) * np.float32(ANGLES / (2 * np.pi))
    before = np.floor(place).astype(np.int32)
    part = place - before
    number = np.arange(len(outline))[:, None, None]
    out: Single = outline[number, before % ANGLES] * (1 - part)
    out += outline[number, (before + 1) % ANGLES] * part
    return out


def _bones(
    rng: np.random.Generator, frame: Frame, person: Subject, x: Single, y: Single
) -> dict[str, Single]:
    x = x + 0.9 * mottle(rng, frame.shape, frame.spacing_mm, (50, 25, 25))
    y = y + 0.9 * mottle(rng, frame.shape, frame.spacing_mm, (50, 25, 25))
    drawn = {name: _bone(rng, frame, person, bone, (x, y)) for name, bone in BONES.items()}
    return {name: distance for name, distance in drawn.items() if distance is not None}


def _bone(
    rng: np.random.Generator,
    frame: Frame,
    person: Subject,
    bone: Bone,
    place: tuple[Single, Single],
) -> Single | None:
    whole: Single | None = None
    for part in bone.parts:
        cx, cy, rx, ry = along(part, frame.level)
        rx = rx * person.bones * (1 + wander(rng, frame.level, 60, 0.035))
        ry = ry * person.bones * (1 + wander(rng, frame.level, 60, 0.03))
        there = (rx > 0.5) & (ry > 0.5)
        if not there.any():
            continue
        rx, ry = np.maximum(rx, 0.6), np.maximum(ry, 0.6)
        u = (place[0] - _column(cx)) / _column(rx)
        v = (place[1] - _column(cy)) / _column(ry)
        distance: Single = (np.hypot(u, v) - 1) * _column(np.minimum(rx, ry))
        distance[~there] = _FAR
        whole = distance if whole is None else _melted(whole, distance, bone.merge)
    return whole


def _melted(one: Single, other: Single, over_mm: float) -> Single:
    """The union, its inner edge filled up."""
    mix = np.clip(0.5 + 0.5 * (other - one) / over_mm, 0, 1)
    out: Single = other * (1 - mix) + one * mix - over_mm * mix * (1 - mix)
    return out


def _cells(
    rng: np.random.Generator, frame: Frame, x: Single, y: Single
) -> tuple[NDArray[np.uint8], Single]:
    """The nearest cell of each pixel, and half of what the second nearest is farther away."""
    x = x + 2.1 * mottle(rng, frame.shape, frame.spacing_mm, (30, 12, 12))
    y = y + 2.1 * mottle(rng, frame.shape, frame.spacing_mm, (30, 12, 12))
    first = np.full(frame.shape, 1e9, np.float32)
    second = first.copy()
    nearest = np.zeros(frame.shape, np.uint8)
    for number, cell in enumerate(CELLS.values()):
        cx, cy, reach = along(cell.way, frame.level)
        cx = cx + wander(rng, frame.level, 90, 1.5)
        cy = cy + wander(rng, frame.level, 90, 1.5)
        reach = reach * rng.normal(1, 0.08)
        there = reach > -25
        if not there.any():
            continue
        distance = np.hypot(x[there] - _column(cx[there]), y[there] - _column(cy[there]))
        distance -= 0.75 * _column(reach[there])
        best = first[there]
        nearer = distance < best
        second[there] = np.where(nearer, best, np.minimum(second[there], distance))
        first[there] = np.where(nearer, distance, best)
        nearest[there] = np.where(nearer, np.uint8(number), nearest[there])
    return nearest, 0.5 * (second - first)


def _column(curve: Float) -> Single:
    """Along the slices, against pixels."""
    return curve.astype(np.float32)[:, None, None]
