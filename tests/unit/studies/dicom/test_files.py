import os
import shutil

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import MediaStorageDirectoryStorage, generate_uid

from deepvein.core.errors import StudyError
from deepvein.studies.account import Fate
from deepvein.studies.dicom.files import (
    files_below,
    is_dicom,
    is_dicomdir,
    look_into,
    read_headers,
    without_copies,
)
from deepvein.studies.discovery import find_studies
from deepvein.studies.reading import read_study
from unit.studies import making


@pytest.fixture
def medium(tmp_path):
    """A folder with a DICOMDIR that lists a patient without file and five images."""
    folder = tmp_path / "medium"
    root, patient = Dataset(), Dataset()
    root.SOPClassUID, root.SOPInstanceUID = MediaStorageDirectoryStorage, generate_uid()
    patient.DirectoryRecordType = "PATIENT"
    root.DirectoryRecordSequence = [patient]
    grid = making.grid_of()
    for index, one in enumerate(making.datasets(grid, making.ramp(grid.shape))):
        making.save(one, folder / "DIR" / f"IM{index}")
        record = Dataset()
        record.DirectoryRecordType = "IMAGE"
        record.ReferencedFileID = ["DIR", f"IM{index}"]
        record.ReferencedSOPInstanceUIDInFile = one.SOPInstanceUID
        root.DirectoryRecordSequence.append(record)
    making.save(root, folder / "DICOMDIR")
    return folder


def test_a_dicomdir_names_its_files(medium):
    assert is_dicomdir(medium / "DICOMDIR")
    assert find_studies(medium / "DICOMDIR") == (medium / "DICOMDIR",)
    for location in (medium / "DICOMDIR", medium):
        study = read_study(location)
        np.testing.assert_array_equal(study.volume.array, making.ramp(study.volume.grid.shape))
        assert len(study.origin.paths) == 5


def test_names_in_lower_case_are_found(medium):
    for path in sorted(medium.rglob("*"), key=lambda path: -len(path.parts)):
        if path.name != "DICOMDIR":
            path.rename(path.with_name(path.name.lower()))
    assert read_study(medium / "DICOMDIR").volume.array.shape == (5, 6, 7)


def test_names_that_got_a_suffix_are_found(medium):
    for path in (medium / "DIR").iterdir():
        path.rename(path.with_suffix(".dcm"))
    for location in (medium / "DICOMDIR", medium):
        study = read_study(location)
        assert study.volume.array.shape == (5, 6, 7)
        assert "lost-files" not in [remark.code for remark in study.remarks]


def test_images_that_were_moved_and_renamed_are_not_lost(medium):
    for path in list((medium / "DIR").iterdir()):
        path.rename(medium / f"1.2.{path.name}.dcm")
    assert "lost-files" not in [remark.code for remark in read_study(medium).remarks]
    with pytest.raises(StudyError, match="or give its folder"):
        read_study(medium / "DICOMDIR")


def test_files_that_a_dicomdir_misses_are_told(medium):
    images = [path for path in files_below(medium) if path.name != "DICOMDIR"]
    images[0].unlink()
    with pytest.raises(StudyError, match=r"lists 1 file\(s\) that are not there"):
        read_study(medium / "DICOMDIR")


def test_images_that_a_dicomdir_does_not_list_are_told(medium):
    study = read_study(medium / "DICOMDIR")
    assert not any(remark.code == "unlisted-files" for remark in study.remarks)
    last = dcmread(medium / "DIR" / "IM4")
    last.SOPInstanceUID, last.InstanceNumber = generate_uid(), 6
    last.ImagePositionPatient = [*last.ImagePositionPatient[:2], last.ImagePositionPatient[2] + 3]
    last.save_as(medium / "DIR" / "IM5")
    study = read_study(medium / "DICOMDIR")
    assert study.volume.grid.shape[0] == 5
    (told,) = [remark.text for remark in study.remarks if remark.code == "unlisted-files"]
    assert told.startswith(
        "1 image(s) of the study lie beside the DICOMDIR, which does not list them"
    )
    assert "DIR/IM5" in told
    assert [one.name for one in study.origin.files if one.fate is Fate.UNLISTED] == ["DIR/IM5"]


def test_a_dicomdir_may_not_point_outside(medium):
    raw = (medium / "DICOMDIR").read_bytes()
    first = next(path for path in files_below(medium) if path.name != "DICOMDIR")
    listed = str(first.relative_to(medium)).replace("/", "\\").encode()
    assert listed in raw
    outside = b"..\\" * (len(listed) // 3) + b"x" * (len(listed) % 3)
    (medium / "DICOMDIR").write_bytes(raw.replace(listed, outside))
    with pytest.raises(StudyError, match="outside its folder"):
        read_study(medium / "DICOMDIR")


def test_files_are_found_in_order_without_hidden_folders_and_loops(tmp_path):
    for name in ("b/2", "b/1", "a/9", ".git/1", "a/.x", "a/mask.nii.gz"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    os.symlink(tmp_path, tmp_path / "a" / "loop")
    found = [str(path.relative_to(tmp_path)) for path in files_below(tmp_path)]
    assert found == ["a/.x", "a/9", "a/mask.nii.gz", "b/1", "b/2"]


def test_other_files_in_between_do_not_disturb(tmp_path):
    making.series(tmp_path)
    (tmp_path / "notes").write_text("not an image" * 40)
    (tmp_path / "empty").write_bytes(b"")
    assert len(read_headers(files_below(tmp_path))) == 5
    assert not is_dicom(tmp_path / "notes")
    assert not is_dicom(tmp_path)


def test_a_file_is_known_by_its_content_or_should_be_by_its_name(tmp_path):
    making.series(tmp_path, prefix="IM")
    (tmp_path / "IM000.dcm").rename(tmp_path / "page.txt")
    for name, content in {
        "IM900.dcm": b"not an image",
        "x.ima": b"",
        "IM7.json": b"{}",
        "viewer.exe": b"MZ" * 90,
        ".hidden": b"",
        "a.zip": b"PK",
        "b.dcm.gz": b"",
        "IM8.dcm.part": b"",
        "IM001.dcm.gz": b"",
        "IM8.nii.gz": b"",
    }.items():
        (tmp_path / name).write_bytes(content)
    os.mkfifo(tmp_path / "pipe")
    look = look_into(files_below(tmp_path))
    assert [header.path.name for header in look.headers if header.usable] == [
        "IM001.dcm",
        "IM002.dcm",
        "IM003.dcm",
        "IM004.dcm",
        "page.txt",
    ]
    assert {one.path.name: one.trouble for one in look.headers if one.trouble} == {
        "IM900.dcm": "it is not DICOM, or its beginning is damaged",
        "x.ima": "it is empty",
        "b.dcm.gz": "it is packed, or was not copied whole",
        "IM8.dcm.part": "it is packed, or was not copied whole",
    }
    assert {path.name: what for path, what in look.others} == {
        ".hidden": "a hidden file",
        "IM7.json": "not DICOM",
        "a.zip": "a zip archive",
        "IM001.dcm.gz": "packed by gzip",
        "IM8.nii.gz": "packed by gzip",
        "pipe": "a pipe or device",
        "viewer.exe": "not DICOM",
    }


def test_a_medium_without_some_of_its_files_is_remarked(medium):
    (medium / "DIR" / "IM4").unlink()
    study = read_study(medium)
    (remark,) = [one for one in study.remarks if one.code == "lost-files"]
    assert remark.text == "the DICOMDIR lists 1 file(s) that are not there: DIR/IM4"
    assert [one.fate for one in study.origin.files if one.name == "DIR/IM4"] == [Fate.UNREADABLE]
    (found,) = find_studies(medium)
    assert found == medium / "DIR"
    assert "not there: IM4" in read_study(found).remarks[-1].text


def test_a_folder_that_cannot_be_entered_is_told(tmp_path, monkeypatch):
    making.series(tmp_path)
    (tmp_path / "closed").mkdir()
    scan = os.scandir

    def scandir(path):
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", scandir)
    (remark,) = [one for one in read_study(tmp_path).remarks if one.code == "damaged-files"]
    assert "closed" in remark.text


def test_copies_are_left_out(tmp_path):
    making.series(tmp_path / "a")
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    raw = (tmp_path / "b" / "s000.dcm").read_bytes()
    (tmp_path / "b" / "s000.dcm").write_bytes(raw[:-1] + b"x")
    kept, copies = without_copies(read_headers(files_below(tmp_path)))
    assert len(kept) == 6
    assert copies[tmp_path / "b" / "s001.dcm"] == tmp_path / "a" / "s001.dcm"
