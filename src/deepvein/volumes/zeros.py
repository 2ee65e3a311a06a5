"""Zeros that take memory only where something is written, and where that is."""

from __future__ import annotations

import mmap
from collections.abc import Sequence
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


def marked(planes: Sequence[NDArray[np.uint8]]) -> tuple[slice, slice] | None:
    """The rows and columns that hold all values above 0; None if there is none.

    What is not looked at is not touched: pages of an array that were never written take no memory.
    """
    spans = []
    for axis in (1, 0):
        lines = np.flatnonzero(np.logical_or.reduce([plane.any(axis=axis) for plane in planes]))
        if not len(lines):
            return None
        spans.append(slice(int(lines[0]), int(lines[-1]) + 1))
    return spans[0], spans[1]
