"""From water images to tissues: where the body ends, where bones are, where muscle is fat."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.veins import VeinSegment
from deepvein.laboratory.second_opinion.legs.anatomy import Table
from deepvein.laboratory.second_opinion.legs.curves import Float, Single, along
from deepvein.laboratory.second_opinion.real.stations import VOXEL_MM
from deepvein.laboratory.second_opinion.real.tables import CORTEX, JOINT, ONE, OTHER

Mask = NDArray[np.bool_]

ROWS, COLUMNS = slice(104, 250), slice(36, 284)
"""Of the stack: what of it is looked at."""

_FAR_MM = 200.0
_BETWEEN: Table = ((36, 162), (80, 162.5), (110, 160), (150, 159))
"""Slice, and the column between the legs."""

_DARK = 0.13
"""Bones have less water than this over muscle; fat has more but where coils are far, hence the ellipses."""

_BODY = 0.02
"""Air has none, fat under the skin a little in places."""

_CLOSE = 9.0
_PAD = 10
_ROUND_VEIN = 4.5
_OPEN = 3.0
_BONE_BLUR = 0.6
_BONE_OPEN = 1.5
_LEAST_BONE = 30
"""Of voxels in a slice."""

_UNDER_SKIN_MM = 3.0


@dataclass(frozen=True, eq=False)
class Anatomy:
    """first: the slice of the stack that these begin with. water: over muscle. skin, bone, core: distance
    in mm to the edge of the body, of a bone and of what lies within its cortex, along the slice, below 0
    inside. All (slices, rows, columns), of ROWS and COLUMNS."""

    first: int
    water: Single
    skin: Single
    bone: Single
    core: Single


def anatomy(stacked: Single, low_mm: float, high_mm: float) -> Anatomy:
    """What lies between two heights above the joint line, and a slice more at either end."""
    first = max(0, int(np.floor(JOINT + low_mm / VOXEL_MM[0])) - 1)
    last = min(len(stacked) - 1, int(np.ceil(JOINT + high_mm / VOXEL_MM[0])) + 1)
    water = np.ascontiguousarray(stacked[first : last + 1, ROWS, COLUMNS])
    skin, bone, core = (np.full(water.shape, _FAR_MM, np.float32) for _ in range(3))
    for number, plane in enumerate(water):
        skin[number] = _distance(_body(plane, first + number))
        for name, part in _bones(plane, first + number):
            distance = np.maximum(_distance(part), skin[number] + _UNDER_SKIN_MM)
            cortex = float(_at(CORTEX[name], first + number)[0])
            bone[number] = np.minimum(bone[number], distance)
            core[number] = np.minimum(core[number], distance + cortex)
    return Anatomy(first, water, skin, bone, core)


def _at(table: Table, number: int) -> tuple[float, ...]:
    return tuple(float(one[0]) for one in along(table, np.array([float(number)])))


def _body(plane: Single, number: int) -> Mask:
    """Both legs. Fat under the skin may show no water at all, the skin a dotted line."""
    from scipy.ndimage import binary_fill_holes

    there = plane > _BODY
    for name, far in _ellipses(number):
        # Fat and skin in front of a kneecap may show nothing.
        if name == "patella":
            there |= far < 1
    rows, columns = _places()
    for leg in (ONE, OTHER):
        for seen in leg.veins:
            # Nor may what lies round the great saphenous vein.
            if seen.segment is VeinSegment.GREAT_SAPHENOUS:
                x, y = _at(seen.points, number)
                there |= np.hypot((columns - x)[None, :], (rows - y)[:, None]) < _ROUND_VEIN
    out = np.zeros(plane.shape, dtype=bool)
    middle = round(_at(_BETWEEN, number)[0]) - COLUMNS.start
    for half in (slice(None, middle), slice(middle, None)):
        shown = np.pad(there[:, half], _PAD)
        shown = _largest(_opened(~_opened(~shown, _CLOSE), 1.0))
        shown = _opened(binary_fill_holes(shown), _OPEN)
        out[:, half] = shown[_PAD:-_PAD, _PAD:-_PAD]
    return out


def _bones(plane: Single, number: int) -> Iterator[tuple[str, Mask]]:
    """The dark places within the ellipses of this slice."""
    from scipy.ndimage import binary_fill_holes, gaussian_filter

    dark = gaussian_filter(plane, _BONE_BLUR) < _DARK
    for name, far in _ellipses(number):
        closed = binary_fill_holes(~_opened(~(dark & (far < 1)), _BONE_OPEN))
        part = _opened(closed, _BONE_OPEN)
        if np.count_nonzero(part) >= _LEAST_BONE:
            yield name, _largest(part)


def _ellipses(number: int) -> Iterator[tuple[str, Float]]:
    """The bones of a slice, and how far every voxel lies from the middle of each one's ellipse (edge: 1)."""
    rows, columns = _places()
    for leg in (ONE, OTHER):
        for name, table in leg.bones.items():
            if table[0][0] <= number <= table[-1][0]:
                x, y, rx, ry = _at(table, number)
                yield (
                    name.split()[0],
                    np.hypot((columns - x)[None, :] / rx, (rows - y)[:, None] / ry),
                )


def _places() -> tuple[Float, Float]:
    """The rows and columns of the stack."""
    rows, columns = (np.arange(one.start, one.stop, dtype=np.float64) for one in (ROWS, COLUMNS))
    return rows, columns


def _largest(mask: Mask) -> Mask:
    from scipy.ndimage import label

    found, count = label(mask)
    if count < 2:
        return mask
    out: Mask = np.equal(found, np.bincount(found.ravel())[1:].argmax() + 1)
    return out


def _opened(mask: Mask, radius: float) -> Mask:
    """Without what is narrower than twice `radius`, in voxels."""
    from scipy.ndimage import distance_transform_edt

    if not mask.any() or mask.all():
        return mask
    kept = distance_transform_edt(mask) > radius
    if not kept.any():
        return np.zeros_like(mask)
    out: Mask = distance_transform_edt(~kept) <= radius
    return out


def _distance(mask: Mask) -> Single:
    """In mm to the edge, below 0 inside; a little smooth."""
    from scipy.ndimage import distance_transform_edt, gaussian_filter

    if not mask.any():
        return np.full(mask.shape, _FAR_MM, np.float32)
    outside, inside = (distance_transform_edt(one) for one in (~mask, mask))
    edge = np.where(mask, 0.5 - inside, outside - 0.5) * VOXEL_MM[1]
    out: Single = gaussian_filter(edge.astype(np.float32), 0.7)
    return out
