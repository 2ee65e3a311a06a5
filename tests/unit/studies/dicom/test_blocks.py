"""One CT scan in several series: blocks along the body, or one leg each."""

import numpy as np
import pytest

from deepvein.studies.dicom.blocks import block_sets
from deepvein.studies.dicom.files import read_headers
from deepvein.studies.dicom.series import group
from deepvein.studies.reading import read_study
from unit.studies import making

WHOLE = making.grid_of((40, 12, 30), (3.0, 2.0, 2.0), (-30, -12, -200))
ARRAY = np.random.default_rng(4).integers(-200, 300, WHOLE.shape).astype(np.int16)
ARRAY[:, :2] = ARRAY[:, -2:] = -1000
SAME = {"study": "1.1", "frame": "1.3", "StudyDate": "20240102", "ConvolutionKernel": "Br40"}
SAME |= {"SliceThickness": 3, "ContrastBolusAgent": "Iodine"}


def block(folder, number, start, stop, columns=(0, 30), **values):
    """A part of the whole scan as a series of its own, numbered from 1."""
    grid = WHOLE.crop((start, 0, columns[0]), (stop, 12, columns[1]))
    told = {
        "series": f"1.2.{number}",
        "SeriesNumber": number,
        "SeriesDescription": f"CTV legs {number}",
        "AcquisitionTime": f"10{number:02d}00",
    }
    array = ARRAY[start:stop, :, columns[0] : columns[1]]
    making.series(folder / str(number), grid, array, **SAME | told | values)


def sets(folder):
    found = group(read_headers(sorted(path for path in folder.rglob("*") if path.is_file())))
    return sorted([one.text("SeriesNumber") for one in members] for members in block_sets(found))


@pytest.mark.parametrize("second", [20, 17])
@pytest.mark.parametrize(
    ("name", "voltage"), [("CTV legs 2", "120"), ("CTV calf", "100"), ("CTV legs lower", "120")]
)
def test_blocks_along_the_body_are_one_volume(tmp_path, second, name, voltage):
    block(tmp_path, 1, second, 40, KVP="120")
    block(tmp_path, 2, 0, 20, SeriesDescription=name, KVP=voltage)
    study = read_study(tmp_path)
    np.testing.assert_array_equal(study.volume.array, ARRAY)
    assert study.volume.grid.matches(WHOLE, 1e-6)
    assert [one.gain for one in study.origin.sources] == [1.0, 1.0]
    (remark,) = study.remarks
    assert remark.code == "blocks-joined"
    assert remark.text.endswith("show parts of one scan and were joined")


def test_one_leg_each_is_one_volume_with_air_where_neither_shows_anything(tmp_path):
    padded = ARRAY[:, :, 14:].copy()
    padded[:, 3, 0] = -1024
    left = {"SeriesDescription": "CTV left leg", "AcquisitionTime": "100100", "Laterality": "L"}
    block(tmp_path, 1, 0, 40, (0, 15), SeriesDescription="CTV right leg", Laterality="R")
    grid = WHOLE.crop((0, 0, 14), (40, 12, 30))
    making.series(
        tmp_path / "2", grid, padded, **SAME | left | {"series": "1.2.2", "SeriesNumber": 2}
    )
    study = read_study(tmp_path)
    np.testing.assert_array_equal(study.volume.array, ARRAY)
    assert study.laterality is None
    assert [one.code for one in study.remarks] == ["blocks-joined"]


def test_legs_apart_have_air_between_them(tmp_path):
    block(tmp_path, 1, 0, 40, (0, 12), AcquisitionTime="100100")
    block(tmp_path, 2, 0, 40, (18, 30), AcquisitionTime="100100")
    study = read_study(tmp_path)
    np.testing.assert_array_equal(study.volume.array[:, :, 18:], ARRAY[:, :, 18:])
    assert (study.volume.array[:, :, 12:18] == -1024).all()


def test_the_passes_of_each_block_join_with_those_of_their_time(tmp_path):
    for number, (start, stop) in enumerate([(20, 40), (20, 40), (0, 20), (0, 20)], start=1):
        block(tmp_path, number, start, stop, AcquisitionTime=f"10{3 * number:02d}00")
    assert sets(tmp_path) == [["1"], ["2", "3"], ["4"]]


@pytest.mark.parametrize(
    "other",
    [
        {"frame": "1.9"},
        {"frame": ""},
        {"ConvolutionKernel": "Br69"},
        {"ImageType": ["DERIVED", "PRIMARY", "AXIAL"]},
        {"ContrastBolusAgent": ""},
        {"AcquisitionTime": "110000"},
        {"SeriesDescription": "CTV legs native"},
        {"SeriesDescription": "CT chest"},
        {"SeriesDescription": "thorax pe angio"},
    ],
)
def test_what_is_no_block_of_the_scan_stays_apart(tmp_path, other):
    block(tmp_path, 1, 20, 40)
    block(tmp_path, 2, 0, 20, **other)
    assert sets(tmp_path) == [["1"], ["2"]]


def test_blocks_with_a_gap_between_them_stay_apart(tmp_path):
    block(tmp_path, 1, 25, 40)
    block(tmp_path, 2, 0, 20)
    assert sets(tmp_path) == [["1"], ["2"]]
