"""Where voxels lie: the only place, with `resample`, in which axes turn.

Arrays are (slice, row, column). Positions are millimetres in the patient's LPS system (x to the left,
y to the back, z to the head). The affine maps (slice, row, column) indices of voxel centres to LPS.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepvein.core.errors import GeometryError

Float = NDArray[np.float64]


class Plane(Enum):
    """The plane that a stack of slices shows; the value names the LPS axis that its normal is nearest to."""

    SAGITTAL = 0
    CORONAL = 1
    AXIAL = 2


@dataclass(frozen=True, eq=False)
class Grid:
    """A regular grid of voxels in the patient.

    shape: (slices, rows, columns), each at least 1.
    affine: 4x4, (slice, row, column, 1) of a voxel centre -> LPS millimetres; columns orthogonal.
    frame_of_reference: DICOM Frame of Reference UID, or None where the format has none. further_frames: those
    of other series that were joined on the grid, their positions taken as they stand.
    Raises GeometryError for anything that is not a finite, orthogonal, non-degenerate grid.
    """

    shape: tuple[int, int, int]
    affine: Float
    frame_of_reference: str | None = field(default=None)
    further_frames: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        affine = np.array(self.affine, dtype=np.float64)
        affine.setflags(write=False)
        object.__setattr__(self, "affine", affine)
        object.__setattr__(self, "shape", tuple(int(n) for n in self.shape))
        if len(self.shape) != 3 or min(self.shape) < 1:
            raise GeometryError(
                f"a grid has three axes of one voxel or more, got shape {self.shape}"
            )
        if affine.shape != (4, 4) or not np.isfinite(affine).all():
            raise GeometryError("the affine must be a finite 4x4 matrix")
        spacing = np.linalg.norm(affine[:3, :3], axis=0)
        if (spacing < 1e-4).any():
            raise GeometryError(f"voxel spacing must be larger than 0 mm, got {spacing.tolist()}")
        unit = affine[:3, :3] / spacing
        skew = np.abs(unit.T @ unit - np.eye(3)).max()
        if skew > 2e-3:
            raise GeometryError(
                f"the axes of the grid are not perpendicular (cosine {skew:.3f}): a sheared or tilted "
                "stack must be corrected before it is used"
            )

    @classmethod
    def from_directions(
        cls,
        shape: tuple[int, int, int],
        spacing_mm: ArrayLike,
        origin_mm: ArrayLike = (0.0, 0.0, 0.0),
        directions: ArrayLike | None = None,
        frame_of_reference: str | None = None,
    ) -> Grid:
        """Grid from spacing (slice, row, column), the LPS position of voxel (0, 0, 0) and a 3x3 matrix
        whose columns are the LPS unit vectors along slice, row and column; by default axial slices from
        feet to head, rows to the back, columns to the left."""
        turn = AXIAL if directions is None else np.asarray(directions, dtype=np.float64)
        affine = np.eye(4)
        affine[:3, :3] = turn * np.asarray(spacing_mm, dtype=np.float64)
        affine[:3, 3] = origin_mm
        return cls(shape, affine, frame_of_reference)

    @cached_property
    def spacing_mm(self) -> tuple[float, float, float]:
        """Distance between voxel centres along (slice, row, column)."""
        slices, rows, columns = np.linalg.norm(self.affine[:3, :3], axis=0)
        return float(slices), float(rows), float(columns)

    @cached_property
    def directions(self) -> Float:
        """3x3; columns are LPS unit vectors along slice, row, column."""
        unit: Float = self.affine[:3, :3] / np.asarray(self.spacing_mm)
        return unit

    @property
    def origin_mm(self) -> Float:
        """LPS position of the centre of voxel (0, 0, 0)."""
        return np.asarray(self.affine[:3, 3])

    @property
    def voxel_volume_ml(self) -> float:
        return float(np.prod(self.spacing_mm)) / 1000.0

    @cached_property
    def plane(self) -> Plane:
        """The anatomical plane that the slices are nearest to."""
        return Plane(int(np.abs(self.directions[:, 0]).argmax()))

    @cached_property
    def body_axis(self) -> int:
        """The array axis (0, 1 or 2) that runs most nearly from feet to head."""
        return int(np.abs(self.directions[2]).argmax())

    @cached_property
    def _inverse(self) -> Float:
        inverse: Float = np.asarray(np.linalg.inv(self.affine), dtype=np.float64)
        return inverse

    def to_world(self, indices: ArrayLike) -> Float:
        """LPS millimetres of (n, 3) indices (slice, row, column); (0, 3) for none."""
        points = np.asarray(indices, dtype=np.float64).reshape(-1, 3)
        world: Float = points @ self.affine[:3, :3].T + self.affine[:3, 3]
        return world

    def to_index(self, points_mm: ArrayLike) -> Float:
        """Fractional (slice, row, column) indices of (n, 3) LPS points; (0, 3) for none."""
        points = np.asarray(points_mm, dtype=np.float64).reshape(-1, 3)
        index: Float = points @ self._inverse[:3, :3].T + self._inverse[:3, 3]
        return index

    @cached_property
    def corners_mm(self) -> Float:
        """(8, 3) LPS positions of the outer corners of the corner voxels."""
        ends = [(-0.5, n - 0.5) for n in self.shape]
        return self.to_world([(a, b, c) for a in ends[0] for b in ends[1] for c in ends[2]])

    def body_positions_mm(self) -> Float:
        """LPS z of each index along the body axis, through the grid's centre."""
        axis = self.body_axis
        indices = np.tile((np.asarray(self.shape, dtype=np.float64) - 1) / 2, (self.shape[axis], 1))
        indices[:, axis] = np.arange(self.shape[axis])
        return self.to_world(indices)[:, 2]

    def crop(self, start: tuple[int, int, int], stop: tuple[int, int, int]) -> Grid:
        """The grid of `array[start[0]:stop[0], start[1]:stop[1], start[2]:stop[2]]`."""
        affine = self.affine.copy()
        affine[:3, 3] = self.to_world([start])[0]
        shape = (stop[0] - start[0], stop[1] - start[1], stop[2] - start[2])
        return Grid(shape, affine, self.frame_of_reference)

    def matches(self, other: Grid, tolerance_mm: float = 0.01) -> bool:
        """True if both grids have the same shape and every corner lies within `tolerance_mm`."""
        if self.shape != other.shape:
            return False
        return bool(np.abs(self.corners_mm - other.corners_mm).max() <= tolerance_mm)


AXIAL: Float = np.array([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])
"""Directions of axial slices from feet to head: rows run to the back, columns to the left."""

CORONAL: Float = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, -1.0, 0.0]])
"""Directions of coronal slices from front to back: rows run to the feet, columns to the left."""
