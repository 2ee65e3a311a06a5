import json

import pytest

from deepvein.core import settings
from deepvein.core.errors import StudyError
from deepvein.studies.inspection import inspect
from deepvein.studies.nifti import write_nifti
from deepvein.studies.study import Modality
from unit.studies import anatomy, making
from unit.studies.readers.test_dicom import write_stations


def test_a_study_that_can_be_screened(tmp_path):
    made = anatomy.volume(anatomy.legs())
    making.series(
        tmp_path / "leg", made.grid, made.array, ContrastBolusAgent="I", SeriesDescription="venous"
    )
    seen = inspect(tmp_path / "leg")
    assert seen.screenable
    assert (seen.name, seen.modality, seen.problems) == ("leg", "CT", ())
    assert seen.reason == "CT of 240 mm of the body"
    assert seen.geometry.shape == anatomy.SHAPE
    assert seen.geometry.plane == "axial"
    assert seen.geometry.position_mm == pytest.approx((0, 234))
    assert [one.slices for one in seen.stations] == [40]
    json.dumps(settings.to_dict(seen))


def test_stations_are_listed_from_the_head(tmp_path):
    write_stations(tmp_path, [(0, 40), (30, 66), (60, 90)])
    seen = inspect(tmp_path)
    assert [one.number for one in seen.stations] == [1, 2, 3]
    heights = [one.position_mm for one in seen.stations]
    assert [high - low for low, high in heights] == pytest.approx([39 * 1.5, 35 * 1.5, 29 * 1.5])
    assert heights == sorted(heights, reverse=True)
    assert seen.geometry.coverage_mm == pytest.approx(135)


def test_a_study_that_cannot_be_read_says_why_and_what_is_in_it(tmp_path):
    making.series(tmp_path / "leg")
    (tmp_path / "leg" / "s002.dcm").unlink()
    seen = inspect(tmp_path / "leg")
    assert not seen.screenable
    assert "missing" in seen.reason
    assert (seen.geometry, seen.modality) == (None, "CT")
    assert [one.slices for one in seen.series] == [4]
    assert [one.code for one in seen.problems] == ["unreadable"]


def test_a_nifti_without_modality_says_what_is_missing(tmp_path):
    made = anatomy.volume(anatomy.legs())
    write_nifti(made, tmp_path / "leg.nii")
    seen = inspect(tmp_path / "leg.nii")
    assert not seen.screenable
    assert "say whether it is CT or MR" in seen.reason
    assert inspect(tmp_path / "leg.nii", Modality.CT).screenable


def test_where_there_is_no_single_study_it_is_an_error(tmp_path):
    with pytest.raises(StudyError, match="does not exist"):
        inspect(tmp_path / "gone")
    for uid in ("1.1", "1.2"):
        making.series(tmp_path, study=uid, prefix=uid)
    with pytest.raises(StudyError, match="2 studies"):
        inspect(tmp_path)
