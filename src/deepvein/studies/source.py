"""The DICOM frames that a study's volume was made of: where each lies and how it is called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from deepvein.volumes.grid import Grid

if TYPE_CHECKING:
    from pydicom import Dataset


@dataclass(frozen=True, eq=False)
class SourceFrame:
    """One stored frame, as the reader parsed it.

    sop_instance_uid, series_instance_uid: empty where the file does not say.
    instance_number: None where the file does not say.
    number: counts from 1 in a multi-frame instance, None for a single frame.
    position_mm: LPS millimetres of the first pixel's centre; orientation: cosines along a row, then
    along a column; spacing_mm: between rows, then between columns; all as the header gives them.
    thickness_mm: None where the header does not say.
    slope, intercept: what turns stored values into Hounsfield units or signal.
    """

    path: Path
    sop_class_uid: str
    sop_instance_uid: str
    series_instance_uid: str
    instance_number: int | None
    number: int | None
    rows: int
    columns: int
    position_mm: tuple[float, ...]
    orientation: tuple[float, ...]
    spacing_mm: tuple[float, ...]
    thickness_mm: float | None = None
    slope: float = 1.0
    intercept: float = 0.0

    @cached_property
    def cosines(self) -> NDArray[np.float64]:
        """(2, 3) unit vectors along a row and along a column, perpendicular although headers round them."""
        along_row, along_column = np.reshape(self.orientation, (2, 3))
        along_row = along_row / np.linalg.norm(along_row)
        along_column = along_column - (along_column @ along_row) * along_row
        return np.stack([along_row, along_column / np.linalg.norm(along_column)])

    @cached_property
    def grid(self) -> Grid:
        """A single slice (1, rows, columns); its slice direction is the frame's normal, 1 mm long."""
        # PS3.3 C.7.6.2.1.1: the first three cosines run along a row, that is from column to column;
        # pixel spacing is the distance between rows, then between columns.
        along_row, along_column = self.cosines
        affine = np.eye(4)
        affine[:3, 0] = np.cross(along_row, along_column)
        affine[:3, 1] = along_column * self.spacing_mm[0]
        affine[:3, 2] = along_row * self.spacing_mm[1]
        affine[:3, 3] = self.position_mm
        return Grid((1, self.rows, self.columns), affine)

    def distance_mm(self, point_mm: Sequence[float]) -> float:
        """Distance of an LPS point from the frame's rectangle, which has no thickness."""
        out, row, column = self.grid.to_index([point_mm])[0]
        _, row_mm, column_mm = self.grid.spacing_mm
        beside = max(-0.5 - row, row - self.rows + 0.5, 0.0) * row_mm
        above = max(-0.5 - column, column - self.columns + 0.5, 0.0) * column_mm
        return float(np.hypot(out, np.hypot(beside, above)))


@dataclass(frozen=True, eq=False)
class SourceSeries:
    """One series, or one MR station, of which the volume was made.

    frames: ordered as its slices lie along the normal of their plane.
    header: everything that the first frame's file says, without its pixels, read whether or not the file
    has a preamble. Patient, study, series and equipment hold for the whole series; what differs from
    frame to frame (SOP Instance UID, number, position) is to be taken from `frames`. Not to be changed:
    whoever needs another value copies it first.
    frame_of_reference_uid: empty where the files do not say.
    gain: what its signal was multiplied with to become the study's; other than 1 only for stations of MR.
    """

    frames: tuple[SourceFrame, ...]
    header: Dataset
    frame_of_reference_uid: str = ""
    gain: float = 1.0

    @property
    def paths(self) -> tuple[Path, ...]:
        """Its files, each once, in the order of the frames."""
        return tuple(dict.fromkeys(frame.path for frame in self.frames))


def nearest_frame(sources: Sequence[SourceSeries], point_mm: Sequence[float]) -> SourceFrame | None:
    """The frame nearest to an LPS point, or None if there are no frames."""
    frames = [frame for series in sources for frame in series.frames]
    return min(frames, key=lambda frame: frame.distance_mm(point_mm), default=None)
