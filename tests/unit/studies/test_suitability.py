from dataclasses import replace

import numpy as np
import pytest

from deepvein.studies.reading import read_study
from deepvein.studies.study import Modality
from deepvein.studies.suitability import coverage_mm, problems
from deepvein.volumes.volume import Volume
from unit.studies import anatomy, making


def study(folder, plane, **values):
    made = anatomy.volume(plane)
    values = {"ContrastBolusAgent": "I", "SeriesDescription": "legs"} | values
    return read_study(making.series(folder, made.grid, made.array, **values))


def codes(found):
    return [(one.code, one.blocking) for one in found]


def test_opacified_legs_have_no_problem(tmp_path):
    found = study(tmp_path, anatomy.legs())
    assert problems(found) == ()
    assert coverage_mm(found) == pytest.approx(240)


def test_ct_that_is_called_mr_is_told_by_its_air(tmp_path):
    found = replace(study(tmp_path, anatomy.legs()), modality=Modality.MR)
    assert ("hounsfield-in-mr", True) in codes(problems(found))
    dark = replace(found, volume=Volume(np.abs(found.volume.array), found.volume.grid))
    assert ("hounsfield-in-mr", True) not in codes(problems(dark))


@pytest.mark.parametrize(("columns", "blocking"), [(1, False), (12, True)])
def test_values_that_no_scanner_measures_are_told(tmp_path, columns, blocking):
    made = anatomy.volume(anatomy.legs())
    files = making.datasets(made.grid, made.array, ContrastBolusAgent="I", SeriesDescription="legs")
    for one in files:  # padding of -2000, stored as if there were no sign, that no header names
        stored = np.frombuffer(one.PixelData, np.uint16).reshape(one.Rows, one.Columns).copy()
        stored[:20, :columns] = 63536
        making.fill(one, stored)
    found = read_study(making.save_all(files, tmp_path))
    assert ("beyond-hounsfield", blocking) in codes(problems(found))


@pytest.mark.parametrize(
    ("plane", "values", "expected"),
    [
        (anatomy.chest(), {}, ("wrong-body-part", True)),
        (anatomy.head(), {}, ("wrong-body-part", True)),
        (np.full(anatomy.SHAPE[1:], -1000.0), {}, ("no-body", True)),
        (anatomy.trunk(), {"SeriesDescription": "thorax venous"}, ("wrong-body-part", True)),
        (anatomy.legs(), {"SeriesDescription": "legs arterial"}, ("arterial-phase", True)),
        (anatomy.legs(45), {}, ("no-opacification", False)),
        (anatomy.legs(45), {"ContrastBolusAgent": ""}, ("no-opacification", False)),
    ],
)
def test_what_stands_against_screening(tmp_path, plane, values, expected):
    assert expected in codes(problems(study(tmp_path, plane, **values)))


def test_legs_that_are_called_something_else_are_still_legs(tmp_path):
    assert problems(study(tmp_path, anatomy.legs(), BodyPartExamined="ABDOMEN")) == ()


def test_too_few_slices_and_the_wrong_plane(tmp_path):
    whole = study(tmp_path, anatomy.legs())
    few = whole.volume.grid.crop((0, 0, 0), (5, 120, 150))
    short = replace(whole, volume=Volume(whole.volume.array[:5], few))
    assert codes(problems(short))[:2] == [("too-few-slices", True), ("too-little-coverage", True)]
    turned = replace(whole, volume=anatomy.coronal(whole.volume))
    assert ("other-plane", True) in codes(problems(turned))


def test_blocking_problems_come_first(tmp_path):
    whole = study(tmp_path, anatomy.legs(45), SeriesDescription="legs arterial")
    found = [one.blocking for one in problems(whole)]
    assert found == sorted(found, reverse=True)
