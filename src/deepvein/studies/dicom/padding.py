"""Pixels that fill the frame where there is no image (Pixel Padding Value, PS3.3 C.7.5.1.1.2)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepvein.studies.dicom.frame import Frame
from deepvein.studies.study import Modality

_AIR_HU = -900.0
"""Padding below it cannot be taken for tissue."""


def padding_mask(plane: NDArray[Any], frame: Frame, modality: Modality) -> NDArray[np.bool_] | None:
    """Where the stored values of a frame (row, column) stand for "no image", None if nowhere.

    Scanners write -2000 into unsigned pixels and call it 63536, or the reverse: values are compared as
    the bits that they are. Where the padding would be a value of tissue (0 HU, for instance), only what
    reaches the frame's edge counts: a voxel of water inside a leg is no padding.
    """
    if frame.padding is None:
        return None
    marked = np.zeros(plane.shape, dtype=np.bool_)
    for low, high in _ranges(*frame.padding, plane.dtype):
        marked |= (plane >= low) & (plane <= high)
    if not marked.any():
        return None
    if _is_air(plane[marked], frame, modality):
        return marked
    return _touching_the_edge(marked)


def _ranges(low: int, high: int, dtype: np.dtype[Any]) -> list[tuple[int, int]]:
    """Values of pixels of `dtype` that stand for low to high: as numbers, and as the same bits."""
    if dtype.kind not in "iu":
        return [(low, high)]
    least, greatest = int(np.iinfo(dtype).min), int(np.iinfo(dtype).max)
    size = greatest - least + 1
    found = []
    for turns in (-size, 0, size):
        start, stop = max(low + turns, least), min(high + turns, greatest)
        if start <= stop:
            found.append((start, stop))
    return found


def _is_air(values: NDArray[Any], frame: Frame, modality: Modality) -> bool:
    """True if the padding lies outside the range of tissue whichever way its bits are read."""
    if modality is not Modality.CT:
        return False
    slope = 1.0 if frame.slope is None else frame.slope
    hounsfield = values.astype(np.float64) * slope + (frame.intercept or 0.0)
    return bool(((hounsfield < _AIR_HU) | (hounsfield > 32767 - 1024)).all())


def _touching_the_edge(marked: NDArray[np.bool_]) -> NDArray[np.bool_] | None:
    from scipy import ndimage

    labels, _ = ndimage.label(marked)
    edge = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    reaching = np.unique(edge[edge > 0])
    return np.isin(labels, reaching) if len(reaching) else None
