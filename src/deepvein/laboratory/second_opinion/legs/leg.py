"""One leg: tissues, then vessels with their sheaths, then the thrombus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.veins import VeinSegment
from deepvein.laboratory.second_opinion.legs.canvas import Canvas, Frame, Tube
from deepvein.laboratory.second_opinion.legs.courses import HIATUS, Courses, Vessel
from deepvein.laboratory.second_opinion.legs.curves import Single
from deepvein.laboratory.second_opinion.legs.shapes import shapes
from deepvein.laboratory.second_opinion.legs.subject import Palette, Subject
from deepvein.laboratory.second_opinion.legs.thrombus import Thrombus, thrombus
from deepvein.laboratory.second_opinion.legs.tissues import paint_tissues
from deepvein.laboratory.second_opinion.legs.vessels import vessels

_OEDEMA_MM = 3.5


@dataclass(frozen=True)
class Illness:
    """Which veins a thrombus should lie in, and its age."""

    segments: tuple[VeinSegment, ...]
    acute: bool


@dataclass(frozen=True, eq=False)
class Leg:
    """value: as painted. veins: uint8 values of VeinSegment. thrombi, body: bool. All (slices, rows,
    columns)."""

    value: Single
    veins: NDArray[np.uint8]
    thrombi: NDArray[np.bool_]
    body: NDArray[np.bool_]
    thrombus: Thrombus | None


def leg(
    rng: np.random.Generator,
    frame: Frame,
    person: Subject,
    colours: Palette,
    illness: Illness | None,
) -> Leg:
    """A leg of a person, with a thrombus or without."""
    canvas = Canvas(frame, np.full(frame.shape, colours.air, np.float32))
    form = shapes(rng, frame, person)
    paint_tissues(rng, canvas, form, person, colours)
    draw = Courses(rng, frame, form)
    drawn = vessels(draw)
    clot = None
    if illness is not None:
        clot = thrombus(rng, frame, drawn, illness.segments, illness.acute)
    if clot is not None:
        drawn[clot.number] = clot.vein
    for one in drawn:
        if one.sheath:
            around = one.sheath * (1 + 0.3 * draw.wander(30, 1))
            canvas.fill(one.tube.wider(around), colours.fat + 6 * colours.unit)
    _nerves(draw, canvas, colours, drawn)
    if clot is not None:
        _swell(canvas, clot, colours)
    for one in drawn:
        _vessel(draw, canvas, one, person, colours)
    veins = _labels(canvas, drawn)
    thrombi = np.zeros(frame.shape, dtype=bool)
    if clot is not None:
        base = colours.acute if clot.acute else colours.chronic
        uneven = rng.normal(0, 3) + draw.wander(12, 2.5)
        canvas.fill(clot.tube, base + colours.unit * uneven)
        thrombi = canvas.inside(clot.tube) & (veins > 0)
    return Leg(canvas.value, veins, thrombi, form.skin < 0, clot)


def _labels(canvas: Canvas, drawn: Sequence[Vessel]) -> NDArray[np.uint8]:
    """Where two veins meet, the one that was drawn first, which is the larger one."""
    out = np.zeros(canvas.frame.shape, np.uint8)
    for one in drawn:
        if one.segment is None:
            continue
        named = np.full(len(out), one.segment, np.uint8)
        if one.segment is VeinSegment.POPLITEAL:
            named[canvas.frame.level > HIATUS] = VeinSegment.FEMORAL
        free = canvas.inside(one.tube) & (out == 0)
        out = np.where(free, named[:, None, None], out)
    return out


def _vessel(draw: Courses, canvas: Canvas, one: Vessel, person: Subject, colours: Palette) -> None:
    """Wall and blood. That of veins is mixed less well, that of small ones least."""
    if one.wall:
        canvas.fill(one.tube.wider(one.wall), colours.wall)
    rng = draw.rng
    if one.artery:
        along = person.artery * (1 + draw.wander(60, 0.02))
        blood = along + colours.unit * rng.normal(0, 3)
    else:
        along = person.vein * (1 + draw.wander(60, person.mixing))
        blood = along + colours.unit * rng.normal(0, 5 if one.sheath else 9)
    canvas.fill(one.tube, blood)
    if one.artery and one.sheath and rng.random() < person.plaques:
        _plaques(rng, canvas, one, colours)


def _plaques(rng: np.random.Generator, canvas: Canvas, one: Vessel, colours: Palette) -> None:
    for _ in range(int(rng.integers(1, 8))):
        first = int(rng.integers(len(one.radius)))
        radius = np.zeros(len(one.radius))
        radius[first : first + int(rng.integers(1, 4))] = rng.uniform(0.5, 1.1)
        radius[one.radius < 0.5] = 0
        angle = rng.uniform(0, 2 * np.pi)
        x = one.course[0] + np.cos(angle) * one.radius
        y = one.course[1] + np.sin(angle) * one.radius
        canvas.fill(Tube(x, y, radius, radius, np.zeros(len(radius))), colours.plaque)


def _nerves(draw: Courses, canvas: Canvas, colours: Palette, drawn: Sequence[Vessel]) -> None:
    """The tibial and the common peroneal nerve behind the vessels; higher up both in one."""
    rng, level = draw.rng, draw.level
    turn = draw.wander(40, 0.5)
    if level.min() >= 160:
        course = draw.clear(draw.wandering((0 * level + 6, 0 * level + 30), 45, 2), 3.0)
        thick = np.full(len(level), rng.uniform(2.5, 3.5))
        canvas.fill(Tube(*course, 1.5 * thick, 0.75 * thick, turn), colours.nerve)
        return
    artery, vein = drawn[0], drawn[1]
    dx, dy = (v - a for v, a in zip(vein.course, artery.course, strict=True))
    apart = np.maximum(np.hypot(dx, dy), 0.5)
    x = vein.course[0] + 6 * dx / apart + draw.wander(45, 1.5)
    y = vein.course[1] + (vein.radius + 3) * dy / apart
    thick = np.where((level < 170) & (level > -70), rng.uniform(1.8, 2.8), 0.0)
    tibial = draw.clear((x, y), 2.5)
    canvas.fill(Tube(*tibial, 1.2 * thick, 0.8 * thick, turn), colours.nerve)
    outwards = np.interp(level, [-20, 90, 150], [24, 8, 3])
    forwards = np.interp(level, [-20, 60], [8, 0])
    peroneal = draw.clear((x + outwards, y - forwards), 2.0)
    thick = np.where(level > -15, 0.7 * thick, 0.0)
    canvas.fill(Tube(*peroneal, 1.3 * thick, 0.7 * thick, turn), colours.nerve)


def _swell(canvas: Canvas, clot: Thrombus, colours: Palette) -> None:
    """Oedema in the fat round a thrombus, not in muscles."""
    if clot.oedema == 0:
        return
    before = canvas.value.copy()
    vein = clot.vein
    radius = np.where(clot.there > 0.2, vein.radius + _OEDEMA_MM, 0.0)
    canvas.fill(Tube(*vein.course, radius, radius, vein.turn), colours.oedema)
    fat = before < 0.5 * (colours.fat + colours.muscle)
    change = np.where(fat, clot.oedema * (canvas.value - before), 0)
    canvas.value[...] = before + change
