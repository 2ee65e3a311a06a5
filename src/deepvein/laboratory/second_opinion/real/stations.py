"""The water images of one person's legs as one volume.

Seven axial stations from feet to hips, `Join_1.nii.gz` to `Join_7.nii.gz` of mfroeling/QMRITools (BSD-3):
real Dixon images without contrast medium. Neighbours show the same five slices; where they lie along the
body their headers do not say.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from deepvein.core.errors import StudyError
from deepvein.laboratory.second_opinion.legs.curves import Single

VOXEL_MM = (6.0, 1.5, 1.5)
"""Slice, row, column."""

_NAMES = tuple(f"Join_{number}.nii.gz" for number in range(1, 8))
_SHAPE = (31, 320, 320)
_SHARED = 5
_BLOCK = 4
_BLUR = (1.2, 3.0, 3.0)
"""In slices and blocks of _BLOCK² voxels: how slowly coils' sensitivity changes."""


def stack(folder: Path) -> Single:
    """(slices, rows, columns) of water over that of muscle nearby, from the feet upwards; rows to the
    front, columns to the right by the header.

    Raises StudyError if `folder` lacks a station, or one is of another size.
    """
    missing = [name for name in _NAMES if not (folder / name).is_file()]
    if missing:
        raise StudyError(
            f"{folder} lacks {missing[0]}: the stations Join_1.nii.gz to Join_7.nii.gz of "
            "mfroeling/QMRITools are needed"
        )
    stations = [_even(_read(folder / name)) for name in _NAMES]
    out = stations[0]
    part = ((np.arange(_SHARED, dtype=np.float32) + 0.5) / _SHARED)[:, None, None]
    for upper in stations[1:]:
        both = out[-_SHARED:] * (1 - part) + upper[:_SHARED] * part
        out = np.concatenate([out[:-_SHARED], both, upper[_SHARED:]])
    return out


def _read(path: Path) -> Single:
    import nibabel

    found = nibabel.load(path)
    array: Single = found.get_fdata(dtype=np.float32).transpose(2, 1, 0)
    if array.shape != _SHAPE:
        raise StudyError(f"{path} has the shape {array.shape}; a station has {_SHAPE}")
    return array


def _even(value: Single) -> Single:
    """Divided by what muscle has nearby: no station, and no place within one, is brighter than another."""
    from scipy.ndimage import gaussian_filter, zoom

    top = np.percentile(value[value > 0.05 * value.max()], 90)
    value = np.minimum(value, 2 * top)
    slices, rows, columns = value.shape
    blocks = (slices, rows // _BLOCK, _BLOCK, columns // _BLOCK, _BLOCK)
    muscle, bias = value > 0.25 * top, value
    for _ in range(3):
        sums = [
            gaussian_filter(one.reshape(blocks).mean(axis=(2, 4)), _BLUR, mode="nearest")
            for one in (value * muscle, muscle.astype(np.float32))
        ]
        coarse = sums[0] / np.maximum(sums[1], 1e-4)
        bias = zoom(coarse, (1, _BLOCK, _BLOCK), order=1, grid_mode=True, mode="nearest")
        muscle = (value > 0.65 * bias) & (value > 0.12 * top) & (value < 1.5 * bias)
    out: Single = value / np.maximum(bias, 0.15 * top)
    return out
