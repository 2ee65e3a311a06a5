import os
from pathlib import Path

import pytest

from deepvein.core.errors import MaskError, StudyError
from deepvein.studies.discovery import find_studies
from deepvein.studies.location import StudyLocation, absence, printable
from deepvein.studies.masks.reading import read_regions


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


def test_a_link_that_leads_nowhere_is_called_so(tmp_path):
    path = tmp_path / "leg.nii.gz"
    path.symlink_to("moved/leg.nii.gz")
    with pytest.raises(
        StudyError, match=r"leg\.nii\.gz is a link to moved/leg\.nii\.gz, which is not"
    ):
        StudyLocation.parse(path)
    with pytest.raises(
        MaskError, match=r"leg\.nii\.gz is a link to moved/leg\.nii\.gz, which is not"
    ):
        read_regions(path)
    assert find_studies(tmp_path) == (path,)


def test_a_name_that_is_written_otherwise_is_shown(tmp_path):
    (tmp_path / "Case1").mkdir()
    (tmp_path / "Case1" / "Mu\u0308ller.nii").touch()
    for path in ("case1/image.nii", "Case1/m\u00fcller.NII"):
        assert absence(tmp_path / path).startswith(f"does not exist, but {tmp_path / 'Case1'}")
    assert absence(tmp_path / "Case1" / "other.nii") == "does not exist"
    assert absence(tmp_path / "gone" / "other.nii") == "does not exist"
