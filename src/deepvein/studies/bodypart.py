"""Which part of the body a volume shows, judged cheaply and with caution from its cross-sections."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from deepvein.studies.study import Modality
from deepvein.volumes.grid import AXIAL
from deepvein.volumes.holes import fill_holes
from deepvein.volumes.orient import orient
from deepvein.volumes.volume import Volume


class BodyPart(Enum):
    """LEGS: two limbs side by side on many levels. UNKNOWN is the answer whenever there is doubt."""

    LEGS = "legs"
    CHEST = "chest"
    HEAD = "head"
    NOTHING = "nothing"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class BodySettings:
    """levels: cross-sections looked at; pixel_mm: their coarseness; body_hu, lung_hu, bone_hu: CT limits;
    signal_share: of the 99th percentile, above which MR shows tissue; limb_cm2: smallest section that
    counts; limb_ratio: a pair's smaller to its larger one; shares: part of the levels, or of a section.

    A skull fills some 16 % of a head's section with bone, cortex of thigh or calf below 10 %, a knee's
    condyles as much as a skull: but a skull encloses four fifths of its section, a knee's bones less than
    half of it. Lungs fill a third or more of a chest, bowel gas rarely a tenth of a pelvis (geometry of
    adult sections).
    """

    levels: int = 48
    pixel_mm: float = 3.0
    body_hu: float = -300.0
    lung_hu: float = -500.0
    bone_hu: float = 300.0
    signal_share: float = 0.12
    limb_cm2: float = 15.0
    limb_ratio: float = 0.5
    legs_share: float = 0.2
    lung_share: float = 0.15
    skull_share: float = 0.12
    enclosed_share: float = 0.6
    most_levels: float = 0.4


def body_part(volume: Volume, modality: Modality, settings: BodySettings | None = None) -> BodyPart:
    """What the volume shows. Whole-body scans that include the legs count as LEGS."""
    limits = settings or BodySettings()
    look = _ct if modality is Modality.CT else _mr
    seen = [look(plane, area, limits) for plane, area in sections(volume, limits)]
    bodies = [kind for kind in seen if kind is not BodyPart.NOTHING]
    if not bodies:
        return BodyPart.NOTHING
    if bodies.count(BodyPart.LEGS) >= limits.legs_share * len(bodies):
        return BodyPart.LEGS
    for kind in (BodyPart.CHEST, BodyPart.HEAD):
        if bodies.count(kind) >= limits.most_levels * len(bodies):
            return kind
    return BodyPart.UNKNOWN


def sections(
    volume: Volume, settings: BodySettings | None = None
) -> Iterator[tuple[NDArray[np.float32], float]]:
    """Some axial sections (row, column), thinned out to about `pixel_mm`, and their pixel area in cm2."""
    limits = settings or BodySettings()
    view = orient(volume, AXIAL)
    _, rows, columns = (max(1, int(limits.pixel_mm / mm)) for mm in view.grid.spacing_mm)
    count = min(limits.levels, view.grid.shape[0])
    levels = np.linspace(0, view.grid.shape[0] - 1, count).round().astype(int)
    area = view.grid.spacing_mm[1] * rows * view.grid.spacing_mm[2] * columns / 100
    for level in levels:
        yield view.array[level, ::rows, ::columns].astype(np.float32), area


def _ct(plane: NDArray[np.float32], area: float, limits: BodySettings) -> BodyPart:
    from scipy import ndimage

    parts = _parts(plane > limits.body_hu, area, limits)
    if not parts:
        return BodyPart.NOTHING
    if _is_pair(parts, limits):
        return BodyPart.LEGS
    # The wall of a chest may be thinner than what opening spares, so the raw outline is filled.
    labels, _ = ndimage.label(plane > limits.body_hu)
    outline = labels == np.bincount(labels[parts[0]]).argmax()
    inside = plane[fill_holes(outline)]
    if np.mean(inside < limits.lung_hu) > limits.lung_share:
        return BodyPart.CHEST
    return BodyPart.HEAD if _is_head(plane > limits.bone_hu, outline, limits) else BodyPart.UNKNOWN


def _is_head(bone: NDArray[np.bool_], outline: NDArray[np.bool_], limits: BodySettings) -> bool:
    """Much bone, and most of the section within it."""
    from scipy import ndimage

    within = fill_holes(outline)
    if np.mean(bone[within]) <= limits.skull_share:
        return False
    # Sutures and thin plates of the skull are closed before its inside is filled.
    closed = ndimage.binary_closing(np.pad(bone, 3), iterations=2)[3:-3, 3:-3]
    enclosed = fill_holes(closed)
    return bool(np.mean(enclosed[within]) > limits.enclosed_share)


def _mr(plane: NDArray[np.float32], area: float, limits: BodySettings) -> BodyPart:
    bright = float(np.percentile(plane, 99))
    parts = _parts(plane > limits.signal_share * bright, area, limits) if bright > 0 else []
    if not parts:
        return BodyPart.NOTHING
    return BodyPart.LEGS if _is_pair(parts, limits) else BodyPart.UNKNOWN


def _parts(mask: NDArray[np.bool_], area: float, limits: BodySettings) -> list[NDArray[np.bool_]]:
    """Connected parts of at least `limb_cm2`, the largest first; thin things like tables are opened away."""
    from scipy import ndimage

    opened = ndimage.binary_opening(mask, iterations=2)
    labels, count = ndimage.label(opened)
    sizes = np.bincount(labels.ravel(), minlength=count + 1)[1:] * area
    order = np.argsort(-sizes)
    return [labels == index + 1 for index in order if sizes[index] >= limits.limb_cm2]


def _is_pair(parts: list[NDArray[np.bool_]], limits: BodySettings) -> bool:
    """True for two parts of similar size, one to the right and one to the left of the other."""
    if len(parts) < 2:
        return False
    first, second = np.argwhere(parts[0]), np.argwhere(parts[1])
    if len(second) < limits.limb_ratio * len(first):
        return False
    apart = np.abs(first.mean(axis=0) - second.mean(axis=0))
    return bool(apart[1] > apart[0])
