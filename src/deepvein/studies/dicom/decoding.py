"""Stored values of compressed frames; these functions run in a guarded process (see `studies.guard`)."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepvein.studies.dicom.layout import DEFLATED, HTJ2K

_JPEG_2000 = "1.2.840.10008.1.2.4.90"


def decode_frames(
    path: str, indices: Sequence[int], rows: int, columns: int, syntax: str
) -> NDArray[Any]:
    """(frame, row, column) stored values of the frames `indices` of a file of transfer syntax `syntax`.

    A deflated file and one of HTJ2K is read as a whole; of others only the wanted frames are read. Raises
    ValueError and whatever a decoder raises.
    """
    from pydicom.filereader import dcmread
    from pydicom.pixels import iter_pixels
    from pydicom.uid import UID

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        source: Any = dcmread(path) if syntax in (DEFLATED, *HTJ2K) else path
        if syntax in HTJ2K:
            # GDCM's JPEG 2000 decoder (OpenJPEG) knows HTJ2K by the code stream, but not by these UIDs.
            source.file_meta.TransferSyntaxUID = UID(_JPEG_2000)
        planes = list(iter_pixels(source, indices=list(indices), raw=True))
    for plane in planes:
        if plane.shape != (rows, columns):
            raise ValueError(f"{plane.shape} decoded, {rows} x {columns} expected")
    if len(planes) != len(indices):
        raise ValueError(f"{len(planes)} of {len(indices)} frames found")
    return np.stack(planes)


def decode_jpeg_12(path: str) -> NDArray[Any]:
    """(1, row, column) of a 12-bit JPEG, which no decoder of pydicom takes, by SimpleITK.

    Slope and intercept have been applied to it already.
    """
    import SimpleITK as sitk

    values: NDArray[Any] = sitk.GetArrayFromImage(sitk.ReadImage(path))
    return values
