"""The DICOM frames that a study's volume was made of: where each lies and how it is called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepvein.core.errors import StudyError
from deepvein.studies.study import Format, Study
from deepvein.volumes.grid import Grid

_TAGS = (
    "SOPClassUID",
    "SOPInstanceUID",
    "SeriesInstanceUID",
    "InstanceNumber",
    "Rows",
    "Columns",
    "NumberOfFrames",
    "ImagePositionPatient",
    "ImageOrientationPatient",
    "PixelSpacing",
    "SharedFunctionalGroupsSequence",
    "PerFrameFunctionalGroupsSequence",
)


@dataclass(frozen=True, eq=False)
class SourceFrame:
    """One stored frame; `number` counts from 1 in a multi-frame instance, None for a single frame.

    grid: a single slice (1, rows, columns); its slice direction is the frame's normal, 1 mm long.
    """

    path: Path
    sop_class_uid: str
    sop_instance_uid: str
    series_instance_uid: str
    instance_number: int | None
    number: int | None
    grid: Grid

    def distance_mm(self, point_mm: Sequence[float]) -> float:
        """Distance of an LPS point from the frame's rectangle, which has no thickness."""
        out, row, column = self.grid.to_index([point_mm])[0]
        _, rows, columns = self.grid.shape
        _, row_mm, column_mm = self.grid.spacing_mm
        beside = max(-0.5 - row, row - rows + 0.5, 0.0) * row_mm
        above = max(-0.5 - column, column - columns + 0.5, 0.0) * column_mm
        return float(np.hypot(out, np.hypot(beside, above)))


def source_series(study: Study) -> tuple[tuple[SourceFrame, ...], ...]:
    """The frames of each source series, in the order of its files; empty if the study is not DICOM."""
    if study.origin.format is not Format.DICOM:
        return ()
    return tuple(_frames(paths) for paths in series_paths(study))


def series_paths(study: Study) -> tuple[tuple[Path, ...], ...]:
    """The files of each source series."""
    return study.origin.station_series or ((study.origin.paths,) if study.origin.paths else ())


def nearest_frame(
    series: tuple[tuple[SourceFrame, ...], ...], point_mm: Sequence[float]
) -> SourceFrame | None:
    """The frame nearest to an LPS point, or None if there are no frames."""
    frames = [frame for group in series for frame in group]
    return min(frames, key=lambda frame: frame.distance_mm(point_mm), default=None)


@lru_cache(maxsize=8)
def _frames(paths: tuple[Path, ...]) -> tuple[SourceFrame, ...]:
    from pydicom import dcmread

    frames: list[SourceFrame] = []
    for path in paths:
        try:
            header = dcmread(path, stop_before_pixels=True, specific_tags=list(_TAGS))
            frames += _of_instance(path, header)
        except (OSError, AttributeError, ValueError, IndexError, TypeError) as error:
            raise StudyError(f"cannot read the geometry of {path}: {error}") from error
    return tuple(frames)


def _of_instance(path: Path, header: Any) -> list[SourceFrame]:
    count = header.get("NumberOfFrames")
    groups = header.get("PerFrameFunctionalGroupsSequence")
    if not groups:
        return [
            _frame(
                path,
                header,
                None,
                header.ImagePositionPatient,
                header.ImageOrientationPatient,
                header.PixelSpacing,
            )
        ]
    shared = header.SharedFunctionalGroupsSequence[0]
    frames = []
    for index in range(int(count)):
        own = groups[index]
        frames.append(
            _frame(
                path,
                header,
                index + 1,
                _macro(own, shared, "PlanePositionSequence").ImagePositionPatient,
                _macro(own, shared, "PlaneOrientationSequence").ImageOrientationPatient,
                _macro(own, shared, "PixelMeasuresSequence").PixelSpacing,
            )
        )
    return frames


def _macro(own: Any, shared: Any, name: str) -> Any:
    """A functional group, which stands either at each frame or once for all."""
    return (own if name in own else shared)[name].value[0]


def _frame(
    path: Path, header: Any, number: int | None, position: Any, orientation: Any, spacing: Any
) -> SourceFrame:
    # PS3.3 C.7.6.2.1.1: the first three cosines run along a row, that is from column to column;
    # pixel spacing is the distance between rows, then between columns.
    along_row = np.array([float(x) for x in orientation[:3]])
    along_column = np.array([float(x) for x in orientation[3:]])
    affine: NDArray[np.float64] = np.eye(4)
    affine[:3, 0] = np.cross(along_row, along_column)
    affine[:3, 1] = along_column * float(spacing[0])
    affine[:3, 2] = along_row * float(spacing[1])
    affine[:3, 3] = [float(x) for x in position]
    instance = header.get("InstanceNumber")
    return SourceFrame(
        path=path,
        sop_class_uid=str(header.SOPClassUID),
        sop_instance_uid=str(header.SOPInstanceUID),
        series_instance_uid=str(header.SeriesInstanceUID),
        instance_number=None if instance in (None, "") else int(instance),
        number=number,
        grid=Grid((1, int(header.Rows), int(header.Columns)), affine),
    )
