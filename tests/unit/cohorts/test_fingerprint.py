from __future__ import annotations

import os
from pathlib import Path

import pytest

from deepvein.cohorts.fingerprint import fingerprint


def test_the_fingerprint_follows_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"1")
    before = fingerprint(path)
    assert fingerprint(path) == before
    path.write_bytes(b"12")
    assert fingerprint(path) != before
    assert fingerprint(None) == "none"


def test_a_change_that_kept_size_and_time_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"1")
    before, state = fingerprint(path), path.stat()
    path.write_bytes(b"2")
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert fingerprint(path) != before


@pytest.mark.parametrize("behind", ["folder", "DICOMDIR", "a.nhdr"])
def test_files_behind_the_path_count(tmp_path: Path, behind: str) -> None:
    deep = tmp_path / "folder" / "deep"
    deep.mkdir(parents=True)
    (deep / "slice").write_bytes(b"1")
    (tmp_path / "a.raw").write_bytes(b"1")
    (tmp_path / "DICOMDIR").touch()
    (tmp_path / "a.nhdr").write_text("NRRD0004\ndata file: a.raw\n\n")
    before = fingerprint(tmp_path / behind)
    (tmp_path / ".hidden").touch()
    assert fingerprint(tmp_path / behind) == before
    changed = tmp_path / "a.raw" if behind == "a.nhdr" else deep / "slice"
    changed.write_bytes(b"22")
    assert fingerprint(tmp_path / behind) != before
