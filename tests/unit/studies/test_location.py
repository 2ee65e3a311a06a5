import os
from pathlib import Path

import pytest

from deepvein.core.errors import StudyError
from deepvein.studies.location import StudyLocation, printable


def test_a_plain_path_is_itself(tmp_path):
    assert StudyLocation.parse(tmp_path) == StudyLocation(tmp_path)
    assert StudyLocation(tmp_path).as_path() == tmp_path


def test_path_and_uid_survive_being_written(tmp_path):
    place = StudyLocation(tmp_path, "1.2.840.5")
    assert StudyLocation.parse(place.as_path()) == place
    assert StudyLocation.parse(str(place.as_path())) == place
    assert StudyLocation.parse(place) is place
    assert place.name.endswith("-5")


def test_a_folder_whose_name_holds_a_hash_is_that_folder(tmp_path):
    folder = tmp_path / "leg#1.2"
    folder.mkdir()
    assert StudyLocation.parse(folder) == StudyLocation(folder)


@pytest.mark.parametrize("name", ["leg.nii.gz", "leg.nii", "leg.nrrd", "leg.zip", "leg", "leg.dcm"])
def test_the_name_has_no_suffix(name):
    assert StudyLocation(Path(name)).name == "leg"


def test_what_is_not_there_is_an_error(tmp_path):
    with pytest.raises(StudyError, match="gone does not exist"):
        StudyLocation.parse(tmp_path / "gone")
    with pytest.raises(StudyError, match="does not exist"):
        StudyLocation.parse(tmp_path / "gone#1.2.3")


def test_names_are_text_whatever_their_bytes_are(tmp_path):
    folder = tmp_path / os.fsdecode(b"m\xfcller")
    folder.mkdir()
    assert StudyLocation.parse(folder).name == r"m\xfcller"
    assert printable("Müller") == "Müller"
