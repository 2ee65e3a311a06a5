"""The surroundings of a vein along its course, painted once and without what flows in the vessels.

What a vein holds (how bright its blood is, thrombi, unmixed blood), the noise and the scanner are drawn
anew whenever a scene is shown (`shown`), so that thousands of pictures come of one painting and none is
seen twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.tissues import Tissue
from deepvein.anatomy.veins import Side
from deepvein.core.errors import CohortError
from deepvein.core.files import whole_file
from deepvein.core.seeds import generator
from deepvein.phantoms.ct.scanner import CtPalette
from deepvein.phantoms.painter import WALL_MM, Painter
from deepvein.phantoms.phantom import PhantomSettings, Scenario, sample
from deepvein.phantoms.shapes.canvas import Canvas
from deepvein.phantoms.shapes.tube import Pixels, coverage, distance
from deepvein.phantoms.vessels.vessel import AXIS, Vessel
from deepvein.studies.study import Modality

SIZE = 40
PIXEL_MM = 0.9
STEP_MM = 3.0
"""Sections are square, SIZE pixels wide, and lie STEP_MM apart along the body."""

_REACH_MM = SIZE * PIXEL_MM / 2
_KVP = 120

STARTS = (
    "posterior tibial 1",
    "posterior tibial 2",
    "peroneal 1",
    "peroneal 2",
    "anterior tibial 1",
    "",
)
"""Calf veins in which a course begins; "" begins in the popliteal vein."""

ASIDE = ("deep femoral", "femoral 2", "popliteal 2", "gastrocnemius medial", "soleal medial")
"""Veins that make a course of their own."""

_ASIDE_SHARE = 0.25


@dataclass(frozen=True, eq=False)
class Scene:
    """One vein without its blood, from below; n sections.

    tissue: (n, SIZE, SIZE) int16, Hounsfield units at 120 kVp, vessels' walls and the fat round them
    included. arteries, deep, other: uint8, the parts of each pixel (of 255) that lumens of arteries, of
    other deep veins and of all other veins take. ellipse: (n, 5) float32 of this vein's lumen in the
    section: centre x, y (mm from the middle of the section) and a, b, c of `phantoms.tube.Ellipse`.
    z_mm: (n,) heights. shown: (n,) False where the body ends.
    """

    tissue: NDArray[np.int16]
    arteries: NDArray[np.uint8]
    deep: NDArray[np.uint8]
    other: NDArray[np.uint8]
    ellipse: NDArray[np.float32]
    z_mm: NDArray[np.float32]
    shown: NDArray[np.bool_]


def paint_pair(seed: int, settings: PhantomSettings | None = None) -> tuple[Scene, Scene]:
    """The same vein of both legs of one healthy person, (right, left), each mirrored so that it looks like a
    left one."""
    scenario = sample(seed, Modality.CT, False, settings or PhantomSettings())
    rng = generator(seed, "course", "vein")
    start = STARTS[int(rng.integers(len(STARTS)))]
    alone = ASIDE[int(rng.integers(len(ASIDE)))]
    if rng.random() < _ASIDE_SHARE:
        names: tuple[str, ...] = (alone,)
        both = all(f"{side.value} {alone}" in scenario.vessels.by_name for side in _SIDES)
        if not both:
            names = AXIS
    else:
        names = (start, *AXIS) if start else AXIS
    right, left = (paint(scenario, side, names) for side in _SIDES)
    return _mirrored(right), left


_SIDES = (Side.RIGHT, Side.LEFT)


def paint(scenario: Scenario, side: Side, names: Sequence[str]) -> Scene:
    """The scene along the named veins of a side, which follow one another from below."""
    veins = [scenario.vessels.by_name[f"{side.value} {name}"] for name in names]
    heights = np.arange(veins[0].tube.low_mm, veins[-1].tube.high_mm, STEP_MM)
    n = len(heights)
    tissue = np.full((n, SIZE, SIZE), -1000, dtype=np.int16)
    parts = np.zeros((3, n, SIZE, SIZE), dtype=np.uint8)
    ellipse = np.zeros((n, 5), dtype=np.float32)
    shown = np.zeros(n, dtype=np.bool_)
    for k, z in enumerate(heights.tolist()):
        # Rounded, the topmost height may lie a hair above all of them.
        own = next((v for v in veins if v.tube.high_mm >= z), veins[-1])
        section = own.tube.at(max(z, own.tube.low_mm))
        if section is None:
            continue
        x, y = section.x, section.y
        ellipse[k] = (0.0, 0.0, section.a, section.b, section.c)
        offset = PIXEL_MM * (np.arange(SIZE, dtype=np.float64) - (SIZE - 1) / 2)
        canvas = Canvas(Pixels(x + offset, y + offset), CtPalette(_KVP), z, (z,))
        shown[k] = _paint_tissue(scenario.painter, canvas, scenario.vessels.all)
        tissue[k] = np.clip(np.rint(canvas.value), -1024, 3071)
        parts[:, k] = _lumens(canvas.pixels, z, scenario.vessels.all, own)
    z_mm = heights.astype(np.float32)
    return Scene(tissue, parts[0], parts[1], parts[2], ellipse, z_mm, shown)


def _paint_tissue(painter: Painter, canvas: Canvas, vessels: Sequence[Vessel]) -> bool:
    """Everything but the blood; False where there is no body."""
    section = painter.body.paint(canvas)
    if section is None:
        return False
    painter.bones.paint(canvas)
    if painter.implants is not None:
        painter.implants.paint(canvas)
    if painter.distractors is not None:
        painter.distractors.paint(canvas, section)
    for vessel in vessels:
        cut = vessel.tube.at(canvas.z_mm)
        if cut is None:
            continue
        window = canvas.pixels.around([cut], 2.0 + 2 * vessel.sheath_mm)
        if window is None:
            continue
        if vessel.sheath_mm > 0:
            d = distance(cut, window) - np.float32(0.75 * vessel.sheath_mm)
            fat = coverage(d, max(vessel.sheath_mm, canvas.pixels.size_mm))
            canvas.lay_tissue(window, fat, Tissue.FAT)
    for vessel in vessels:
        cut = vessel.tube.at(canvas.z_mm)
        window = None if cut is None else canvas.pixels.around([cut], 2.0)
        if cut is None or window is None:
            continue
        wall = coverage(distance(cut, window) - np.float32(WALL_MM), canvas.pixels.size_mm)
        canvas.lay_tissue(window, wall, Tissue.VESSEL_WALL)
    return True


def _lumens(
    pixels: Pixels, z_mm: float, vessels: Sequence[Vessel], own: Vessel
) -> NDArray[np.uint8]:
    """(3, SIZE, SIZE) parts of arteries, other deep veins and further veins, each above those before it."""
    out = np.zeros((3, SIZE, SIZE), dtype=np.float32)
    for vessel in vessels:
        cut = None if vessel is own else vessel.tube.at(z_mm)
        window = None if cut is None else pixels.around([cut], 2.0)
        if cut is None or window is None or vessel.side not in (own.side, Side.MIDLINE):
            continue
        part = coverage(distance(cut, window), pixels.size_mm)
        here = out[(slice(None), *window.place)]
        here *= 1 - part
        here[_kind(vessel)] += part
    parts: NDArray[np.uint8] = np.rint(255 * out.clip(0, 1)).astype(np.uint8)
    return parts


def _kind(vessel: Vessel) -> int:
    if not vessel.is_vein:
        return 0
    return 1 if vessel.segment is not None and vessel.segment.is_deep else 2


def _mirrored(scene: Scene) -> Scene:
    """Left and right exchanged; the centre lies in the middle of the section before and after."""
    ellipse = scene.ellipse.copy()
    ellipse[:, 0] *= -1
    ellipse[:, 3] *= -1
    planes = {
        name: np.ascontiguousarray(getattr(scene, name)[:, :, ::-1])
        for name in ("tissue", "arteries", "deep", "other")
    }
    return replace(scene, ellipse=ellipse, **planes)


_FIELDS = ("tissue", "arteries", "deep", "other", "ellipse", "z_mm", "shown")


def save_pair(path: Path, pair: tuple[Scene, Scene]) -> None:
    """Write both scenes into one file (`.npz`), whole or not at all."""
    arrays = {f"{k}_{name}": getattr(one, name) for k, one in enumerate(pair) for name in _FIELDS}
    with whole_file(path) as made:
        np.savez(made, **arrays)


def load_pair(path: Path) -> tuple[Scene, Scene]:
    """Read what `save_pair` wrote; CohortError if it is damaged."""
    try:
        with np.load(path, allow_pickle=False) as found:
            one, other = (Scene(**{name: found[f"{k}_{name}"] for name in _FIELDS}) for k in (0, 1))
    except (OSError, ValueError, KeyError) as error:
        raise CohortError(f"{path} holds no scenes of veins: {error}") from error
    return one, other
