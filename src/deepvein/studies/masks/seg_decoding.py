"""One segment of a DICOM Segmentation by highdicom; these functions run in a guarded process.

Where the frames of a damaged file lie decides how large the volume gets that they are put into.
"""

from __future__ import annotations

import os
import warnings
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepvein.studies.masks.labels import HALF


def segment_mask(path: str, number: int) -> NDArray[np.uint8]:
    """(slice, row, column): 1 where the segment is marked, by one half or more if it is FRACTIONAL.

    Raises whatever pydicom and highdicom raise.
    """
    share, _ = _segment(path, number, os.stat(path).st_mtime_ns)
    return (share >= HALF).astype(np.uint8)


def segment_place(path: str, number: int) -> dict[str, Any]:
    """affine: (4, 4) as `volumes.grid.Grid` takes it; frame_of_reference: text or None; highest: the highest
    share of a voxel. Raises whatever pydicom and highdicom raise."""
    share, volume = _segment(path, number, os.stat(path).st_mtime_ns)
    return {
        "affine": np.asarray(volume.affine).tolist(),
        "frame_of_reference": volume.frame_of_reference_uid,
        "highest": float(share.max()) if share.size else 0.0,
    }


@lru_cache(maxsize=1)
def _segment(path: str, number: int, changed: int) -> tuple[NDArray[Any], Any]:
    """The shares of a segment, and highdicom's volume of them; both questions on it come one by one."""
    del changed
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        volume = _segmentation(path, os.stat(path).st_mtime_ns).get_volume(
            segment_numbers=[number],
            combine_segments=False,
            rescale_fractional=True,
            allow_missing_positions=True,
        )
    return np.asarray(volume.array)[..., 0], volume


@lru_cache(maxsize=1)
def _segmentation(path: str, changed: int) -> Any:
    import highdicom as hd
    from pydicom.filereader import dcmread

    del changed
    return hd.seg.Segmentation.from_dataset(dcmread(path), copy=False)
