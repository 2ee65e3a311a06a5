"""Whole data sets without compression, for those who read pixels themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from deepvein.studies.dicom.decoding import decode_frames
from deepvein.studies.guard import Limits, guarded

_SECONDS, _SECONDS_A_FRAME = 10.0, 0.25
_MEMORY_BYTES, _COPIES = 2 * 2**30, 8


def decompressed(dataset: Any, path: Path) -> Any:
    """The data set of a file, its frames of 8 or 16 bits decoded in a guarded process if they are compressed.

    `dataset` itself is changed. Raises DecodingError, and whatever pydicom raises on a damaged header.
    """
    from pydicom.uid import ExplicitVRLittleEndian

    syntax = dataset.file_meta.TransferSyntaxUID
    bits = int(dataset.BitsAllocated)
    if not syntax.is_encapsulated or bits not in (8, 16):
        return dataset
    rows, columns = int(dataset.Rows), int(dataset.Columns)
    count = int(dataset.get("NumberOfFrames") or 1)
    size = rows * columns * count * bits // 8
    planes = guarded(
        decode_frames,
        Limits(_SECONDS + _SECONDS_A_FRAME * count, _MEMORY_BYTES + _COPIES * size),
        path=str(path),
        indices=list(range(count)),
        rows=rows,
        columns=columns,
        inflate=False,
    )
    dataset.PixelData = planes.astype(f"<u{bits // 8}").tobytes()
    dataset["PixelData"].VR = "OB" if bits == 8 else "OW"
    dataset["PixelData"].is_undefined_length = False
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return dataset
