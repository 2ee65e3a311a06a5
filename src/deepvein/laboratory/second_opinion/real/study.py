"""CT studies of one person's real legs: real anatomy, chance in everything else.

Muscles, the fat between them, bones and skin are where real water images show them, vessels where they
were seen to run (`tables`). Sizes of vessels, contrast, thrombi, noise, pose and voxels are drawn, the
thrombi and the scanner by what draws legs from tables (`legs`). Tendons, ligaments and menisci, which
water images do not show, look like fat. It is one person: every study has the same muscles. A test, never
training material.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.veins import Side, VeinSegment, encode
from deepvein.core.errors import SettingsError
from deepvein.core.seeds import generator
from deepvein.laboratory.second_opinion.legs.canvas import Canvas, Frame
from deepvein.laboratory.second_opinion.legs.courses import HIATUS, Vessel
from deepvein.laboratory.second_opinion.legs.curves import Float, Single, mottle, wander
from deepvein.laboratory.second_opinion.legs.scan import ct
from deepvein.laboratory.second_opinion.legs.study import LEGS, Clot, Legs, LegSettings, Part
from deepvein.laboratory.second_opinion.legs.subject import Palette, Subject, palette, subject
from deepvein.laboratory.second_opinion.legs.thrombus import Thrombus, thrombus
from deepvein.laboratory.second_opinion.real.stations import VOXEL_MM, stack
from deepvein.laboratory.second_opinion.real.tables import JOINT, ONE, OTHER
from deepvein.laboratory.second_opinion.real.tissues import COLUMNS, ROWS, Anatomy, anatomy
from deepvein.laboratory.second_opinion.real.vessels import Pose, vessels
from deepvein.studies.study import Modality
from deepvein.volumes.grid import Grid
from deepvein.volumes.volume import Volume

_V = VeinSegment
_TRUNK = (_V.POPLITEAL, _V.FEMORAL)
_BRANCHES = (_V.PERONEAL, _V.POSTERIOR_TIBIAL, _V.SOLEAL, _V.GASTROCNEMIUS)
_CALF = ((_V.PERONEAL,), (_V.POSTERIOR_TIBIAL,), (_V.SOLEAL,))
_ACUTE_AT_LEAST = 0.3
_THICK_MM = 3.0
_SKIN_MM = 1.7
_SEEN_MM = 6.2
"""Half as wide as the main veins of this person are: where they were wider than the painted ones, fat lies."""

_SPONGY_MM = 38.0
_FAT_WATER, _MUSCLE_WATER = 0.28, 0.72
"""Water over muscle's: what is less is fat, what is more is muscle."""


@dataclass(frozen=True)
class _Field:
    """Heights above the joint line, mm; in_trunk: share of thrombi in the popliteal or femoral vein."""

    low_mm: float
    high_mm: float
    in_trunk: float


_FIELDS = {
    Part.KNEES: _Field(-125, 120, 0.75),
    Part.CALVES: _Field(-325, -70, 0.0),
    Part.THIGHS: _Field(95, 270, 1.0),
}

REAL: dict[Part, LegSettings] = {
    part: replace(LEGS[Modality.CT, part], slice_mm=(2.0, 2.0, 2.5, 3.0)) for part in _FIELDS
}
"""The studies that there are."""


@cache
def _seen(folder: Path, part: Part) -> Anatomy:
    field = _FIELDS[part]
    return anatomy(_stack(folder), field.low_mm - 20, field.high_mm + 20)


_stack = cache(stack)


def real_legs(number: int, folder: Path, settings: LegSettings = REAL[Part.KNEES]) -> Legs:
    """Study `number` of the legs whose stations lie in `folder`: odd ones have a thrombus.

    Raises StudyError if `folder` lacks the stations, SettingsError if the settings' part or modality is
    not in `REAL`.
    """
    part = settings.part
    if part not in _FIELDS or settings.modality is not Modality.CT:
        known = ", ".join(one.value for one in _FIELDS)
        raise SettingsError(
            f"no {settings.modality.value} of a {part.value} is made of real legs: CT of {known} is"
        )
    seen = _seen(folder, part)
    names = ("second opinion", "real", part.value)
    rng = generator(number, *names)
    person, colours = subject(rng, Modality.CT), palette(rng, Modality.CT)
    pose = Pose(
        turn=float(np.deg2rad(rng.normal(0, 2.5))),
        lean=(float(rng.normal(0, 0.015)), float(rng.normal(0, 0.02))),
        mirrored=bool(rng.random() < 0.5),
    )
    segments = _lodging(rng, number, part)
    frame, together = _frame(rng, settings, person, calf=segments is _BRANCHES)
    canvas = Canvas(frame, _tissues(rng, frame, pose, seen, colours))
    ill = ONE if rng.random() < 0.5 else OTHER
    veins = np.zeros(frame.shape, np.uint8)
    thrombi = np.zeros(frame.shape, dtype=bool)
    told = None
    for name, leg in (("one", ONE), ("other", OTHER)):
        own = generator(number, *names, name)
        side = Side.RIGHT if (leg is OTHER) != pose.mirrored else Side.LEFT
        drawn = vessels(own, frame, pose, leg)
        clot = None
        if number % 2 and leg is ill:
            clot = _clot(own, frame, drawn, number, segments)
            drawn[clot.number] = clot.vein
            told = Clot(clot.segment, side, False, clot.acute, clot.occlusive, clot.length_mm, 0.0)
        _paint(own, canvas, drawn, person, colours)
        _label(canvas, drawn, side, veins)
        if clot is not None:
            thrombi = _lodge(own, canvas, clot, colours) & (veins > 0)
    value, veins, thrombi = _thick(together, canvas.value, veins, thrombi)
    dz, dy, dx = frame.spacing_mm
    spacing = (dz * together, dy, dx)
    x, y = frame.x * person.scale, frame.y * person.scale
    deep = (value > colours.air / 2).any(axis=(0, 2))
    image = ct(rng, value, spacing, x, y, float(y[deep].max()))
    origin = (x[0], y[0], frame.level[0] * person.stretch + rng.uniform(-900, -300))
    grid = Grid.from_directions(image.shape, spacing, origin)
    if told is not None:
        told = replace(told, volume_ml=float(thrombi.sum()) * grid.voxel_volume_ml)
    volumes = [Volume(one, grid) for one in (image, veins, thrombi.astype(np.uint8))]
    return Legs(f"real{part.value}-{number:03d}", volumes[0], volumes[1], volumes[2], told)


def _lodging(rng: np.random.Generator, number: int, part: Part) -> tuple[VeinSegment, ...]:
    """Where a thrombus of this study lies; in calves the veins take turns."""
    if rng.random() < _FIELDS[part].in_trunk:
        return _TRUNK
    return _BRANCHES if part is Part.KNEES else _CALF[number // 2 % len(_CALF)]


def _frame(
    rng: np.random.Generator, settings: LegSettings, person: Subject, calf: bool
) -> tuple[Frame, int]:
    """What is seen, and how many of its slices make one of the study. calf: from the lowest on."""
    field = _FIELDS[settings.part]
    dz = float(rng.choice(settings.slice_mm))
    dx = float(rng.uniform(*settings.column_mm))
    span = (field.high_mm - field.low_mm) * person.stretch
    count = int(min(span * rng.uniform(0.8, 1.0), settings.most_slices * dz) / dz)
    together = 2 if dz >= _THICK_MM else 1
    low = field.low_mm * person.stretch + (0 if calf else rng.uniform(0, span - count * dz))
    heights = low + dz / together * (np.arange(count * together) + 0.5)
    size = max(settings.columns, int(np.ceil((COLUMNS.stop - COLUMNS.start) * 1.5 / dx)))
    pixels: Float = dx * (np.arange(size, dtype=np.float64) - (size - 1) / 2)
    frame = Frame(
        level=np.asarray(heights / person.stretch, dtype=np.float64),
        x=pixels / person.scale,
        y=(pixels + rng.uniform(-10, 10)) / person.scale,
        scale=person.scale,
        spacing_mm=(dz / together, dx, dx),
    )
    return frame, together


def _tissues(
    rng: np.random.Generator, frame: Frame, pose: Pose, seen: Anatomy, colours: Palette
) -> Single:
    """Everything but the vessels."""
    from scipy.ndimage import map_coordinates

    x, y = np.meshgrid(frame.x, frame.y)
    slow = mottle(rng, frame.shape, frame.spacing_mm, (30, 18, 18))
    fine = mottle(rng, frame.shape, frame.spacing_mm, (3, 2.5, 2.5))
    out = np.full(frame.shape, colours.air, np.float32)
    pixel_mm = frame.spacing_mm[1] / frame.scale
    for number, level in enumerate(frame.level):
        row, column = pose.found(x, y, level)
        row, column = row - ROWS.start, column - COLUMNS.start
        place = np.clip(JOINT + level / VOXEL_MM[0] - seen.first, 0, len(seen.water) - 1.001)
        below, part = int(place), float(place % 1)
        planes = [
            volume[below] * (1 - part) + volume[below + 1] * part
            for volume in (seen.skin, seen.water, seen.bone, seen.core)
        ]
        skin = map_coordinates(planes[0], (row, column), order=1, mode="nearest")
        inside = skin < pixel_mm
        at = row[inside], column[inside]
        water = map_coordinates(planes[1], at, order=3)
        bone, core = (map_coordinates(one, at, order=1) for one in planes[2:])
        skin = skin[inside]
        share = np.clip((water - _FAT_WATER) / (_MUSCLE_WATER - _FAT_WATER), 0, 1)
        share *= share * (3 - 2 * share)
        wet, uneven = np.clip(water, 0.8, 1.2) - 1, slow[number][inside]
        muscle = colours.muscle + 12 * wet + 0.6 * colours.muscle_sd * uneven
        fat = colours.fat + 40 * np.clip(water, 0, _FAT_WATER) + colours.fat_sd * uneven
        value = fat + share * (muscle - fat)
        value += np.clip(0.5 + (skin + _SKIN_MM) / pixel_mm, 0, 1) * (colours.skin - value)
        spongy = colours.spongy * np.exp(-((level / _SPONGY_MM) ** 2))
        grain = colours.marrow_sd * (uneven + fine[number][inside])
        for edge, filled in (
            (bone, colours.cortex),
            (core, colours.marrow + spongy + grain),
        ):
            value += np.clip(0.5 - edge / pixel_mm, 0, 1) * (filled - value)
        value = colours.air + np.clip(0.5 - skin / pixel_mm, 0, 1) * (value - colours.air)
        out[number][inside] = value
    return out


def _clot(
    rng: np.random.Generator,
    frame: Frame,
    drawn: list[Vessel],
    number: int,
    segments: tuple[VeinSegment, ...],
) -> Thrombus:
    """Ages alternate, but for some that are acute."""
    acute = bool(number // 2 % 2 == 0 or rng.random() < _ACUTE_AT_LEAST)
    clot = thrombus(rng, frame, drawn, segments, acute, short=0.0)
    if clot is None:
        raise SettingsError(
            f"{len(frame.level)} slices of {frame.spacing_mm[0]:g} mm show too little of the legs for a "
            "thrombus: 60 mm or more would do"
        )
    return clot


def _paint(
    rng: np.random.Generator,
    canvas: Canvas,
    drawn: list[Vessel],
    person: Subject,
    colours: Palette,
) -> None:
    """Fat round the vessels, then walls, then blood."""
    level = canvas.frame.level
    for one in drawn:
        around = one.sheath * (1 + 0.3 * wander(rng, level, 30, 1))
        if one.wall:
            seen = np.interp(level, [5, 20, 120, 150], [0, 1, 1, 0.75]) * _SEEN_MM
            around = np.maximum(around, (0.8 if one.artery else 1) * seen - one.radius)
        canvas.fill(one.tube.wider(around), colours.fat + 6)
    for one in drawn:
        if one.wall:
            canvas.fill(one.tube.wider(one.wall), colours.wall)
    for one in drawn:
        mean = person.artery if one.artery else person.vein
        mixing = 0.02 if one.artery else person.mixing
        along = mean * (1 + wander(rng, level, 60, mixing))
        canvas.fill(one.tube, along + rng.normal(0, 3 if one.wall else 7))


def _label(canvas: Canvas, drawn: list[Vessel], side: Side, veins: NDArray[np.uint8]) -> None:
    """Where two veins meet, the one that was drawn first, which is the larger one."""
    for one in drawn:
        if one.segment is None:
            continue
        named = np.full(len(veins), encode(one.segment, side), np.uint8)
        if one.segment is _V.POPLITEAL:
            named[canvas.frame.level > HIATUS] = encode(_V.FEMORAL, side)
        free = canvas.inside(one.tube) & (veins == 0)
        veins[...] = np.where(free, named[:, None, None], veins)


def _lodge(
    rng: np.random.Generator, canvas: Canvas, clot: Thrombus, colours: Palette
) -> NDArray[np.bool_]:
    base = colours.acute if clot.acute else colours.chronic
    canvas.fill(clot.tube, base + rng.normal(0, 3) + wander(rng, canvas.frame.level, 12, 2.5))
    return canvas.inside(clot.tube)


def _thick(
    together: int, value: Single, veins: NDArray[np.uint8], thrombi: NDArray[np.bool_]
) -> tuple[Single, NDArray[np.uint8], NDArray[np.bool_]]:
    """Slices that are means of several."""
    if together == 1:
        return value, veins, thrombi
    shape = (-1, together, *value.shape[1:])
    # Below 0 unsigned numbers start from 255: of several labels the smallest, deep before superficial.
    named = (veins.reshape(shape) - np.uint8(1)).min(axis=1) + np.uint8(1)
    return value.reshape(shape).mean(axis=1), named, np.asarray(thrombi.reshape(shape).any(axis=1))
