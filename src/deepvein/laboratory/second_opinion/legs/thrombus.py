"""One thrombus in one vein: what it does to the vein, and how it fills it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from deepvein.anatomy.veins import VeinSegment
from deepvein.laboratory.second_opinion.legs.canvas import Frame, Tube
from deepvein.laboratory.second_opinion.legs.courses import HIATUS, Vessel
from deepvein.laboratory.second_opinion.legs.curves import Float, wander

LENGTHS_MM = (15.0, 80.0)
"""Along the leg, of most; longer where the vein is so thin that the thrombus would be smaller than
VOLUME_ML, shorter in short veins."""

VOLUME_ML = (0.2, 2.4)
"""Aimed at; from the vein's usual radius."""

SHORT = 0.2
_SHORT_MM = 30.0
_LEAST_RADIUS_MM = 1.25
_LEAST_VEIN_MM = 18.0
_MAIN_VEIN = 4.0
"""How much likelier than any other vein of the same segments."""

_OCCLUSIVE = 0.6
_OEDEMA = 0.55


@dataclass(frozen=True, eq=False)
class Thrombus:
    """vein: as the thrombus makes it, wider if acute and narrower if chronic; number: its place among the
    vessels. tube: the thrombus. there: (slices,) 0 to 1, how much of it. segment: where its middle lies.
    oedema: how much of the fat round it is swollen."""

    number: int
    vein: Vessel
    tube: Tube
    there: Float
    segment: VeinSegment
    acute: bool
    occlusive: bool
    length_mm: float
    oedema: float


def thrombus(
    rng: np.random.Generator,
    frame: Frame,
    vessels: Sequence[Vessel],
    segments: Collection[VeinSegment],
    acute: bool,
    short: float = SHORT,
) -> Thrombus | None:
    """In a vein of `segments` that is wide and long enough, or else in another deep vein, or at last in
    a thin one; None where all are too short. short: the share of those below 30 mm."""
    deep = {segment for segment in VeinSegment if segment.is_deep}
    for wanted, least_mm in ((segments, _LEAST_RADIUS_MM), (deep, _LEAST_RADIUS_MM), (deep, 0.0)):
        chosen = _spans(frame, vessels, wanted, least_mm)
        if chosen:
            break
    else:
        return None
    main = [vessels[n].segment is VeinSegment.POPLITEAL and not vessels[n].doubled for n in chosen]
    weight = np.where(main, _MAIN_VEIN, 1.0)
    number = int(rng.choice(list(chosen), p=weight / weight.sum()))
    low, high = chosen[number]
    length = _length(rng, frame, vessels[number], acute, high - low, short)
    # The length may be all there is, but for a rounding.
    start = rng.uniform(low, max(low, high - length))
    there = _along(rng, (frame.level - start) / length)
    middle = start + length / 2
    segment = vessels[number].segment or VeinSegment.POPLITEAL
    if segment is VeinSegment.POPLITEAL and middle > HIATUS:
        segment = VeinSegment.FEMORAL
    occlusive = bool(acute and rng.random() < _OCCLUSIVE)
    vein, tube = _lodged(rng, frame, vessels[number], there, (acute, occlusive))
    return Thrombus(
        number=number,
        vein=vein,
        tube=tube,
        there=there,
        segment=segment,
        acute=acute,
        occlusive=occlusive,
        length_mm=length * _stretch(frame),
        oedema=float(rng.uniform(0.2, 0.6)) if acute and rng.random() < _OEDEMA else 0.0,
    )


def _spans(
    frame: Frame, vessels: Sequence[Vessel], segments: Collection[VeinSegment], least_mm: float
) -> dict[int, tuple[float, float]]:
    """The levels between which veins have most of their width, but for the ends, by the vein's number."""
    out = {}
    for number, vein in enumerate(vessels):
        widest = float(vein.radius.max())
        if vein.segment not in segments or widest <= least_mm:
            continue
        level = frame.level[vein.radius > 0.75 * widest]
        low, high = float(level.min()), float(level.max())
        if high - low > _LEAST_VEIN_MM:
            margin = min(8.0, 0.1 * (high - low))
            out[number] = (low + margin, high - margin)
    return out


def _stretch(frame: Frame) -> float:
    """True millimetres of each of the tables', along the leg."""
    if len(frame.level) < 2:
        return 1.0
    return frame.spacing_mm[0] / float(abs(frame.level[1] - frame.level[0]))


def _length(
    rng: np.random.Generator, frame: Frame, vein: Vessel, acute: bool, room: float, likely: float
) -> float:
    """In the tables' millimetres."""
    short = rng.random() < likely
    lengths = (LENGTHS_MM[0], _SHORT_MM) if short else (_SHORT_MM, LENGTHS_MM[1])
    radius = float(np.median(vein.radius[vein.radius > 0])) * frame.scale
    # Veins are oval, and acute thrombi widen them; of a chronic one less than half the section is left.
    area = np.pi * radius**2 * 1.25 * (1.35 if acute else 0.42)
    least, most = (1000 * ml / area for ml in VOLUME_ML)
    return float(min(np.clip(rng.uniform(*lengths), 1.1 * least, most) / _stretch(frame), room))


def _along(rng: np.random.Generator, place: Float) -> Float:
    """1 between the ends of a thrombus, at 0 and 1 of `place`, which are round."""
    first, last = rng.uniform(0.12, 0.25, 2)
    near = np.minimum(np.clip(place / first, 0, 1), np.clip((1 - place) / last, 0, 1))
    out: Float = np.sqrt(np.clip(1 - (1 - near) ** 2, 0, 1))
    return out


def _lodged(
    rng: np.random.Generator,
    frame: Frame,
    vein: Vessel,
    there: Float,
    kind: tuple[bool, bool],
) -> tuple[Vessel, Tube]:
    """The vein and the thrombus in it: an acute one in the middle, or nearly, a chronic one along the
    wall."""
    acute, occlusive = kind
    if acute:
        least, most = (0.95, 1.0) if occlusive else (0.68, 0.85)
        swell, fills = rng.uniform(0.12, 0.35), rng.uniform(least, most)
        aside, rough = (1 - fills) * rng.uniform(0, 0.7), 0.02
    else:
        swell, fills = -rng.uniform(0.12, 0.3), rng.uniform(0.68, 0.9)
        aside, rough = 0.95 * (1 - fills), 0.04
    vein = replace(vein, radius=vein.radius * (1 + swell * there))
    lumen = vein.tube
    part = np.clip(fills * there * (1 + wander(rng, frame.level, 10, rough)), 0, 1 - aside)
    angle = rng.uniform(0, 2 * np.pi) + wander(rng, frame.level, 25, 0.4)
    # Along the axes of the lumen, so that the thrombus touches the wall and never leaves it.
    u, v = np.cos(angle) * aside * lumen.rx, np.sin(angle) * aside * lumen.ry
    c, s = np.cos(lumen.turn), np.sin(lumen.turn)
    x, y = lumen.x + c * u - s * v, lumen.y + s * u + c * v
    return vein, Tube(x, y, part * lumen.rx, part * lumen.ry, lumen.turn)
