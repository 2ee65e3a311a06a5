import numpy as np
import pytest

from deepvein.studies.dicom.files import read_headers
from deepvein.studies.dicom.series import group
from deepvein.studies.reading import read_study
from unit.studies import making

GRID = making.grid_of((12, 6, 7))


def pieces(folder, change=None, cut=6, step=1):
    """One CT whose slices before and from `cut` have two series UIDs; `change` edits those of the second."""
    folder.mkdir(parents=True, exist_ok=True)
    for index, one in enumerate(making.datasets(GRID, making.ramp(GRID.shape))):
        second = index >= cut if step == 1 else index % step == 1
        one.SeriesInstanceUID = f"1.2.{1 + second}"
        one.AcquisitionTime, one.AcquisitionDate = f"1200{index:02d}", "20250101"
        one.FrameOfReferenceUID = "1.2.9"
        if second and change is not None:
            change(one)
        making.save(one, folder / f"{index:02d}.dcm")
    return group(read_headers(sorted(folder.iterdir())))


def put(keyword, value):
    return lambda one: setattr(one, keyword, value)


def number_anew(one):
    one.InstanceNumber -= 6


def test_pieces_of_one_ct_under_several_series_uids_are_one_image(tmp_path):
    (whole,) = pieces(tmp_path)
    assert (len(whole.frames), whole.problem) == (12, "")
    study = read_study(tmp_path)
    np.testing.assert_array_equal(study.volume.array, making.ramp(GRID.shape))
    assert (
        "2 series, pieces of one row"
        in {one.code: one.text for one in study.remarks}["series-joined"]
    )


def test_more_than_two_pieces_are_one_image(tmp_path):
    for index, one in enumerate(making.datasets(GRID, making.ramp(GRID.shape))):
        one.SeriesInstanceUID, one.FrameOfReferenceUID = f"1.2.{index // 4}", "1.2.9"
        making.save(one, tmp_path / f"{index:02d}.dcm")
    (whole,) = group(read_headers(sorted(tmp_path.iterdir())))
    assert len(whole.frames) == 12


@pytest.mark.parametrize(
    "change",
    [
        put("AcquisitionTime", "121500"),
        put("AcquisitionDate", "20250301"),
        put("FrameOfReferenceUID", "1.2.8"),
        put("FrameOfReferenceUID", ""),
        put("ConvolutionKernel", "B60f"),
        put("KVP", 80),
        put("SeriesDescription", "calves"),
        number_anew,
    ],
)
def test_what_may_be_two_scans_stays_two_series(tmp_path, change):
    assert [len(one.frames) for one in pieces(tmp_path, change)] == [6, 6]


def test_rows_between_one_another_stay_two_series(tmp_path):
    assert [len(one.frames) for one in pieces(tmp_path, step=2)] == [6, 6]
