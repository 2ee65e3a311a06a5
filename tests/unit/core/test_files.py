"""A file or folder is whole or as it was, and nothing is left beside it."""

from __future__ import annotations

import errno
import os
import signal
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from deepvein.core import files
from deepvein.core.errors import OutputError
from deepvein.core.files import (
    alone_in,
    clear_leftovers,
    make_folder,
    move,
    put,
    stage,
    storage_error,
    whole_file,
    whole_folder,
    write_bytes,
    write_json,
    write_text,
)

posix = pytest.mark.skipif(os.name == "nt", reason="modes, signals and locks of POSIX")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_it_replaces_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file"
    write_bytes(path, b"one")
    write_bytes(path, b"two")
    assert path.read_bytes() == b"two"
    assert names(path.parent) == ["file"]


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    make_folder(tmp_path / "a" / "b")
    make_folder(tmp_path / "a" / "b")
    write_bytes(tmp_path / "file", b"one")
    with pytest.raises(OutputError, match="cannot write .*file/c"):
        make_folder(tmp_path / "file" / "c")


def test_texts_keep_their_line_ends_and_json_ends_with_one(tmp_path: Path) -> None:
    write_text(tmp_path / "a.txt", "ä\r\nb\n")
    assert (tmp_path / "a.txt").read_bytes() == "ä\r\nb\n".encode()
    write_json(tmp_path / "a.json", {"a": [1]})
    assert (tmp_path / "a.json").read_text() == '{\n  "a": [\n    1\n  ]\n}\n'


def test_bytes_of_a_name_that_are_no_text_are_written_out(tmp_path: Path) -> None:
    write_text(tmp_path / "a.txt", os.fsdecode(b"m\xfcller"))
    assert (tmp_path / "a.txt").read_text() == r"m\udcfcller"


def test_the_file_in_the_making_has_its_own_name(tmp_path: Path) -> None:
    long = "é" * 100 + ".nii.gz"
    with whole_file(tmp_path / long) as made:
        assert made.name == long
        made.write_bytes(b"x")
        assert not (tmp_path / long).exists()
    assert names(tmp_path) == [long]


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    write_bytes(tmp_path / "file", b"old")
    with pytest.raises(ValueError, match="int"), whole_file(tmp_path / "file") as made:
        made.write_bytes(b"half" + bytes([int("no")]))
    assert (tmp_path / "file").read_bytes() == b"old"
    assert names(tmp_path) == ["file"]


def test_parents_that_were_made_for_nothing_go_again(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    with pytest.raises(KeyboardInterrupt), whole_file(tmp_path / "mine" / "a" / "b" / "file"):
        raise KeyboardInterrupt
    assert names(tmp_path) == ["mine"]
    assert names(tmp_path / "mine") == []


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize("call", ["os.fsync", "pathlib.Path.write_bytes"])
def test_a_full_disk_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, call: str
) -> None:
    write_bytes(tmp_path / "file", b"old")

    def full(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patch:
        patch.setattr(call, full)
        with pytest.raises(OutputError, match=f"no room to write {tmp_path}.*free some space") as e:
            write_bytes(tmp_path / "file", b"new")
    assert e.value.exit_code == 6
    assert (tmp_path / "file").read_bytes() == b"old"
    assert names(tmp_path) == ["file"]


@posix
def test_a_limit_of_the_system_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    script = f"""
import resource
from pathlib import Path
from deepvein.core import files
from deepvein.core.errors import OutputError
from deepvein.core.files import write_bytes
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    write_bytes(Path({str(tmp_path)!r}) / "file", bytes(100_000))
except OutputError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert "File too large" in done.stdout
    assert names(tmp_path) == []


def test_only_storage_errors_are_of_the_disk() -> None:
    assert storage_error(OSError(errno.EIO, "no")) is None
    full = storage_error(OSError(errno.ENOSPC, "full", "there"))
    assert full is not None
    assert "there" in str(full)


@pytest.mark.parametrize("kind", [OSError, RuntimeError])
def test_a_full_disk_is_seen_behind_what_libraries_make_of_it(
    tmp_path: Path, kind: type[Exception]
) -> None:
    def write_as_a_library() -> None:
        try:
            raise OSError(errno.ENOSPC, "full")
        except OSError as error:
            raise kind("with tag (7FE0,0010) got exception") from error

    with pytest.raises(OutputError, match="no room to write"), whole_file(tmp_path / "file"):
        write_as_a_library()


def test_errors_name_no_hidden_folder(tmp_path: Path) -> None:
    def full() -> None:
        raise OSError(errno.ENOSPC, "full")

    with (
        pytest.raises(OutputError) as caught,
        whole_folder(tmp_path / "a") as made,
        whole_file(made / "in" / "file"),
    ):
        full()
    assert f"no room to write {tmp_path} (" in str(caught.value)


def test_a_place_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    with pytest.raises(OutputError, match="cannot write .*file.*choose a place"):
        write_bytes(tmp_path / "file" / "below", b"x")
    (tmp_path / "folder" / "in").mkdir(parents=True)
    with pytest.raises(OutputError, match=r"cannot write .*folder"):
        write_bytes(tmp_path / "folder", b"x")
    assert names(tmp_path) == ["file", "folder"]


@posix
def test_private_results_are_for_their_owner_alone(tmp_path: Path) -> None:
    write_text(tmp_path / "private", "x", private=True)
    write_text(tmp_path / "open", "x")
    assert mode(tmp_path / "private") == 0o600
    (tmp_path / "usual").write_text("x")
    assert mode(tmp_path / "open") == mode(tmp_path / "usual")
    with whole_folder(tmp_path / "folder", private=True) as made:
        (made / "in").mkdir()
        (made / "in" / "file").write_text("x")
    assert mode(tmp_path / "folder") == mode(tmp_path / "folder" / "in") == 0o700
    assert mode(tmp_path / "folder" / "in" / "file") == 0o600


def test_a_folder_appears_whole(tmp_path: Path) -> None:
    with whole_folder(tmp_path / "folder") as made:
        (made / "file").write_text("x")
        assert not (tmp_path / "folder").exists()
    assert names(tmp_path / "folder") == ["file"]
    with pytest.raises(ValueError, match="no"), whole_folder(tmp_path / "other"):
        raise ValueError("no")
    assert names(tmp_path) == ["folder"]


def test_a_folder_is_replaced_only_if_asked(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "old").write_text("x")
    with pytest.raises(OutputError, match="folder"), whole_folder(tmp_path / "folder") as made:
        (made / "new").write_text("x")
    assert names(tmp_path / "folder") == ["old"]
    with whole_folder(tmp_path / "folder", replace=True) as made:
        (made / "new").write_text("x")
    assert names(tmp_path / "folder") == ["new"]
    assert names(tmp_path) == ["folder"]


def test_a_folder_that_cannot_be_put_in_place_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "old").write_text("x")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr("os.fsync", full)
    with (
        pytest.raises(OutputError),
        whole_folder(tmp_path / "folder", replace=True) as made,
    ):
        (made / "new").write_text("x")
    assert names(tmp_path / "folder") == ["old"]
    assert names(tmp_path) == ["folder"]


def test_several_files_are_put_in_place_when_all_are_made(tmp_path: Path) -> None:
    with stage(tmp_path / "out") as hidden:
        for name in "ab":
            (hidden / name).write_text(name)
        for name in "ab":
            put(hidden / name, tmp_path / "out" / name, private=True)
    assert names(tmp_path / "out") == ["a", "b"]


_WRITER = """
import sys, time
from pathlib import Path
from deepvein.core.files import whole_file
with whole_file(Path(sys.argv[1]) / "file") as made:
    made.write_bytes(b"half")
    print("begun", flush=True)
    sys.stdin.read()
"""


@posix
def test_what_a_killed_process_left_goes_with_the_next_write(tmp_path: Path) -> None:
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(tmp_path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "begun\n"
    killed, living = writers
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert len(names(tmp_path)) == 2
    write_bytes(tmp_path / "other", b"x")
    left = names(tmp_path)
    assert len(left) == 2  # that of the living one, and ours
    living.communicate()
    assert living.returncode == 0
    assert (tmp_path / "file").read_bytes() == b"half"
    assert names(tmp_path) == ["file", "other"]


_STORM = """
import sys
from pathlib import Path
from deepvein.core.files import write_bytes
for k in range(150):
    write_bytes(Path(sys.argv[1]) / f"{sys.argv[2]}-{k}", b"x")
"""


def test_processes_that_write_side_by_side_do_not_clear_each_others_work(tmp_path: Path) -> None:
    runs = [
        subprocess.Popen([sys.executable, "-c", _STORM, str(tmp_path), str(number)])
        for number in range(3)
    ]
    assert [run.wait() for run in runs] == [0, 0, 0]
    assert len(names(tmp_path)) == 3 * 150


def test_hidden_folders_of_other_computers_go_when_they_are_old(tmp_path: Path) -> None:
    old, new = tmp_path / ".partial-elsewhere-1", tmp_path / ".partial-elsewhere-2"
    for path in (old, new):
        path.mkdir()
    os.utime(old, (1_000_000, 1_000_000))
    clear_leftovers(tmp_path)
    assert names(tmp_path) == [new.name]


def test_files_move_together_and_each_folder_is_forced_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forced: list[Path] = []
    monkeypatch.setattr(files, "sync", forced.append)
    pairs = []
    for number in range(4):
        (tmp_path / f"{number}").write_text(f"{number}")
        pairs.append((tmp_path / f"{number}", tmp_path / "to" / f"{number % 2}" / f"{number}"))
    move(pairs)
    assert [place.read_text() for _, place in pairs] == ["0", "1", "2", "3"]
    assert sorted(forced) == [tmp_path, tmp_path / "to" / "0", tmp_path / "to" / "1"]


def test_who_is_alone_in_a_folder_keeps_others_out(tmp_path: Path) -> None:
    fcntl = pytest.importorskip("fcntl")

    def is_free(folder: Path) -> bool:
        opened = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        finally:
            os.close(opened)
        return True

    with alone_in(tmp_path):
        assert not is_free(tmp_path)
    assert is_free(tmp_path)
    assert names(tmp_path) == []
    with alone_in(tmp_path / "missing"), stage(tmp_path) as hidden, alone_in(hidden):
        assert hidden.is_dir()


def test_a_database_without_room_is_a_full_disk(tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / "a.db")
    database.execute("PRAGMA max_page_count = 2")
    database.execute("CREATE TABLE a (b BLOB)")
    with pytest.raises(sqlite3.OperationalError) as caught:
        database.execute("INSERT INTO a VALUES (zeroblob(100000))")
    database.close()
    told = storage_error(caught.value, tmp_path)
    assert told is not None
    assert f"no room to write {tmp_path}" in str(told)
