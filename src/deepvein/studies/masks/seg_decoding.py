"""One segment of a DICOM Segmentation by highdicom; these functions run in a guarded process.

Where the frames of a damaged file lie decides how large the volume gets that they are put into.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepvein.studies.masks.labels import HALF
from deepvein.studies.masks.seg_mending import mend


def segment_mask(path: str, number: int, apart: Sequence[float]) -> NDArray[np.uint8]:
    """(slice, row, column): 1 where the segment is marked, by one half or more if it is FRACTIONAL.

    apart: from one slice of the image to the next, mm. Raises whatever pydicom and highdicom raise.
    """
    share, _ = _segment(path, number, tuple(apart), os.stat(path).st_mtime_ns)
    return (share >= HALF).astype(np.uint8)


def segment_place(path: str, number: int, apart: Sequence[float]) -> dict[str, Any]:
    """affine: (4, 4) as `volumes.grid.Grid` takes it; highest: the highest share of a voxel. Raises whatever
    pydicom and highdicom raise."""
    share, volume = _segment(path, number, tuple(apart), os.stat(path).st_mtime_ns)
    return {
        "affine": np.asarray(volume.affine).tolist(),
        "highest": float(share.max()) if share.size else 0.0,
    }


@lru_cache(maxsize=1)
def _segment(
    path: str, number: int, apart: tuple[float, ...], changed: int
) -> tuple[NDArray[Any], Any]:
    """The shares of a segment, and highdicom's volume of them; both questions on it come one by one."""
    del changed
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        volume = _segmentation(path, apart, os.stat(path).st_mtime_ns).get_volume(
            segment_numbers=[number],
            combine_segments=False,
            rescale_fractional=True,
            allow_missing_positions=True,
        )
    return np.asarray(volume.array)[..., 0], volume


@lru_cache(maxsize=1)
def _segmentation(path: str, apart: tuple[float, ...], changed: int) -> Any:
    import highdicom as hd
    from pydicom.filereader import dcmread

    del changed
    dataset = dcmread(path)
    mend(dataset, np.array(apart))
    if dataset.SegmentationType == "LABELMAP":
        _require_listed(dataset)
    return hd.seg.Segmentation.from_dataset(dataset, copy=False)


def _require_listed(dataset: Any) -> None:
    """ValueError if voxels hold the number of a segment that is not listed."""
    listed = {0, dataset.get("PixelPaddingValue", 0)}
    listed |= {int(item.SegmentNumber) for item in dataset.SegmentSequence}
    for frame in np.reshape(dataset.pixel_array, (-1, dataset.Rows, dataset.Columns)):
        other = set(np.unique(frame).tolist()) - listed
        if other:
            raise ValueError(f"it marks segment {min(other)}, which is not listed")
