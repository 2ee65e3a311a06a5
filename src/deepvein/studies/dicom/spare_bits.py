"""Bits of a stored pixel that do not belong to its value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepvein.core.errors import StudyError
from deepvein.studies.dicom.frame import Frame

_OVERLAY_GROUPS = range(0x6000, 0x6020, 2)
_BIT_POSITION = 0x0102


def without_spare_bits(
    plane: NDArray[Any], frame: Frame, padded: NDArray[np.bool_] | None = None
) -> NDArray[Any]:
    """The values of an uncompressed frame (row, column) by its Bits Stored and High Bit.

    padded: where there is no image; what stands there is not looked at. Old files keep overlays in the
    spare bits, which are dropped. Raises StudyError where these bits are in use and no overlay says so:
    then Bits Stored or High Bit is wrong, and so would be the values. Where more bits are stored than there are
    up to High Bit, values must be the same by both.
    """
    layout = frame.layout
    stored = min(layout.stored, layout.high_bit + 1)
    low, high = layout.high_bit + 1 - stored, layout.allocated - layout.high_bit - 1
    if layout.offset is None or not (low or high):
        return plane
    shifted: NDArray[Any] = plane << high >> (low + high)
    used = (plane & ((1 << low) - 1)) != 0 if low else shifted != plane
    if used.any() and not low and stored == layout.stored:
        # A negative value may be stored with its sign spread over the spare bits or without.
        used &= (plane.view(plane.dtype.str.replace("i", "u")) >> layout.stored) != 0
    if padded is not None:
        used &= ~padded
    if used.any() and not _keeps_overlays(frame.path):
        raise StudyError(
            f"{frame.path} has BitsStored (0028,0101) {layout.stored} and HighBit (0028,0102) "
            f"{layout.high_bit}, but its pixels use other bits too; export the images again"
        )
    return shifted


def _keeps_overlays(path: Path) -> bool:
    """True if an overlay of the file lies in the bits of its pixels (PS3.3 C.9.2, retired)."""
    from pydicom.filereader import dcmread

    tags = [(group << 16) + _BIT_POSITION for group in _OVERLAY_GROUPS]
    try:
        dataset = dcmread(path, stop_before_pixels=True, force=True, specific_tags=list(tags))
        return any(dataset[tag].value for tag in tags if tag in dataset)
    except Exception:  # noqa: BLE001  (pydicom raises whatever a damaged value makes it raise)
        return False
