"""Which vessels a leg has, and where they run.

The main artery and vein (sometimes doubled) from thigh to calf; three arteries of the calf with two veins
each; veins of the muscles; in the thigh the deep femoral vessels; small ones in the popliteal fossa; veins
under the skin. Sizes are those of adults: popliteal vein 6 to 9 mm, veins of calf and muscles 2 to 5 mm.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from deepvein.anatomy.veins import VeinSegment
from deepvein.laboratory.second_opinion.legs.anatomy import (
    ANTERIOR_TIBIAL,
    ARTERY,
    DEEP_FEMORAL,
    PERONEAL,
    POSTERIOR_TIBIAL,
    SAPHENOUS_AT,
    VEIN_AT,
    Table,
)
from deepvein.laboratory.second_opinion.legs.courses import Course, Courses, Reach, Vessel
from deepvein.laboratory.second_opinion.legs.curves import Float, along

_DOUBLED = 0.25
_SMALL_SAPHENOUS_INTO_POPLITEAL = 0.7


def vessels(draw: Courses) -> list[Vessel]:
    """All of one leg, the main artery and the main vein first."""
    division = float(draw.rng.uniform(-75, -48))
    artery, vein = _trunk(draw, division)
    out = [artery, vein]
    if draw.rng.random() < _DOUBLED:
        out.append(_double(draw, artery, vein))
    calf = _calf(draw, artery, vein, division) if draw.level.min() < division + 15 else []
    out += calf
    out += _gastrocnemius(draw, vein)
    if draw.level.min() < -100:
        out += _soleal(draw, [one for one in calf if _drains_soleus(one)])
    if draw.level.max() > 140:
        out += _thigh(draw)
    return out + _fossa(draw, artery) + _skin(draw, vein)


def _drains_soleus(vessel: Vessel) -> bool:
    return vessel.segment in {VeinSegment.POSTERIOR_TIBIAL, VeinSegment.PERONEAL}


def _beside(middle: Course, angle: float | Float, far: float | Float) -> Course:
    return middle[0] + np.cos(angle) * far, middle[1] + np.sin(angle) * far


def _trunk(draw: Courses, division: float) -> tuple[Vessel, Vessel]:
    """The femoral and popliteal artery, and the vein that winds round it."""
    rng, level = draw.rng, draw.level
    x, y = along(ARTERY, level)
    x, y = x + rng.normal(0, 2) + draw.wander(55, 2.8), y + draw.wander(55, 1.8)
    thick = rng.uniform(2.5, 3.4) * (1 + 0.0006 * level)
    wide = rng.uniform(3.0, 4.4) * (1 + 0.0005 * level)
    middle = draw.clear((x, y), thick + 2)
    angle = np.deg2rad(along(VEIN_AT, level)[0] + rng.normal(0, 22) + draw.wander(60, 14))
    between = np.clip(rng.uniform(0.6, 1.8) + draw.wander(40, 0.6), 0.2, 6)
    course = draw.clear(_beside(middle, angle, thick + wide + between), wide + 1)
    dx, dy = course[0] - middle[0], course[1] - middle[1]
    apart = np.hypot(dx, dy)
    # What pushed the vein out of a bone may have pushed it into its artery.
    away = np.maximum(1, (thick + 1.12 * wide + 0.3) / np.maximum(apart, 0.5))
    course = middle[0] + away * dx, middle[1] + away * dy
    artery = draw.vessel(middle, thick, Reach(low=division - 25, taper=20))
    reach = Reach(low=division - 12, taper=14)
    vein = draw.vessel(course, wide, reach, aspect=rng.uniform(1.05, 1.5))
    return (
        replace(artery, artery=True, sheath=2.0, wall=0.9),
        replace(vein, segment=VeinSegment.POPLITEAL, sheath=2.2, wall=0.5),
    )


def _double(draw: Courses, artery: Vessel, vein: Vessel) -> Vessel:
    """A second vein on another side of the artery, out of the first one and back into it."""
    rng = draw.rng
    low = rng.uniform(-20, 60) if draw.level.min() < 60 else rng.uniform(80, 200)
    high = low + rng.uniform(50, 140)
    dx, dy = (v - a for v, a in zip(vein.course, artery.course, strict=True))
    angle = np.arctan2(dy, dx) + rng.choice([-1, 1]) * rng.uniform(1.7, 2.6)
    radius = rng.uniform(1.7, 2.6)
    course = _beside(artery.course, angle, artery.radius + radius + 1)
    course = draw.into(course, vein, high, 20)
    course = draw.into(course, vein, low, 20, below=False)
    course = draw.clear(course, radius + 0.5)
    second = draw.vessel(course, radius, Reach(low, high))
    return replace(second, segment=VeinSegment.POPLITEAL, doubled=True, sheath=1.6)


def _calf(draw: Courses, artery: Vessel, vein: Vessel, division: float) -> list[Vessel]:
    """Three arteries, each between two veins that join the popliteal vein."""
    rng = draw.rng
    V = VeinSegment
    out: list[Vessel] = []
    trios: tuple[
        tuple[VeinSegment, Table, float, tuple[float, float], tuple[float, float]], ...
    ] = (
        (V.POSTERIOR_TIBIAL, POSTERIOR_TIBIAL, -6, (1.1, 1.6), (1.4, 2.3)),
        (V.PERONEAL, PERONEAL, -10, (1.0, 1.5), (1.5, 2.7)),
        (V.ANTERIOR_TIBIAL, ANTERIOR_TIBIAL, 4, (0.9, 1.3), (0.9, 1.4)),
    )
    for segment, table, above, artery_mm, vein_mm in trios:
        top = division + above
        thick, wide = rng.uniform(*artery_mm), rng.uniform(*vein_mm)
        low = -360.0 if segment is V.PERONEAL else -500.0
        x, y = along(table, draw.level)
        middle = draw.wandering((x + rng.normal(0, 1.2), y), 50, 2.0)
        middle = draw.clear(middle, thick + 1.6 * wide)
        fed = draw.vessel(draw.into(middle, artery, top + 8, 25), thick, Reach(low, top + 5))
        out.append(replace(fed, artery=True, sheath=1.2 if segment is V.ANTERIOR_TIBIAL else 2.0))
        angle = rng.normal(0.5, 0.5) + draw.wander(45, 0.45)
        for side in (0.0, np.pi):
            radius = wide * rng.uniform(0.65, 1.15)
            apart = thick + radius + np.clip(0.5 + draw.wander(35, 0.35), 0.1, 3)
            course = draw.clear(_beside(middle, angle + side, apart), radius + 0.3)
            joins = top + rng.uniform(-6, 10)
            course = draw.into(course, vein, joins, 26)
            drained = draw.vessel(course, radius, Reach(low, joins), aspect=1.15)
            out.append(replace(drained, segment=segment, sheath=0.9))
    return out


def _gastrocnemius(draw: Courses, vein: Vessel) -> list[Vessel]:
    """One or two veins of the medial head, up to two of the lateral one."""
    rng, level = draw.rng, draw.level
    sides = (-1,) * int(rng.integers(1, 3)) + (1,) * int(rng.integers(0, 3))
    out = []
    for side in sides:
        x, y = along(
            (
                (40, 8 * side, 46),
                (0, 15 * side, 44),
                (-40, (20 + rng.normal(0, 4)) * side, 42),
                (-100, (24 + rng.normal(0, 6)) * side, 42 + rng.normal(0, 4)),
                (-160, 24 * side, 42),
            ),
            level,
        )
        joins = rng.uniform(-22, 18)
        radius = rng.uniform(1.1, 2.1) * (1 + 0.002 * np.clip(level, -150, 0))
        course = draw.clear(draw.wandering((x, y), 35, 2.4), radius)
        course = draw.into(course, vein, joins, 30)
        reach = Reach(rng.uniform(-170, -80), joins, 25)
        drained = draw.vessel(course, radius, reach)
        out.append(replace(drained, segment=VeinSegment.GASTROCNEMIUS))
    return out


def _soleal(draw: Courses, parents: list[Vessel]) -> list[Vessel]:
    rng = draw.rng
    out = []
    for _ in range(int(rng.integers(2, 5))):
        joins = rng.uniform(-150, -95)
        low = joins - rng.uniform(60, 130)
        radius = rng.uniform(1.2, 2.4)
        x, y = along(
            (
                (joins, rng.uniform(-10, 16), rng.uniform(20, 26)),
                (joins - 40, rng.uniform(-18, 20), rng.uniform(22, 32)),
                (low, rng.uniform(-16, 16), rng.uniform(24, 32)),
            ),
            draw.level,
        )
        course = draw.clear(draw.wandering((x, y), 30, 1.9), radius)
        course = draw.into(course, parents[int(rng.integers(len(parents)))], joins, 28)
        drained = draw.vessel(course, radius, Reach(low, joins, 30))
        out.append(replace(drained, segment=VeinSegment.SOLEAL))
    return out


def _thigh(draw: Courses) -> list[Vessel]:
    """The deep femoral vein and artery, and perforators."""
    rng, level = draw.rng, draw.level
    x, y = along(DEEP_FEMORAL, level)
    course = draw.clear(draw.wandering((x, y), 45, 2.5), 3.0)
    low = rng.uniform(150, 230)
    radius = rng.uniform(1.6, 2.6) * (1 + 0.002 * (level - 300))
    vein = draw.vessel(course, radius, Reach(low, taper=50))
    beside = draw.wandering((course[0] + 4, course[1] + 1), 45, 1)
    artery = draw.vessel(draw.clear(beside, 2.0), 0.75 * radius, Reach(low + 10, taper=50))
    out = [
        replace(vein, segment=VeinSegment.DEEP_FEMORAL, sheath=1.5),
        replace(artery, artery=True),
    ]
    for _ in range(int(rng.integers(1, 4))):
        low = rng.uniform(100, 350)
        reach = Reach(low, low + rng.uniform(50, 110), 25)
        start = np.zeros_like(level)
        start_x, start_y = start + rng.uniform(-25, 35), start + rng.uniform(15, 45)
        course = draw.clear(draw.wandering((start_x, start_y), 45, 6.5), 2.0)
        out.append(draw.vessel(course, rng.uniform(0.9, 1.7), reach))
        if rng.random() < 0.6:
            beside = course[0] + 2.6, course[1] + draw.wander(45, 0.8)
            perforator = draw.vessel(beside, rng.uniform(0.7, 1.1), replace(reach, taper=20))
            out.append(replace(perforator, artery=True))
    return out


def _fossa(draw: Courses, artery: Vessel) -> list[Vessel]:
    """Small arteries and veins beside the main ones."""
    rng = draw.rng
    out = []
    for _ in range(int(rng.integers(1, 5))):
        low = rng.uniform(-120, 90)
        aside = rng.choice([-1, 1]) * rng.uniform(5, 18)
        start = artery.course[0] + aside, artery.course[1] + rng.uniform(0, 8)
        course = draw.clear(draw.wandering(start, 30, 4.5), 1.2)
        reach = Reach(low, low + rng.uniform(30, 70), 20)
        one = draw.vessel(course, rng.uniform(0.7, 1.2), reach)
        out.append(replace(one, artery=bool(rng.random() < 0.5)))
    return out


def _skin(draw: Courses, vein: Vessel) -> list[Vessel]:
    """Both saphenous veins and nameless ones."""
    rng, level = draw.rng, draw.level
    turn = np.deg2rad(along(SAPHENOUS_AT, level)[0] + rng.normal(0, 10) + draw.wander(70, 5))
    depth = np.clip(0.3 + draw.wander(60, 0.08), 0.12, 0.7)
    great = draw.vessel(draw.under_skin(turn, depth), rng.uniform(1.3, 2.5), aspect=1.2)
    turn = np.deg2rad(90 + rng.normal(0, 7) + draw.wander(60, 6))
    course = draw.under_skin(turn, np.clip(0.1 + draw.wander(60, 0.06), -0.15, 0.4))
    if rng.random() < _SMALL_SAPHENOUS_INTO_POPLITEAL:
        ends = rng.uniform(5, 55)
        course = draw.into(course, vein, ends, 28)
    else:
        ends = rng.uniform(60, 200)
    small = draw.vessel(course, rng.uniform(1.0, 2.0), Reach(high=ends))
    out = [
        replace(great, segment=VeinSegment.GREAT_SAPHENOUS),
        replace(small, segment=VeinSegment.SMALL_SAPHENOUS),
    ]
    for _ in range(int(rng.integers(3, 8))):
        turn = rng.uniform(0, 2 * np.pi) + draw.wander(60, 0.28)
        low = rng.uniform(level.min() - 60, level.max() - 20)
        reach = Reach(low, low + rng.uniform(50, 200), 20)
        depth = np.clip(rng.uniform(0.25, 0.6) + draw.wander(30, 0.12), 0.1, 0.85)
        out.append(draw.vessel(draw.under_skin(turn, depth), rng.uniform(0.6, 1.3), reach))
    return out
