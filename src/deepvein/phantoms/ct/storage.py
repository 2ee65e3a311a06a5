"""How scanners store Hounsfield units: the pixel module of a CT image."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from deepvein.phantoms.ct.protocol import STORAGES
from deepvein.phantoms.ct.scan import CtScan

if TYPE_CHECKING:
    import pydicom

PADDING = -2000
"""Stored value outside the circle of reconstruction, as some scanners have it (M)."""


def store(data: pydicom.Dataset, scan: CtScan, plane: NDArray[np.int16]) -> None:
    """Write the pixels of a slice, (rows, columns) HU from -1024 to 3071, as scan.storage says.

    Every variant reads back to the same Hounsfield units: padding, which stands for -3024 HU, is below
    what a reader keeps.
    """
    if scan.storage not in STORAGES:
        raise ValueError(f"storage {scan.storage!r} is not one of {', '.join(STORAGES)}")
    signed = scan.storage.startswith("signed")
    bits = 12 if scan.storage.endswith("12") else 16
    intercept = 0 if scan.storage == "signed 16" else -1024
    stored = plane.astype(np.int32) - intercept
    data.BitsStored, data.HighBit = bits, bits - 1
    data.PixelRepresentation = int(signed)
    data.RescaleIntercept, data.RescaleSlope, data.RescaleType = str(intercept), "1", "HU"
    if scan.padded:
        stored[scan.outside] = PADDING
        data.add_new(0x00280120, "SS", PADDING)
    data.PixelData = stored.astype("<i2" if signed else "<u2").tobytes()
