import json

import pytest

from deepvein.core import settings
from deepvein.core.errors import StudyError
from deepvein.studies.account import Fate
from deepvein.studies.discovery import find_studies
from deepvein.studies.inspection import files_beside, inspect
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


def test_files_beside_a_study_are_accounted_for(tmp_path):
    making.series(tmp_path / "DICOM")
    (tmp_path / "AUTORUN.INF").write_bytes(b"[autorun]")
    (tmp_path / "reports").mkdir()
    report = making.datasets(making.grid_of((1, 6, 7)), making.ramp((1, 6, 7)))[0]
    report.SOPClassUID = "1.2.840.10008.5.1.4.1.1.104.1"
    making.save(report, tmp_path / "reports" / "IM8.dcm")
    told = files_beside(tmp_path, find_studies(tmp_path))
    assert [(one.name, one.fate, one.why) for one in told] == [
        ("AUTORUN.INF", Fate.NO_IMAGE, "not DICOM"),
        ("reports/IM8.dcm", Fate.NO_IMAGE, "Encapsulated PDF Storage"),
    ]
    assert files_beside(tmp_path / "DICOM", (tmp_path / "DICOM",)) == ()


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
