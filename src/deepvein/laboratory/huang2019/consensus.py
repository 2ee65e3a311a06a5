"""The ground truth as two radiologists agree on it (Huang 2019, Section 2.2)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from deepvein.core.seeds import derive
from deepvein.phantoms.annotation.annotation import RADIOLOGIST, Annotation, annotate
from deepvein.volumes.volume import Volume

Labels = NDArray[np.uint8]


def agreed(segments: Volume, thrombi: Volume, seed: int, style: Annotation = RADIOLOGIST) -> Volume:
    """The thrombi, uint8 instance numbers, that two readers of one style agree on.

    Each draws by himself. In a slice in which both drew, the outline runs midway between theirs; what one
    has overlooked the other points out. How the authors came to their consensus is not stated (M).
    """
    first, second = (
        annotate(segments, thrombi, style, derive(seed, "reader", number) % 2**31)[1]
        for number in (0, 1)
    )
    drawn = np.zeros_like(thrombi.array)
    spacing = thrombi.grid.spacing_mm[1:]
    for index, (one, other) in enumerate(zip(first.array, second.array, strict=True)):
        for number in np.union1d(np.unique(one), np.unique(other)).tolist():
            if number:
                drawn[index][midway(one == number, other == number, spacing)] = number
    return Volume(drawn, thrombi.grid)


def midway(
    first: NDArray[np.bool_], second: NDArray[np.bool_], spacing_mm: tuple[float, float]
) -> NDArray[np.bool_]:
    """The (rows, columns) mask whose outline runs midway between two.

    Where one mask goes on along a vein, it ends up to half the vein's width beyond the shorter one. Of
    parts that touch no part of the other mask all stays, and an empty mask leaves the other as it is.
    """
    if not first.any() or not second.any():
        return first | second
    from scipy import ndimage

    either = first | second
    parts, count = ndimage.label(either, np.ones((3, 3)))
    alone = np.ones(count + 1, dtype=bool)
    alone[np.unique(parts[first & second])] = False
    alone[0] = False
    box = tuple(
        slice(max(0, int(np.flatnonzero(line)[0]) - 1), int(np.flatnonzero(line)[-1]) + 2)
        for line in (either.any(axis=1), either.any(axis=0))
    )
    out: NDArray[np.bool_] = alone[parts]
    signed = sum(_signed_mm(mask[box], spacing_mm) for mask in (first, second))
    out[box] |= (np.asarray(signed) < 0) & ~alone[parts[box]]
    return out


def _signed_mm(mask: NDArray[np.bool_], spacing_mm: tuple[float, float]) -> NDArray[np.float64]:
    """Distance to the mask's outline, below 0 inside."""
    from scipy import ndimage

    outside = ndimage.distance_transform_edt(~mask, sampling=spacing_mm)
    inside = ndimage.distance_transform_edt(mask, sampling=spacing_mm)
    signed: NDArray[np.float64] = outside - inside
    return signed
