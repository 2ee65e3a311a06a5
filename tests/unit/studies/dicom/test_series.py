import pytest

from deepvein.studies.dicom.files import read_headers
from deepvein.studies.dicom.series import group
from deepvein.volumes.grid import CORONAL
from unit.studies import making


def grouped(folder):
    return group(read_headers(sorted(path for path in folder.rglob("*") if path.is_file())))


def test_series_are_told_apart_by_uid(tmp_path):
    making.series(tmp_path / "a", series="1.2.1")
    making.series(tmp_path / "b", making.grid_of((3, 6, 7)), series="1.2.2")
    assert [(one.uid, len(one.frames)) for one in grouped(tmp_path)] == [("1.2.1", 5), ("1.2.2", 3)]


def test_planes_of_one_uid_are_told_apart(tmp_path):
    making.series(tmp_path / "a", series="1.2.1", prefix="a")
    making.series(
        tmp_path / "b", making.grid_of((2, 6, 7), directions=CORONAL), series="1.2.1", prefix="b"
    )
    large, small = grouped(tmp_path)
    assert (len(large.frames), large.others) == (5, 2)
    assert (len(small.frames), small.others) == (2, 5)
    assert large.problem == ""


@pytest.mark.parametrize(
    ("keyword", "both", "part"),
    [
        ("EchoNumbers", (1, 2), "echo 1"),
        ("AcquisitionNumber", (4, 5), "acquisition 4"),
        ("TemporalPositionIdentifier", (1, 2), "temporal position 1"),
        ("ImageType", (["ORIGINAL", "W"], ["ORIGINAL", "F"]), "image type ORIGINAL\\W"),
    ],
)
def test_images_at_one_place_are_told_apart(tmp_path, keyword, both, part):
    for name, value in zip("ab", both, strict=True):
        values = {keyword: value, "series": "1.2", "frame": "1.3"}
        making.series(tmp_path, modality="MR", prefix=name, **values)
    first, second = grouped(tmp_path)
    assert first.part == part
    assert len(first.frames) == len(second.frames) == 5
    assert first.problem == second.problem == ""


def test_acquisition_numbers_that_only_count_do_not_split(tmp_path):
    grid = making.grid_of()
    for index, one in enumerate(making.datasets(grid, making.ramp(grid.shape))):
        one.AcquisitionNumber = index
        making.save(one, tmp_path / str(index))
    (one,) = grouped(tmp_path)
    assert one.problem == ""


def test_two_images_at_one_place_that_nothing_tells_apart_are_a_problem(tmp_path):
    grid = making.grid_of((1, 6, 7))
    making.series(tmp_path, series="1.2", frame="1.3")
    making.series(tmp_path, grid, series="1.2", frame="1.3", prefix="x", InstanceNumber=9)
    (one,) = grouped(tmp_path)
    assert "taken, first s000.dcm and x000.dcm, and nothing" in one.problem


def test_header_values_are_read_when_asked_for(tmp_path):
    making.series(tmp_path, SeriesDescription="Venen")
    (one,) = grouped(tmp_path)
    assert one.text("SeriesDescription") == "Venen"
    assert one.text("BodyPartExamined") == ""
    one.path.unlink()
    assert one.text("SeriesDescription") == "Venen"


def test_what_was_set_apart_and_why_is_told(tmp_path):
    grid = making.grid_of()
    many = making.datasets(grid, making.ramp(grid.shape), ConvolutionKernel="B30f")
    many[2].ConvolutionKernel = "B70f"
    making.save_all(many, tmp_path)
    largest = max(group(read_headers(sorted(tmp_path.iterdir()))), key=lambda one: len(one.frames))
    says = "s002.dcm was set apart, being of another kind (kernel B70f instead of B30f)"
    assert says in largest.problem


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"ImageOrientationPatient": [-1, 0, 0, 0, 1, 0]}, "turned, or with other pixels"),
        ({"Rows": 3, "Columns": 14}, "3 x 14 instead of 6 x 7 pixels"),
        ({"SamplesPerPixel": 3, "BitsAllocated": 8}, "a colour picture"),
    ],
)
def test_what_is_of_another_size_or_turned_is_told(tmp_path, change, says):
    grid = making.grid_of()
    many = making.datasets(grid, making.ramp(grid.shape))
    for keyword, value in change.items():
        setattr(many[2], keyword, value)
    making.save_all(many, tmp_path)
    largest = max(group(read_headers(sorted(tmp_path.iterdir()))), key=lambda one: len(one.frames))
    assert f"s002.dcm was set apart, being of another kind ({says})" in largest.problem


def test_slices_that_lost_their_series_uid_come_back_to_the_row_that_they_fill(tmp_path):
    grid = making.grid_of((6, 6, 7))
    made = making.datasets(grid, making.ramp(grid.shape))
    for index, one in enumerate(made):
        if index % 2:
            del one.SeriesInstanceUID
        making.save(one, tmp_path / f"{index}")
    (series,) = group(read_headers(sorted(tmp_path.iterdir())))
    assert len(series.stack.frames) == 6
    for one in made[1::2]:  # of another kind they stay apart
        one.ConvolutionKernel = "B70f"
        making.save(one, tmp_path / f"{made.index(one)}")
    assert [len(one.frames) for one in group(read_headers(sorted(tmp_path.iterdir())))] == [3, 3]
