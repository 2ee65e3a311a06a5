"""The patient seen from the front: where voxels fall on one coronal picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepvein.volumes.grid import Float, Grid

PIXEL_MM = 1.0


@dataclass(frozen=True)
class Front:
    """A picture from head to feet and from the patient's right to the left, in pixels of PIXEL_MM.

    left_mm, top_mm: LPS x of the left and z of the upper edge. wide, tall: size of a voxel's shadow.
    """

    left_mm: float
    top_mm: float
    shape: tuple[int, int]
    wide: int
    tall: int

    @classmethod
    def covering(cls, grid: Grid) -> Front:
        """The picture that holds the whole grid."""
        low, high = grid.corners_mm.min(axis=0), grid.corners_mm.max(axis=0)
        rows, columns = (max(1, int(np.ceil((high[a] - low[a]) / PIXEL_MM))) for a in (2, 0))
        # Thick slices would leave gaps: a voxel covers all the rows down to the next.
        wide, tall = (
            max(1, int(np.ceil(np.abs(grid.affine[axis, :3]).max() / PIXEL_MM - 0.01)))
            for axis in (0, 2)
        )
        return cls(float(low[0]), float(high[2]), (rows, columns), wide, tall)

    @property
    def extent_mm(self) -> tuple[float, float, float, float]:
        """LPS x of the left and right edge, z of the lower and upper edge."""
        rows, columns = self.shape
        return (
            self.left_mm,
            self.left_mm + columns * PIXEL_MM,
            self.top_mm - rows * PIXEL_MM,
            self.top_mm,
        )

    def pixels(
        self, world: Float, rim: int = 0
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Rows and columns under the shadows of voxels at (n, 3) LPS points, and which voxel casts each.

        rim: pixels by which each shadow is widened. Shadows beyond the edge are cut.
        """
        wide, tall = self.wide + 2 * rim, self.tall + 2 * rim
        down, across = (a.ravel() for a in np.mgrid[0:tall, 0:wide])
        row = np.rint((self.top_mm - world[:, 2]) / PIXEL_MM - tall / 2).astype(np.int64)
        column = np.rint((world[:, 0] - self.left_mm) / PIXEL_MM - wide / 2).astype(np.int64)
        rows = (row[:, None] + down).ravel()
        columns = (column[:, None] + across).ravel()
        voxels = np.repeat(np.arange(len(world)), len(down))
        seen = (rows >= 0) & (rows < self.shape[0]) & (columns >= 0) & (columns < self.shape[1])
        return rows[seen], columns[seen], voxels[seen]
