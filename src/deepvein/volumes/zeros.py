"""Zeros that take memory only where something is written."""

from __future__ import annotations

import mmap
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray


def sparse_zeros(shape: tuple[int, ...], dtype: DTypeLike = np.uint8) -> NDArray[Any]:
    """An array of zeros of which each page of some 4 KiB takes memory once it is written to.

    What `numpy.zeros` gives grows by pages of 2 MiB, eight slices of a label map, where the system has such.
    Reading takes nothing. An array without elements takes nothing either.
    """
    size = int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize
    if not size:
        return np.zeros(shape, dtype)
    return np.frombuffer(mmap.mmap(-1, size), dtype).reshape(shape)
