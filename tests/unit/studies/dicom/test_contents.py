import zipfile

import pytest

from deepvein.core.errors import StudyError
from deepvein.studies.dicom.contents import MOST_NAMES, contents
from deepvein.studies.dicom.files import DICOMDIR_CLASS
from unit.studies import making


def test_each_file_of_a_folder_is_in_one_place(tmp_path):
    making.series(tmp_path / "a")
    (tmp_path / "a" / "s009.dcm").write_bytes((tmp_path / "a" / "s001.dcm").read_bytes())
    (tmp_path / "a" / "s007.dcm").write_bytes(b"")
    (tmp_path / "notes").write_text("none")
    inside = contents(tmp_path)
    assert len(inside.headers) == 6
    assert [header.path.name for header in inside.unreadable] == ["s007.dcm"]
    assert {inside.name(a): inside.name(b) for a, b in inside.copies.items()} == {
        "a/s009.dcm": "a/s001.dcm"
    }
    assert [(path.name, what) for path, what in inside.others] == [("notes", "not DICOM")]
    assert len(inside.examinations) == 1


def test_names_are_those_within_an_archive(tmp_path):
    folder = making.series(tmp_path / "ct")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for path in folder.iterdir():
            archive.write(path, f"CT/{path.name}")
    inside = contents(tmp_path / "a.zip")
    assert inside.name(inside.headers[0].path) == "CT/s000.dcm"
    assert inside.name(tmp_path / "elsewhere") == str(tmp_path / "elsewhere")


def test_a_few_names_stand_for_many(tmp_path):
    inside = contents(making.series(tmp_path))
    many = [tmp_path / f"{index}" for index in range(MOST_NAMES + 2)]
    assert inside.names(many) == "0, 1, 2, 3, 4 and 2 more"
    assert inside.names(many[:2]) == "0, 1"


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ([], "is an empty folder or holds no DICOM"),
        (["a.nii", "b.nrrd"], r"2 NIfTI or NRRD file\(s\): each is a study"),
        (["a.zip"], r"1 zip archive\(s\), first a\.zip"),
        (["a.dcm.gz"], r"packed by gzip, first a\.dcm\.gz"),
        (["viewer", "readme"], "none of the 2 files in"),
    ],
)
def test_what_is_there_instead_of_dicom_is_told(tmp_path, names, told):
    for name in names:
        (tmp_path / name).write_text("something")
    with pytest.raises(StudyError, match=told):
        contents(tmp_path)


def test_a_dicomdir_alone_is_told(tmp_path):
    (directory,) = making.datasets(making.grid_of((1, 6, 7)), making.ramp((1, 6, 7)))
    directory.SOPClassUID = DICOMDIR_CLASS
    making.save(directory, tmp_path / "DICOMDIR")
    with pytest.raises(StudyError, match="holds a DICOMDIR, and none of the images that it lists"):
        contents(tmp_path)
