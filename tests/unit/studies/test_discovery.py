import zipfile

import numpy as np
import pytest

from deepvein.core.errors import StudyError
from deepvein.studies.discovery import find_studies
from deepvein.studies.nifti import write_nifti
from deepvein.studies.reading import read_study
from deepvein.volumes.volume import Volume
from unit.studies import making


def nifti(path, dtype=np.int16):
    grid = making.grid_of()
    write_nifti(Volume(making.ramp(grid.shape, 0).astype(dtype), grid), path)
    return path


def test_a_folder_of_all_kinds(tmp_path):
    for number in (1, 2):
        folder = tmp_path / "p1" / "ST1" / f"SE{number}"
        making.series(folder, study="1.1", frame="1.1.9", SeriesNumber=number)
    making.series(tmp_path / "p2", study="1.2")
    nifti(tmp_path / "c.nii.gz")
    nifti(tmp_path / "c-mask.nii.gz", np.uint8)
    (tmp_path / "p2" / "notes.txt").write_text("no image")
    (tmp_path / ".hidden").mkdir()
    nifti(tmp_path / ".hidden" / "d.nii")
    zipped = tmp_path / "e.zip"
    with zipfile.ZipFile(zipped, "w") as archive:
        for path in making.series(tmp_path / ".hidden" / "z").iterdir():
            archive.write(path, path.name)
    expected = (tmp_path / "c.nii.gz", zipped, tmp_path / "p1", tmp_path / "p2")
    assert find_studies(tmp_path) == tuple(sorted(expected))


def test_one_study_is_named_by_the_folder_below_the_one_given(tmp_path):
    making.series(tmp_path / "case" / "dicom" / "SE1")
    assert find_studies(tmp_path) == (tmp_path / "case",)
    assert find_studies(tmp_path / "case" / "dicom" / "SE1") == (
        tmp_path / "case" / "dicom" / "SE1",
    )


@pytest.mark.parametrize("zipped", [False, True])
def test_studies_in_one_folder_are_named_by_their_uid_and_can_be_read(tmp_path, zipped):
    folder = tmp_path / "mixed"
    for uid in ("1.2.30", "1.2.31"):
        making.series(folder, study=uid, prefix=uid, StudyDescription=uid)
    if zipped:
        with zipfile.ZipFile(tmp_path / "mixed.zip", "w") as archive:
            for path in folder.iterdir():
                archive.write(path, path.name)
        folder = tmp_path / "mixed.zip"
    found = find_studies(folder)
    assert [path.name for path in found] == [f"{folder.name}#1.2.30", f"{folder.name}#1.2.31"]
    assert [read_study(path).identity.study_description for path in found] == ["1.2.30", "1.2.31"]
    assert find_studies(found[0]) == found[:1]


def test_a_study_beside_another_below_it(tmp_path):
    making.series(tmp_path, study="1.1", prefix="a")
    making.series(tmp_path / "sub", study="1.2", prefix="b")
    names = {path.name for path in find_studies(tmp_path)}
    assert names == {"sub", f"{tmp_path.name}#1.1"}


def test_files_are_studies_themselves(tmp_path):
    path = nifti(tmp_path / "a.nii", np.uint8)
    assert find_studies(path) == (path,)
    broken = tmp_path / "b.zip"
    broken.write_bytes(b"PK\x03\x04 and no more")
    assert find_studies(broken) == (broken,)
    assert find_studies(tmp_path) == (broken,)


def test_nothing_found_is_an_error(tmp_path):
    with pytest.raises(StudyError, match="no study was found"):
        find_studies(tmp_path)
    with pytest.raises(StudyError, match="does not exist"):
        find_studies(tmp_path / "gone")
