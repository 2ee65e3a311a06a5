"""Everything of a leg but its vessels, as a scanner shows it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from deepvein.laboratory.second_opinion.legs.anatomy import (
    BONES,
    CELLS,
    EFFUSION,
    PATELLAR_TENDON,
    Table,
    Tissue,
)
from deepvein.laboratory.second_opinion.legs.canvas import Canvas, Frame, Tube
from deepvein.laboratory.second_opinion.legs.curves import Float, Single, along, mottle, wander
from deepvein.laboratory.second_opinion.legs.shapes import Shapes
from deepvein.laboratory.second_opinion.legs.subject import Palette, Subject

_SKIN_MM = 1.7
_CARTILAGE_MM = 2.2
_EFFUSIONS = 0.4
_BAKER_CYSTS = 0.12


def paint_tissues(
    rng: np.random.Generator, canvas: Canvas, form: Shapes, person: Subject, colours: Palette
) -> None:
    """Skin, fat, muscles and joint, then the bones."""
    slow = _mottle(rng, canvas.frame, (40, 25, 25))
    fat = colours.fat + colours.fat_sd * slow
    _fat(rng, canvas, form, person, colours, slow)
    _cells(rng, canvas, form, person, colours, fat, slow)
    _joint(rng, canvas, form, colours)
    _bones(rng, canvas, form, person, colours, slow)


def _mottle(rng: np.random.Generator, frame: Frame, grain_mm: tuple[float, float, float]) -> Single:
    return mottle(rng, frame.shape, frame.spacing_mm, grain_mm)


def _lines(rng: np.random.Generator, frame: Frame, grain_mm: tuple[float, float, float]) -> Single:
    """Where it is near 0, thin sheets run: a mottled volume with a finer one on it."""
    coarse = _mottle(rng, frame, grain_mm)
    z, y, x = grain_mm
    out: Single = np.abs(coarse + 0.45 * _mottle(rng, frame, (z * 0.44, y * 0.58, x * 0.44)))
    return out


def _fat(
    rng: np.random.Generator,
    canvas: Canvas,
    form: Shapes,
    person: Subject,
    colours: Palette,
    slow: Single,
) -> None:
    """Skin, the fat below it and the fat that muscles lie in, both with septa; the fascia parts them."""
    lines = _lines(rng, canvas.frame, (45, 7, 9))
    septa = np.exp(-((lines / 0.13) ** 2)) * np.clip(0.9 + 0.8 * slow, 0, 1.4)
    grain = colours.fat_grain * _mottle(rng, canvas.frame, (6, 2.2, 2.2))
    plain = colours.fat + colours.fat_sd * slow + grain
    canvas.lay(colours.skin, canvas.share(form.skin))
    under_skin = form.skin + _SKIN_MM / canvas.frame.scale + 0.3 * slow
    canvas.lay(plain + colours.septum * person.septa * septa, canvas.share(under_skin))
    canvas.lay(colours.fascia, 0.75 * canvas.share(form.fascia - 0.5))
    thin = 0.6 * (0.3 + 0.9 * person.streaks)
    canvas.lay(plain + colours.septum * thin * septa, canvas.share(form.fascia + 0.4))


def _cells(
    rng: np.random.Generator,
    canvas: Canvas,
    form: Shapes,
    person: Subject,
    colours: Palette,
    fat: Single,
    slow: Single,
) -> None:
    """Muscles with streaks of fat, tendons, retinacula and capsule; where a cell is fat the fat stays."""
    frame, count = canvas.frame, len(CELLS)
    streaks = np.exp(-((_lines(rng, frame, (35, 3.0, 4.2)) / 0.28) ** 2))
    streaks *= np.clip(0.6 + 0.7 * _mottle(rng, frame, (40, 12, 12)), 0, 1)
    muscles = rng.normal(colours.muscle, colours.muscle_sd, count).astype(np.float32)
    streaked = np.clip(rng.normal(person.streaks, 0.25, count), 0.05, 1.6).astype(np.float32)
    fatty = np.clip(0.75 * streaked[form.cell] * streaks, 0, 0.9)
    uneven = colours.muscle_sd * slow
    muscle = muscles[form.cell] + 0.8 * uneven + (fat - colours.muscle) * fatty
    plane = person.planes_mm * (1 + 0.5 * _mottle(rng, frame, (40, 15, 15)))
    within = canvas.share(0.5 * plane - form.gap, 1.2 * canvas.pixel_mm)
    within *= canvas.share(form.fascia + 1.0)
    canvas.lay(muscle, within * _made_of(form, Tissue.MUSCLE))
    canvas.lay(colours.tendon, within * _made_of(form, Tissue.TENDON))
    fibrous = 0.45 * colours.fat + 0.55 * colours.muscle + 2 * uneven
    patches = (_mottle(rng, frame, (20, 6, 6)) > 0).astype(np.float32)
    canvas.lay(fibrous, within * patches * _made_of(form, Tissue.RETINACULUM))
    canvas.lay(colours.capsule + uneven, within * _made_of(form, Tissue.CAPSULE))


def _made_of(form: Shapes, tissue: Tissue) -> NDArray[np.bool_]:
    chosen = np.array([cell.tissue is tissue for cell in CELLS.values()])
    out: NDArray[np.bool_] = chosen[form.cell]
    return out


def _joint(rng: np.random.Generator, canvas: Canvas, form: Shapes, colours: Palette) -> None:
    """Cartilage, the patellar tendon, and in some knees an effusion or a Baker cyst."""
    level = canvas.frame.level
    near = np.exp(-(((level - 8) / 22) ** 2)).astype(np.float32)[:, None, None]
    near = np.where(near > 0.15, near, np.float32(0))
    cartilage = canvas.share(form.bone - _CARTILAGE_MM / canvas.frame.scale)
    canvas.lay(colours.cartilage, 0.85 * near * cartilage * (form.fascia < -2))
    canvas.fill(_oval(PATELLAR_TENDON, level), colours.tendon)
    if rng.random() < _EFFUSIONS:
        canvas.fill(_oval(EFFUSION, level), colours.fluid)
    if rng.random() < _BAKER_CYSTS:
        middle, half = rng.uniform(-10, 20), rng.uniform(12, 22)
        radius = 7 * np.sqrt(np.clip(1 - ((level - middle) / half) ** 2, 0, None)) - 0.3
        x, still = -17 + wander(rng, level, 30, 1), np.zeros(len(level))
        canvas.fill(Tube(x, still + 46, 1.3 * radius, radius, still), colours.fluid)


def _oval(table: Table, level: Float) -> Tube:
    x, y, rx, ry = along(table, level)
    return Tube(x, y, rx, ry, np.zeros(len(level)))


def _bones(
    rng: np.random.Generator,
    canvas: Canvas,
    form: Shapes,
    person: Subject,
    colours: Palette,
    slow: Single,
) -> None:
    """Cortex, and in it marrow that spongy bone fills near the joints."""
    level = canvas.frame.level
    spongy = colours.spongy * person.spongy
    grain = _mottle(rng, canvas.frame, (3, 1.6, 1.6)) + slow
    for name, distance in form.bones.items():
        bone = BONES[name]
        thick = along(bone.cortex, level)[0] * (person.cortex / canvas.frame.scale)
        away = np.clip((np.abs(level - bone.spongy_at) - 18) / 25, 0, None)
        end = np.exp(-(away**2)).astype(np.float32)[:, None, None]
        marrow = colours.marrow + (spongy - colours.marrow) * end
        marrow = marrow + colours.marrow_sd * (0.25 + end) * grain
        canvas.lay(colours.cortex, canvas.share(distance))
        inner = distance + thick.astype(np.float32)[:, None, None] * (1 + 0.15 * slow)
        canvas.lay(marrow, canvas.share(inner))
