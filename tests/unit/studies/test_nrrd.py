import numpy as np
import pytest
import SimpleITK as sitk

from deepvein.core.errors import GeometryError, StudyError
from deepvein.studies.nrrd import read_nrrd, read_nrrd_header
from unit.studies import making


def write(path, grid, array):
    image = sitk.GetImageFromArray(array)
    image.SetOrigin(grid.origin_mm.tolist())
    image.SetSpacing(grid.spacing_mm[::-1])
    image.SetDirection(grid.directions[:, ::-1].ravel().tolist())
    sitk.WriteImage(image, str(path))
    return path


def change(path, old, new):
    raw = path.read_bytes()
    assert old in raw
    path.write_bytes(raw.replace(old, new, 1))


@pytest.mark.parametrize("directions", making.ORIENTATIONS.values(), ids=making.ORIENTATIONS)
@pytest.mark.parametrize("name", ["a.nrrd", "a.nhdr"])
def test_round_trip_on_six_orientations(tmp_path, directions, name):
    grid = making.grid_of(directions=directions)
    volume = read_nrrd(write(tmp_path / name, grid, making.ramp(grid.shape)))
    np.testing.assert_array_equal(volume.array, making.ramp(grid.shape))
    assert volume.grid.matches(grid, 1e-6)


def test_a_file_in_ras_is_turned(tmp_path):
    grid = making.grid_of()
    path = write(tmp_path / "a.nrrd", grid, making.ramp(grid.shape))
    change(path, b"left-posterior-superior", b"right-anterior-superior")
    assert read_nrrd(path).grid.to_world([[0, 0, 0]])[0] == pytest.approx(
        grid.origin_mm * [-1, -1, 1]
    )


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (b"space: left-posterior-superior\n", b"", "space: none"),
        (b"left-posterior-superior", b"scanner-xyz", "space: scanner-xyz"),
        (b"space origin", b"#pace origin", "no space origin"),
        (b"space directions", b"#pace directions", "no space directions"),
        (b"(0,0,3)", b"none", "no direction for axis 3 of 3"),
    ],
)
def test_a_file_that_does_not_say_where_it_lies_is_refused(tmp_path, old, new, says):
    grid = making.grid_of()
    path = write(tmp_path / "a.nrrd", grid, making.ramp(grid.shape))
    change(path, old, new)
    with pytest.raises(GeometryError, match=says):
        read_nrrd(path)


def test_an_encoding_that_is_not_read_is_refused_with_what_to_do(tmp_path):
    grid = making.grid_of()
    path = write(tmp_path / "a.nrrd", grid, making.ramp(grid.shape))
    change(path, b"encoding: raw", b"encoding: bzip2")
    with pytest.raises(StudyError, match="save it uncompressed or with gzip") as told:
        read_nrrd(path)
    assert "nrrd]" not in str(told.value)


def test_a_sheared_file_is_refused(tmp_path):
    grid = making.grid_of(spacing=(3.0, 1.0, 1.0))
    path = write(tmp_path / "a.nrrd", grid, making.ramp(grid.shape))
    change(path, b"(0,0,3)", b"(0,1,3)")
    with pytest.raises(GeometryError, match=r"a\.nrrd: .*not perpendicular"):
        read_nrrd_header(path)


def test_damaged_files_are_refused(tmp_path):
    grid = making.grid_of((9, 9, 9))
    path = write(tmp_path / "a.nrrd", grid, making.ramp(grid.shape))
    whole = path.read_bytes()
    path.write_bytes(whole[:-200])
    with pytest.raises(StudyError, match=r"a\.nrrd"):
        read_nrrd(path)
    path.write_bytes(whole.replace(b"sizes: 9 9 9", b"sizes: 9 9 999999999"))
    with pytest.raises(StudyError, match="sizes"):
        read_nrrd(path)
    path.write_bytes(whole.replace(b"sizes: 9 9 9", b"sizes: 9 nine"))
    with pytest.raises(StudyError, match="not numbers"):
        read_nrrd(path)


def test_a_header_without_its_data_is_refused(tmp_path):
    grid = making.grid_of()
    path = write(tmp_path / "a.nhdr", grid, making.ramp(grid.shape))
    next(file for file in tmp_path.iterdir() if file != path).unlink()
    with pytest.raises(StudyError, match=r"a\.nhdr"):
        read_nrrd(path)


@pytest.mark.parametrize(("unit", "mm"), [("m", 1000.0), ("cm", 10.0), ("um", 0.001), ("", 1.0)])
def test_lengths_come_in_the_unit_that_the_file_names(tmp_path, unit, mm):
    meant = making.grid_of()
    spacing, origin = np.array(meant.spacing_mm) / mm, meant.origin_mm / mm
    grid = making.grid_of(spacing=spacing, origin=origin)
    path = write(tmp_path / "a.nrrd", grid, making.ramp(grid.shape))
    change(path, b"space origin", f'space units: "{unit}" "{unit}" "{unit}"\nspace origin'.encode())
    found = read_nrrd(path).grid
    assert found.spacing_mm == pytest.approx(meant.spacing_mm)
    assert found.origin_mm == pytest.approx(meant.origin_mm)


def test_a_unit_that_is_no_length_is_refused(tmp_path):
    grid = making.grid_of()
    path = write(tmp_path / "a.nrrd", grid, making.ramp(grid.shape))
    change(path, b"space origin", b'space units: "mm" "mm" "s"\nspace origin')
    with pytest.raises(GeometryError, match='"s"; three lengths'):
        read_nrrd(path)


def test_a_file_that_ends_too_early_says_so(tmp_path):
    grid = making.grid_of()
    path = write(tmp_path / "a.nrrd", grid, making.ramp(grid.shape))
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(StudyError, match="it ends too early, as a file that was not copied whole"):
        read_nrrd(path)


def test_a_header_without_its_data_file_says_so(tmp_path):
    grid = making.grid_of()
    path = write(tmp_path / "a.nhdr", grid, making.ramp(grid.shape))
    next(one for one in tmp_path.iterdir() if one != path).unlink()
    with pytest.raises(StudyError, match="its data file is not beside it; copy both"):
        read_nrrd(path)
