"""Predicted masks on disk: packed bits, compressed, some kilobytes each."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deepvein.core.files import whole_file


def keep_mask(mask: NDArray[np.bool_], path: Path) -> None:
    """Write a mask, whole or not at all."""
    with whole_file(path) as made:
        np.savez_compressed(made, bits=np.packbits(mask), shape=np.array(mask.shape))


def kept_mask(path: Path) -> NDArray[np.bool_]:
    """The mask as it was written."""
    with np.load(path, allow_pickle=False) as kept:
        shape = tuple(int(n) for n in kept["shape"])
        bits = np.unpackbits(kept["bits"], count=int(np.prod(shape)))
    mask: NDArray[np.bool_] = bits.astype(np.bool_).reshape(shape)
    return mask
