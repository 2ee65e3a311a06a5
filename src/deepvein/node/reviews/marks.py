"""Labelled voxels by their places: a leg has half a billion voxels, and a few thousand of them are marked."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deepvein.core.errors import InputError
from deepvein.core.files import whole_file


@dataclass(frozen=True, eq=False)
class Marks:
    """indices: (n, 3) places (slice, row, column), ascending; values: (n,) uint8 labels above 0; shape: of
    the grid that they lie on."""

    indices: NDArray[np.int32]
    values: NDArray[np.uint8]
    shape: tuple[int, int, int]

    @classmethod
    def of(cls, array: NDArray[np.uint8]) -> Marks:
        """The marked voxels of an array, found slice by slice."""
        places = []
        for index, plane in enumerate(array):
            rows, columns = np.nonzero(plane)
            if len(rows):
                places.append(np.stack([np.full(len(rows), index), rows, columns], axis=1))
        indices = np.concatenate(places) if places else np.zeros((0, 3))
        indices = indices.astype(np.int32)
        return cls(indices, array[tuple(indices.T)].astype(np.uint8), array.shape)  # type: ignore[arg-type]

    def slab(self, first: int, last: int) -> NDArray[np.uint8]:
        """The slices from `first` to before `last` as an array."""
        array = np.zeros((last - first, *self.shape[1:]), np.uint8)
        begin, end = np.searchsorted(self.indices[:, 0], (first, last))
        slices, rows, columns = self.indices[begin:end].T
        array[slices - first, rows, columns] = self.values[begin:end]
        return array

    def reduced(self, steps: tuple[int, int, int]) -> NDArray[np.uint8]:
        """All slices in blocks of `steps` voxels, whole blocks only; a block with several labels takes the
        largest one."""
        shape = tuple(max(1, n // step) for n, step in zip(self.shape, steps, strict=True))
        array = np.zeros(shape, np.uint8)
        blocks = self.indices // np.array(steps, np.int32)
        within = (blocks < np.array(shape)).all(axis=1)
        np.maximum.at(array, tuple(blocks[within].T), self.values[within])
        return array

    def with_slab(self, first: int, slab: NDArray[np.uint8]) -> Marks:
        """The marks after the slices from `first` on were replaced."""
        begin, end = np.searchsorted(self.indices[:, 0], (first, first + len(slab)))
        new = Marks.of(slab)
        moved = new.indices + np.array((first, 0, 0), np.int32)
        indices = np.concatenate([self.indices[:begin], moved, self.indices[end:]])
        values = np.concatenate([self.values[:begin], new.values, self.values[end:]])
        return Marks(indices, values, self.shape)

    def save(self, path: Path) -> None:
        """Write them as .npz, whole or not at all."""
        with whole_file(path, private=True) as made:
            np.savez_compressed(
                made, indices=self.indices, values=self.values, shape=np.array(self.shape)
            )

    @classmethod
    def load(cls, path: Path) -> Marks:
        """Read what `save` wrote; InputError if it is damaged."""
        try:
            with np.load(path, allow_pickle=False) as kept:
                slices, rows, columns = kept["shape"].tolist()
                return cls(kept["indices"], kept["values"], (slices, rows, columns))
        except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
            raise InputError(f"{path} cannot be read: {error}") from error
