"""Segments of a DICOM Segmentation, read by highdicom."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from deepvein.core.errors import GeometryError, MaskError
from deepvein.volumes.grid import Grid
from deepvein.volumes.volume import Volume

SEG_CLASSES = ("1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7")
"""Segmentation Storage and Label Map Segmentation Storage."""

_THRESHOLD = 0.5
"""Fraction from which a voxel of a FRACTIONAL segmentation is marked."""


def segments(path: Path) -> Iterator[tuple[str, Volume]]:
    """(label, mask with 0 and 1) of each segment in order of its number, on the segmentation's own grid.

    BINARY, FRACTIONAL (marked from one half) and LABELMAP are understood. Raises MaskError if the file
    is damaged or its frames do not make one regular volume.
    """
    import highdicom as hd

    try:
        segmentation = hd.seg.segread(path)
        numbers = list(segmentation.segment_numbers)
    except Exception as error:
        raise MaskError(f"{path} cannot be read as a DICOM segmentation: {_told(error)}") from error
    for number in numbers:
        label = f"segment {number}"
        try:
            label = str(segmentation.get_segment_description(number).segment_label)
            volume = segmentation.get_volume(
                segment_numbers=[number],
                combine_segments=False,
                rescale_fractional=True,
                allow_missing_positions=True,
            )
            mask = Volume(
                (np.asarray(volume.array)[..., 0] >= _THRESHOLD).astype(np.uint8),
                Grid(
                    tuple(volume.spatial_shape),
                    np.asarray(volume.affine),
                    volume.frame_of_reference_uid,
                ),
            )
        except GeometryError as error:
            raise MaskError(f"{label} of {path}: {error}") from error
        except Exception as error:
            raise MaskError(f"{label} of {path} cannot be read: {_told(error)}") from error
        yield label, mask


def _told(error: Any) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
