from __future__ import annotations

import errno
import hashlib
import os

import pytest

from deepvein.node import arrival as module
from deepvein.node.arrival import PART, Arrival


def test_what_was_kept_bears_its_hash_and_is_its_owner_s_alone(tmp_path):
    made = Arrival(tmp_path)
    made.write(b"wh")
    made.write(bytearray(b"ole"))
    (part,) = tmp_path.iterdir()
    assert part.suffix == PART
    made.kept()
    assert list(tmp_path.iterdir()) == [made.path]
    assert made.path.name.startswith(hashlib.sha256(b"whole").hexdigest())
    assert made.path.read_bytes() == b"whole"
    assert made.path.stat().st_mode & 0o777 == 0o600


def test_file_and_name_are_forced_to_the_disk_before_it_is_kept(tmp_path, monkeypatch):
    forced, fsync = [], os.fsync
    monkeypatch.setattr(
        "os.fsync", lambda opened: (fsync(opened), forced.append(os.fstat(opened).st_ino))
    )
    made = Arrival(tmp_path)
    made.write(b"whole")
    assert forced == []
    made.kept()
    assert sorted(forced) == sorted([made.path.stat().st_ino, tmp_path.stat().st_ino])


@pytest.mark.parametrize("what", ["file", "name"])
def test_a_disk_that_does_not_take_it_is_told_and_nothing_stays(tmp_path, monkeypatch, what):
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    made = Arrival(tmp_path)
    made.write(b"whole")
    if what == "file":
        monkeypatch.setattr("os.fsync", full)
    else:
        monkeypatch.setattr(module, "sync", full)
    with pytest.raises(OSError, match="No space"):
        made.kept()
    made.dropped()
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ValueError, match="is closed"):
        made.write(b"more")
