import json

import pytest

from deepvein.anatomy.veins import Side
from deepvein.core.errors import CohortError
from deepvein.evaluation.thrombi import TrueThrombus
from deepvein.laboratory.trials.planted import Planted, read_planted, with_planted


def record(folder, *thrombi):
    (folder / "planted.json").write_text(json.dumps({"synthetic": True, "thrombi": thrombi}))


def test_a_record_lies_beside_an_image_file_or_in_an_image_folder(tmp_path):
    one = {"number": 2, "occlusive": False, "age": "chronic", "side": "left"}
    record(tmp_path, one)
    wanted = (Planted(2, False, False),)
    assert read_planted(tmp_path / "image.nii") == wanted
    assert read_planted(tmp_path / "dicom") == wanted
    assert read_planted(tmp_path) == wanted


def test_patients_have_no_record(tmp_path):
    assert read_planted(tmp_path / "image.nii") == ()


def test_a_damaged_record_is_an_error(tmp_path):
    record(tmp_path, {"number": 1})
    with pytest.raises(CohortError, match="planted.json is damaged"):
        read_planted(tmp_path / "image.nii")


def test_what_was_planted_goes_to_the_thrombus_of_its_number():
    thrombi = [TrueThrombus(number, Side.LEFT, (), 10.0, 1.0) for number in (1, 3)]
    first, second = with_planted(thrombi, [Planted(3, True, False), Planted(7, True, True)])
    assert (first.occlusive, first.acute) == (None, None)
    assert (second.occlusive, second.acute) == (True, False)
