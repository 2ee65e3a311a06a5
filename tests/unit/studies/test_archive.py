import errno
import os
import stat
import zipfile

import numpy as np
import pytest

from deepvein.core.errors import OutputError, StudyError
from deepvein.studies.archive import ArchiveSettings, extract, is_zip
from deepvein.studies.reading import read_study
from unit.studies import making


def pack(path, **entries):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path


def temporary_folders(tmp_path):
    return list((tmp_path / "temporary").iterdir())


@pytest.fixture(autouse=True)
def own_temporary_folder(tmp_path, monkeypatch):
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))


def test_a_zip_of_dicom_is_a_study_and_leaves_nothing_behind(tmp_path):
    grid = making.grid_of()
    folder = making.series(tmp_path / "dicom", grid)
    with zipfile.ZipFile(tmp_path / "leg.zip", "w") as archive:
        for path in folder.iterdir():
            archive.write(path, f"a/b/{path.name}")
    study = read_study(tmp_path / "leg.zip")
    np.testing.assert_array_equal(study.volume.array, making.ramp(grid.shape))
    assert study.name == "leg"
    assert all(path.is_file() for path in study.origin.paths)
    assert len(temporary_folders(tmp_path)) == 1
    del study
    assert temporary_folders(tmp_path) == []


@pytest.mark.parametrize(
    "name", ["../evil", "/evil", "a/../../evil", "..\\evil", "C:\\evil", "a/../..", "c:evil"]
)
def test_entries_that_would_leave_the_folder_are_refused(tmp_path, name):
    path = pack(tmp_path / "slip.zip", **{"good.dcm": b"x", name: b"y"})
    with pytest.raises(StudyError, match="would leave the folder"):
        extract(path)
    assert temporary_folders(tmp_path) == []
    assert not (tmp_path / "evil").exists()


def test_links_are_refused(tmp_path):
    path = tmp_path / "link.zip"
    with zipfile.ZipFile(path, "w") as archive:
        entry = zipfile.ZipInfo("link")
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(entry, "/etc")
    with pytest.raises(StudyError, match="holds the link link"):
        extract(path)
    assert temporary_folders(tmp_path) == []


def test_an_entry_that_grows_beyond_measure_is_refused(tmp_path):
    path = pack(tmp_path / "bomb.zip", zeros=bytes(8 << 20))
    with pytest.raises(StudyError, match="as a zip bomb does"):
        extract(path, ArchiveSettings(most_ratio=100))
    assert temporary_folders(tmp_path) == []


def test_sizes_and_counts_are_bounded_whatever_the_directory_claims(tmp_path):
    noise = os.urandom(3 << 20)
    path = pack(tmp_path / "big.zip", one=noise, two=noise)
    with pytest.raises(StudyError, match=r"unpacks to more than 0\.0 GB"):
        extract(path, ArchiveSettings(most_bytes=4 << 20))
    with pytest.raises(StudyError, match="holds 2 files, more than 1"):
        extract(path, ArchiveSettings(most_files=1))
    assert temporary_folders(tmp_path) == []


def test_damaged_and_empty_archives_are_refused(tmp_path):
    path = pack(tmp_path / "a.zip", one=os.urandom(5000))
    whole = path.read_bytes()
    for damaged in (whole[:3000], whole[:60] + bytes(500) + whole[560:], b"PK\x03\x04junk"):
        path.write_bytes(damaged)
        with pytest.raises(StudyError, match="unpack"):
            extract(path)
    with pytest.raises(StudyError, match="empty archive"):
        extract(pack(tmp_path / "empty.zip"))
    assert temporary_folders(tmp_path) == []


def test_zips_are_known_by_name_or_by_first_bytes(tmp_path):
    path = pack(tmp_path / "a.zip", one=b"1")
    unnamed = tmp_path / "export"
    unnamed.write_bytes(path.read_bytes())
    assert is_zip(path)
    assert is_zip(unnamed)
    assert not is_zip(tmp_path)
    (tmp_path / "text").write_text("PK")
    assert not is_zip(tmp_path / "text")


def test_a_full_disk_is_no_fault_of_the_archive(tmp_path, monkeypatch):
    path = pack(tmp_path / "leg.zip", **{"a.dcm": b"x" * 100})

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("zipfile.ZipExtFile.read", full)
    with pytest.raises(OutputError, match="no room to write .*temporary.*free some space"):
        extract(path)
    assert temporary_folders(tmp_path) == []


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_entries_of_one_name_lie_beside_one_another(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for content in (b"1", b"2", b"3"):
            archive.writestr("a/IM1.dcm", content)
    out = extract(tmp_path / "a.zip")
    held = {path.name: path.read_bytes() for path in (out.folder / "a").iterdir()}
    assert held == {"IM1.dcm": b"1", "IM1~2.dcm": b"2", "IM1~3.dcm": b"3"}


def test_a_time_in_a_name_is_no_attack(tmp_path):
    out = extract(pack(tmp_path / "a.zip", **{"CT 2024-01-01 12:30:05/1.dcm": b"x"}))
    assert (out.folder / "CT 2024-01-01 12_30_05" / "1.dcm").read_bytes() == b"x"


def test_messages_name_the_archive_and_what_lies_in_it(tmp_path):
    folder = making.series(tmp_path / "ct")
    (folder / "s003.dcm").write_bytes((folder / "s003.dcm").read_bytes()[:-20])
    with zipfile.ZipFile(tmp_path / "leg.zip", "w") as archive:
        for path in folder.iterdir():
            archive.write(path, f"CT/{path.name}")
    with pytest.raises(StudyError, match=r"leg\.zip/CT/s003\.dcm are truncated") as refused:
        read_study(tmp_path / "leg.zip")
    assert str(tmp_path / "temporary") not in str(refused.value)
    with zipfile.ZipFile(tmp_path / "outer.zip", "w") as archive:
        archive.write(tmp_path / "leg.zip", "leg.zip")
    with pytest.raises(StudyError, match=r"outer\.zip holds no DICOM, but 1 zip archive.*leg\.zip"):
        read_study(tmp_path / "outer.zip")


def test_an_archive_that_was_not_copied_whole_says_so(tmp_path):
    path = pack(tmp_path / "a.zip", one=os.urandom(5000))
    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(StudyError, match="table of its contents at its end is missing"):
        extract(path)
    path.write_bytes(b"")
    with pytest.raises(StudyError, match="it is empty"):
        extract(path)


def test_folders_that_were_packed_without_a_slash_are_folders(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        entry = zipfile.ZipInfo("DICOM")
        entry.external_attr = 0x10
        archive.writestr(entry, b"")
        archive.writestr("DICOM/1", b"x")
    assert (extract(path).folder / "DICOM" / "1").read_bytes() == b"x"


@pytest.mark.parametrize("entries", [{"n" * 300: b"x"}, {"a": b"x", "a/b": b"y"}])
def test_names_that_no_disk_can_hold_are_told_without_the_temporary_folder(tmp_path, entries):
    path = pack(tmp_path / "a.zip", **entries)
    with pytest.raises(StudyError, match="cannot be unpacked") as told:
        extract(path)
    assert "temporary" not in str(told.value)
    assert len(str(told.value)) < 300


@pytest.mark.parametrize(
    ("start", "called"),
    [
        (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
        (b"Rar!\x1a\x07", "a rar archive"),
        (b"\x1f\x8b", "by gzip"),
    ],
)
def test_archives_of_other_kinds_are_called_so_whatever_their_name(tmp_path, start, called):
    (tmp_path / "a.zip").write_bytes(start + bytes(500))
    with pytest.raises(
        StudyError, match=f"{called}, whatever it is called: unpack it and give the folder"
    ):
        extract(tmp_path / "a.zip")


@pytest.mark.parametrize(
    ("at", "value", "why"),
    [(8, 1, "locked by a password"), (10, 9, r"by method 9 \(9 is Deflate64")],
)
def test_entries_that_cannot_be_opened_say_why(tmp_path, at, value, why):
    path = pack(tmp_path / "a.zip", **{"one.dcm": b"x" * 99})
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + at] = value
    path.write_bytes(data)
    with pytest.raises(
        StudyError, match=f"one.dcm is .*{why}.*; unpack it yourself and give the folder"
    ):
        extract(path)
