"""CT and MR studies of legs that are drawn from tables of anatomy; nothing here comes from
`deepvein.phantoms`.

They share no shape, value, noise or code with the generator that models learn from, nor with the knees
of plain geometry beside them. Those of seeds below 1000 are a test, never training material; a first stage
may learn from those above."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

import numpy as np

from deepvein.anatomy.veins import Side, VeinSegment
from deepvein.core.errors import SettingsError
from deepvein.core.seeds import generator
from deepvein.laboratory.second_opinion.legs.canvas import Frame
from deepvein.laboratory.second_opinion.legs.curves import Float
from deepvein.laboratory.second_opinion.legs.leg import Illness, Leg, leg
from deepvein.laboratory.second_opinion.legs.placing import Bed, place
from deepvein.laboratory.second_opinion.legs.scan import ct, mr
from deepvein.laboratory.second_opinion.legs.subject import Subject, palette, subject
from deepvein.studies.study import Modality
from deepvein.volumes.grid import CORONAL, Grid
from deepvein.volumes.orient import orient
from deepvein.volumes.volume import Volume

_THICK_MM = 3.0
"""Slices from here on are painted as the mean of two, since vessels move within them."""

_ACUTE_AT_LEAST = 0.3
_V = VeinSegment
_TRUNK = (_V.POPLITEAL, _V.FEMORAL)
_BRANCHES = (_V.GASTROCNEMIUS, _V.POSTERIOR_TIBIAL, _V.PERONEAL)
_CALF = ((_V.PERONEAL,), (_V.POSTERIOR_TIBIAL,), (_V.SOLEAL,))


class Part(Enum):
    """What a study shows."""

    KNEES = "knees"
    KNEE = "knee"
    CALVES = "calves"
    THIGHS = "thighs"


@dataclass(frozen=True)
class _Field:
    """low_mm, high_mm: above the knee joint. half_mm: how far a usual leg reaches from its axis.
    in_trunk: the share of thrombi in the popliteal or femoral vein."""

    low_mm: float
    high_mm: float
    half_mm: float
    in_trunk: float


_FIELDS = {
    Part.KNEES: _Field(-105, 120, 88, 0.75),
    Part.KNEE: _Field(-70, 80, 92, 0.8),
    Part.CALVES: _Field(-330, -70, 80, 0.0),
    Part.THIGHS: _Field(95, 330, 112, 1.0),
}


@dataclass(frozen=True)
class LegSettings:
    """slice_mm: distances of axial slices that studies may have. column_mm: range of pixels' widths;
    row_mm: their height, None: as their width. most_slices: where these are fewer, less of the part is
    shown. columns: at least; also rows in CT. MR is painted in the same axial slices and turned
    coronal."""

    part: Part = Part.KNEES
    modality: Modality = Modality.CT
    slice_mm: tuple[float, ...] = (1.5, 2.0, 2.0, 2.5, 3.0, 3.0, 4.0, 5.0)
    column_mm: tuple[float, float] = (0.74, 0.86)
    row_mm: float | None = None
    most_slices: int = 80
    columns: int = 512


_CT = LegSettings()
_MR = LegSettings(
    modality=Modality.MR,
    slice_mm=(0.96, 1.0, 1.04, 1.08),
    column_mm=(0.87, 0.95),
    row_mm=1.2,
    most_slices=190,
    columns=8,
)

LEGS: dict[tuple[Modality, Part], LegSettings] = {
    (Modality.CT, Part.KNEES): _CT,
    (Modality.CT, Part.KNEE): replace(
        _CT, part=Part.KNEE, slice_mm=(1.0, 1.25, 1.5), column_mm=(0.7, 0.8), columns=16
    ),
    (Modality.CT, Part.CALVES): replace(_CT, part=Part.CALVES),
    (Modality.CT, Part.THIGHS): replace(_CT, part=Part.THIGHS, column_mm=(0.86, 0.96)),
    (Modality.MR, Part.KNEES): _MR,
    (Modality.MR, Part.CALVES): replace(_MR, part=Part.CALVES),
    (Modality.MR, Part.THIGHS): replace(_MR, part=Part.THIGHS),
}
"""The studies that are drawn."""


@dataclass(frozen=True)
class Clot:
    """What a thrombus is. segment: where its middle lies; doubled: in a second vein beside the main one.
    occlusive: fills the vein. length_mm: along the leg; volume_ml: of its voxels."""

    segment: VeinSegment
    side: Side
    doubled: bool
    acute: bool
    occlusive: bool
    length_mm: float
    volume_ml: float


@dataclass(frozen=True, eq=False)
class Legs:
    """image: int16 Hounsfield units, or signal. veins: uint8, encoded segments, superficial ones too,
    nameless veins left out. thrombi: uint8, 1 where the thrombus lies. clot: None in healthy legs."""

    name: str
    image: Volume
    veins: Volume
    thrombi: Volume
    clot: Clot | None

    @property
    def acute(self) -> bool | None:
        """None in healthy legs."""
        return None if self.clot is None else self.clot.acute


def legs(number: int, settings: LegSettings = _CT) -> Legs:
    """Study `number`: odd ones have a thrombus.

    Raises SettingsError if the slices show too little of the leg for one.
    """
    part, modality = settings.part, settings.modality
    names = ("second opinion", "legs", part.value, modality.value)
    rng = generator(number, *names)
    person, colours = subject(rng, modality), palette(rng, modality)
    dz = float(rng.choice(settings.slice_mm))
    dx = float(rng.uniform(*settings.column_mm))
    spacing = (dz, dx if settings.row_mm is None else settings.row_mm, dx)
    sides = [Side.RIGHT, Side.LEFT]
    if part is Part.KNEE:
        del sides[int(rng.integers(2))]
    ill = sides[int(rng.integers(len(sides)))]
    illness = _illness(rng, number, part) if number % 2 else None
    slices = _slices(rng, settings, dz)
    frame, together = _frame(slices, spacing, part, person)
    drawn: dict[Side, Leg] = {
        side: leg(
            generator(number, *names, side.value),
            frame,
            person,
            colours,
            illness if side is ill else None,
        )
        for side in sides
    }
    bed = Bed(spacing, together, settings.columns, modality is Modality.CT, colours.air)
    scene = place(rng, drawn, frame, bed)
    if modality is Modality.CT:
        image = ct(rng, scene.value, spacing, scene.x, scene.y, scene.back_mm)
    else:
        image = mr(rng, scene.value, spacing)
    origin = (scene.x[0], scene.y[0], slices[0] + rng.uniform(-900, -300))
    grid = Grid.from_directions(image.shape, spacing, origin)
    clot = drawn[ill].thrombus
    told = None
    if illness is not None:
        if clot is None:
            raise SettingsError(
                f"{len(slices)} slices of {dz:g} mm show too little of the leg for a thrombus: "
                "60 mm or more would do"
            )
        told = Clot(
            segment=clot.segment,
            side=ill,
            doubled=clot.vein.doubled,
            acute=clot.acute,
            occlusive=clot.occlusive,
            length_mm=clot.length_mm,
            volume_ml=float(scene.thrombi.sum()) * grid.voxel_volume_ml,
        )
    volumes = [Volume(array, grid) for array in (image, scene.veins, scene.thrombi)]
    if modality is Modality.MR:
        turned = [orient(one, CORONAL) for one in volumes]
        volumes = [Volume(np.ascontiguousarray(one.array), one.grid) for one in turned]
    return Legs(f"{part.value}-{number:03d}", volumes[0], volumes[1], volumes[2], told)


def _illness(rng: np.random.Generator, number: int, part: Part) -> Illness:
    """Ages alternate, but for some that are acute; in calves the veins take turns."""
    acute = bool(number // 2 % 2 == 0 or rng.random() < _ACUTE_AT_LEAST)
    if part is Part.CALVES:
        return Illness(_CALF[number // 2 % len(_CALF)], acute)
    return Illness(_TRUNK if rng.random() < _FIELDS[part].in_trunk else _BRANCHES, acute)


def _slices(rng: np.random.Generator, settings: LegSettings, slice_mm: float) -> Float:
    """Heights above the knee joint, mm: most of the part, as much as may be shown."""
    field = _FIELDS[settings.part]
    span = field.high_mm - field.low_mm
    shown = min(span * rng.uniform(0.8, 1.0), settings.most_slices * slice_mm)
    middle = rng.uniform(field.low_mm + shown / 2, field.high_mm - shown / 2)
    count = int(shown / slice_mm + 1e-9)
    out: Float = middle + slice_mm * (np.arange(count, dtype=np.float64) - count / 2)
    return out


def _frame(
    slices: Float, spacing_mm: tuple[float, float, float], part: Part, person: Subject
) -> tuple[Frame, int]:
    """Where a leg is sampled, and how many of its slices make one of the study."""
    dz, dy, dx = spacing_mm
    together = 2 if dz >= _THICK_MM else 1
    within = (np.arange(together) + 0.5) / together - 0.5
    heights = (slices[:, None] + dz * within).ravel()
    half = _FIELDS[part].half_mm * person.scale + 10 * person.fat - 6
    frame = Frame(
        level=heights / person.stretch,
        x=np.arange(-half, half, dx) / person.scale,
        y=np.arange(-half, half, dy) / person.scale,
        scale=person.scale,
        spacing_mm=(dz / together, dy, dx),
    )
    return frame, together
