from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread

from deepvein.core.errors import StudyError
from deepvein.reports.sources import nearest_frame, source_series
from deepvein.studies.study import Format, Origin
from unit.reports.legs import screening
from unit.reports.series import ORIENTATIONS, orientation_grid, write_series


@pytest.mark.parametrize("name", ORIENTATIONS)
def test_frames_lie_on_the_slices_they_came_from(name: str, tmp_path: Path) -> None:
    grid = orientation_grid(name)
    paths = write_series(screening(grid=grid).study.volume, tmp_path)
    study = screening(grid=grid, origin_of=Origin(tmp_path, Format.DICOM, paths)).study
    (frames,) = source_series(study)
    assert len(frames) == grid.shape[0]
    for index in (0, 7):
        ends = [(0, 0, 0), (0, grid.shape[1] - 1, grid.shape[2] - 1)]
        on_slice = [(index, row, column) for _, row, column in ends]
        assert np.allclose(frames[index].grid.to_world(ends), grid.to_world(on_slice), atol=1e-4)


def test_nearest_frame_is_that_of_the_point(tmp_path: Path) -> None:
    grid = orientation_grid("axial")
    paths = write_series(screening(grid=grid).study.volume, tmp_path)
    series = source_series(
        screening(grid=grid, origin_of=Origin(tmp_path, Format.DICOM, paths)).study
    )
    for index in range(0, grid.shape[0], 9):
        frame = nearest_frame(series, grid.to_world([(index, 3, 4)])[0])
        assert frame is not None
        assert frame.instance_number == index + 1
    assert nearest_frame((), (0.0, 0.0, 0.0)) is None


def test_other_formats_have_no_frames() -> None:
    assert source_series(screening().study) == ()


def test_a_header_without_position_is_named(tmp_path: Path) -> None:
    grid = orientation_grid("axial")
    paths = write_series(screening(grid=grid).study.volume, tmp_path)
    data = dcmread(paths[3])
    del data.ImagePositionPatient
    data.save_as(paths[3])
    study = screening(grid=grid, origin_of=Origin(tmp_path, Format.DICOM, paths)).study
    with pytest.raises(StudyError, match=r"003\.dcm"):
        source_series(study)
