from __future__ import annotations

import errno

import pytest

from deepvein.node import keeper as module
from deepvein.node.arrival import Arrival
from deepvein.node.keeper import DiskKeeper, Refuser
from deepvein.node.shortcut import Incoming

INCOMING = Incoming("1.2.840.10008.5.1.4.1.1.2", "1.2.3", "1.2.840.10008.1.2.1")


def test_who_refuses_says_why_and_keeps_nothing():
    keeper = Refuser(0x0124)
    keeper.take(b"piece")
    keeper.drop()
    assert keeper.end() == 0x0124


def test_a_kept_image_is_told_of_and_a_dropped_one_is_gone(tmp_path):
    told = []
    keeper = DiskKeeper(tmp_path, INCOMING, lambda *what: told.append(what))
    keeper.take(b"data set")
    assert keeper.end() == 0
    ((path, digest),) = told
    assert path.read_bytes().endswith(b"data set")
    assert path.name.startswith(digest)
    other = DiskKeeper(tmp_path, INCOMING, lambda *what: told.append(what))
    other.take(b"half")
    other.drop()
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("where", ["__init__", "write", "kept"])
@pytest.mark.parametrize(("number", "status"), [(errno.ENOSPC, 0xA700), (errno.EIO, 0xA700)])
def test_whatever_fails_is_told_at_the_end_and_leaves_nothing(
    tmp_path, monkeypatch, where, number, status
):
    def broken(*_: object) -> None:
        raise OSError(number, "broken")

    monkeypatch.setattr(Arrival, where, broken)
    keeper = module.DiskKeeper(tmp_path, INCOMING, lambda *_: pytest.fail("it was not kept"))
    keeper.take(b"one")
    keeper.take(b"two")
    assert keeper.end() == status
    assert list(tmp_path.iterdir()) == []


def test_a_uid_that_no_file_can_hold_is_told_at_the_end_and_leaves_nothing(tmp_path):
    incoming = Incoming(INCOMING.sop_class, "1.2.\xe9", INCOMING.transfer_syntax)
    keeper = DiskKeeper(tmp_path, incoming, lambda *_: pytest.fail("it was not kept"))
    keeper.take(b"data set")
    assert keeper.end() == 0x0110
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_also_removes_nothing_is_told_at_the_end(tmp_path, monkeypatch):
    def broken(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    keeper = DiskKeeper(tmp_path, INCOMING, lambda *_: pytest.fail("it was not kept"))
    with monkeypatch.context() as patch:
        patch.setattr(Arrival, "write", broken)
        patch.setattr("pathlib.Path.unlink", broken)
        keeper.take(b"data set")
    assert keeper.end() == 0xA700
