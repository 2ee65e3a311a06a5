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
    path.parent.mkdir(exist_ok=True)
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


def test_what_is_there_instead_of_a_study_is_told(tmp_path):
    nifti(tmp_path / "bytes" / "mr.nii.gz", np.uint8)
    with pytest.raises(StudyError, match=r"hold bytes, as masks do; if mr\.nii\.gz is an image"):
        find_studies(tmp_path / "bytes")
    many = making.datasets(making.grid_of(), making.ramp(making.grid_of().shape))
    for one in many:
        one.SOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
    making.save_all(many, tmp_path / "captures")
    with pytest.raises(StudyError, match="no CT or MR images, but Secondary Capture"):
        find_studies(tmp_path / "captures")
    directory = making.datasets(making.grid_of((1, 6, 7)), making.ramp((1, 6, 7)))[0]
    directory.SOPClassUID = "1.2.840.10008.1.3.10"
    making.save(directory, tmp_path / "medium" / "DICOMDIR")
    with pytest.raises(StudyError, match="DICOMDIR lists images of which none is there"):
        find_studies(tmp_path / "medium")
    (tmp_path / "packed").mkdir()
    (tmp_path / "packed" / "IM1.dcm.gz").write_bytes(b"\x1f\x8b")
    with pytest.raises(StudyError, match=r"packed one by one, first IM1\.dcm\.gz: unpack them"):
        find_studies(tmp_path / "packed")


def test_a_study_that_is_damaged_as_a_whole_is_found_and_told(tmp_path):
    for name in ("a", "b"):
        making.series(tmp_path / name, study=f"1.{ord(name)}")
    for path in (tmp_path / "b").iterdir():
        path.write_bytes(bytes(128) + b"DICM" + b"\xff" * 900)
    assert find_studies(tmp_path) == (tmp_path / "a", tmp_path / "b")
    with pytest.raises(StudyError, match=r"b/s000\.dcm cannot be used: .*; nor can 4 more"):
        read_study(tmp_path / "b")


def test_a_damaged_study_among_others_in_one_folder_is_named_by_its_uid(tmp_path):
    making.series(tmp_path, study="1.1", prefix="a")
    making.series(tmp_path, study="1.2", prefix="b")
    for path in tmp_path.glob("b*"):
        path.write_bytes(path.read_bytes().partition(b"\xe0\x7f\x10\x00")[0])
    first, second = find_studies(tmp_path)
    assert read_study(first).remarks[-1].code != "damaged-files"
    with pytest.raises(StudyError, match=r"b000\.dcm cannot be used: it is cut"):
        read_study(second)


def test_a_damaged_file_makes_no_study_of_its_own(tmp_path):
    making.series(tmp_path)
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "x.dcm").write_bytes(b"")
    assert find_studies(tmp_path) == (tmp_path,)


def test_links_to_folders_are_followed_once(tmp_path):
    making.series(tmp_path / "store" / "s1")
    (tmp_path / "cohort").mkdir()
    (tmp_path / "cohort" / "s1").symlink_to(tmp_path / "store" / "s1")
    (tmp_path / "cohort" / "again").symlink_to(tmp_path / "store" / "s1")
    (tmp_path / "cohort" / "loop").symlink_to(tmp_path)
    (found,) = find_studies(tmp_path / "cohort")
    assert read_study(found).volume.array.shape == (5, 6, 7)


def test_a_nrrd_file_that_lost_its_place_does_not_hide_the_others(tmp_path):
    (tmp_path / "a.nrrd").write_bytes(b"NRRD0004\ntype: short\n\n")
    (tmp_path / "b.nii").write_bytes(b"no NIfTI")
    assert find_studies(tmp_path) == (tmp_path / "a.nrrd", tmp_path / "b.nii")


def test_what_is_called_like_a_study_and_is_not_read_is_not_lost(tmp_path):
    making.series(tmp_path / "p1")
    (tmp_path / "p1" / "notes.7z").write_bytes(b"x")  # remarked on beside its images
    for name in ("p2.tar.gz", "p3.iso", "p4.mha"):
        (tmp_path / name).write_bytes(b"x")
        with pytest.raises(StudyError, match="unpack it|save it as NIfTI"):
            read_study(tmp_path / name)
    found = find_studies(tmp_path)
    assert [path.name for path in found] == ["p1", "p2.tar.gz", "p3.iso", "p4.mha"]
