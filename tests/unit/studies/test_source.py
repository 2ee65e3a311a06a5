import numpy as np
import pytest

from deepvein.studies.reading import read_study
from deepvein.studies.source import nearest_frame
from unit.studies import making


@pytest.mark.parametrize("directions", making.ORIENTATIONS.values(), ids=making.ORIENTATIONS)
def test_frames_lie_on_the_slices_they_came_from(tmp_path, directions):
    grid = making.grid_of(directions=directions)
    many = making.datasets(grid, making.ramp(grid.shape))
    study = read_study(making.save_all(many, tmp_path))
    (source,) = study.origin.sources
    assert [frame.sop_instance_uid for frame in source.frames] == [
        one.SOPInstanceUID for one in many
    ]
    assert [frame.instance_number for frame in source.frames] == [1, 2, 3, 4, 5]
    assert source.paths == study.origin.paths
    assert source.frame_of_reference_uid == many[0].FrameOfReferenceUID
    ends = [(0, 0), (5, 6)]
    for index, frame in enumerate(source.frames):
        there = frame.grid.to_world([(0, *end) for end in ends])
        np.testing.assert_allclose(there, grid.to_world([(index, *end) for end in ends]), atol=1e-6)
        assert frame.number is None
        assert frame.thickness_mm == grid.spacing_mm[0]


def test_frames_of_one_enhanced_file_are_counted_as_it_stores_them(tmp_path):
    grid = making.grid_of(directions=making.CORONAL)
    order = [3, 0, 4, 1, 2]
    making.save(making.enhanced(grid, making.ramp(grid.shape, 0), order), tmp_path / "e.dcm")
    (source,) = read_study(tmp_path).origin.sources
    assert [frame.number for frame in source.frames] == [order.index(k) + 1 for k in range(5)]
    assert source.paths == (tmp_path / "e.dcm",)


def test_files_without_preamble_keep_their_frames_and_header(tmp_path):
    grid = making.grid_of()
    for index, one in enumerate(making.datasets(grid, making.ramp(grid.shape), SeriesNumber=7)):
        one.save_as(tmp_path / str(index), implicit_vr=True, little_endian=True)
    (source,) = read_study(tmp_path).origin.sources
    assert len(source.frames) == 5
    assert source.header.SeriesNumber == 7
    assert source.header.PatientID == "P1"
    assert "PixelData" not in source.header


def test_the_nearest_frame_is_that_of_the_point(tmp_path):
    grid = making.grid_of()
    sources = read_study(making.series(tmp_path, grid)).origin.sources
    for index in range(5):
        frame = nearest_frame(sources, grid.to_world([(index, 3, 4)])[0])
        assert frame is not None
        assert frame.instance_number == index + 1
    assert nearest_frame((), (0.0, 0.0, 0.0)) is None
