"""Sparse files, whose zeros take no space: label maps are nearly empty, yet must be mapped byte by byte."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from deepvein.core.files import whole_file

_BLOCK = 4096
"""Bytes in a block of the usual file systems."""


def make_sparse(path: Path) -> None:
    """Write a file anew without its blocks of zeros; it reads as before.

    Most file systems (ext4, XFS, Btrfs, APFS) then store the rest alone; others store all of it as before.
    The file is replaced whole; OutputError if it cannot be.
    """
    data = np.fromfile(path, dtype=np.uint8)
    starts = np.arange(0, len(data), _BLOCK)
    filled = np.logical_or.reduceat(data != 0, starts) if len(data) else np.zeros(0, dtype=np.bool_)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], filled, [False]]).astype(np.int8)))
    with whole_file(path) as made, made.open("wb") as file:
        for first, behind in edges.reshape(-1, 2).tolist():
            file.seek(first * _BLOCK)
            file.write(data[first * _BLOCK : behind * _BLOCK].tobytes())
        file.truncate(len(data))


def stored_bytes(path: Path) -> int:
    """What a file takes on the disk, holes left out where the system tells."""
    state = path.stat()
    blocks = getattr(state, "st_blocks", None)  # of 512 bytes; Windows has none
    return state.st_size if blocks is None else min(int(blocks) * 512, state.st_size)
