from __future__ import annotations

import errno
import shutil
from pathlib import Path

import pytest
from sqlalchemy import select

from deepvein.node.database.schema import InstanceRow, QuarantinedRow
from deepvein.node.watch import Watch
from unit.node.instances import image, save


@pytest.fixture
def watched(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    return folder


@pytest.fixture
def clock():
    return [0.0]


@pytest.fixture
def watch(watched, database, store, clock):
    return Watch(watched, 10.0, database, store, lambda: clock[0])


def uids(database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(InstanceRow.uid)))


def test_a_file_is_taken_once_it_has_settled(watch, watched, database, clock):
    path = save(image(1, 1), watched / "a" / "b" / "x.dcm")
    whole = path.read_bytes()
    path.write_bytes(whole[:300])
    watch.step()
    clock[0] = 9.0
    path.write_bytes(whole)
    assert not watch.step()
    clock[0] = 18.0
    assert not watch.step()
    clock[0] = 19.5
    assert watch.step()
    assert len(uids(database)) == 1
    assert not path.exists()


def test_what_cannot_be_used_is_kept_in_quarantine(watch, watched, database, store, clock):
    (watched / "readme.txt").write_text("hello")
    watch.step()
    clock[0] = 11.0
    watch.step()
    with database.reading() as session:
        row = session.scalars(select(QuarantinedRow)).one()
    assert store.absolute(row.path).read_text() == "hello"


def test_links_and_hidden_files_stay(watch, watched, database, clock, tmp_path):
    (watched / "link").symlink_to(save(image(1, 1), tmp_path / "outside.dcm"))
    save(image(1, 2), watched / ".copying" / "x.dcm")
    watch.step()
    clock[0] = 11.0
    assert not watch.step()
    assert uids(database) == []
    assert (tmp_path / "outside.dcm").exists()


def test_killed_in_between_nothing_is_lost(watch, watched, database, clock, monkeypatch):
    path = save(image(1, 1), watched / "x.dcm")
    watch.step()
    clock[0] = 11.0
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            watch.step()
    assert path.exists()
    watch.step()
    assert len(uids(database)) == 1
    assert not path.exists()


def test_a_file_that_cannot_be_read_costs_the_others_nothing(
    watch, watched, database, clock, monkeypatch, caplog
):
    bad, good = (save(image(1, n), watched / f"{n}.dcm") for n in (1, 2))
    copy = shutil.copyfile

    def sometimes(source, place):
        if source == bad:
            raise OSError(errno.EIO, "Input/output error")
        return copy(source, place)

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copyfile", sometimes)
        for clock[0] in (0.0, 11.0, 12.0, 22.0, 23.0):
            watch.step()
    assert len(uids(database)) == 1
    assert (bad.exists(), good.exists()) == (True, False)
    assert [one.reason for one in caplog.records] == ["Input/output error"]
    assert "Doe" not in caplog.text
    clock[0] = 100.0
    watch.step()
    assert len(uids(database)) == 2


def test_a_file_that_cannot_be_taken_out_is_not_taken_again_and_again(
    watch, watched, database, clock, monkeypatch, caplog
):
    path, copied = save(image(1, 1), watched / "x.dcm"), []
    unlink, copy = Path.unlink, shutil.copyfile

    def stays(self, **options):
        if self == path:
            raise PermissionError(errno.EACCES, "Permission denied")
        unlink(self, **options)

    monkeypatch.setattr(Path, "unlink", stays)
    monkeypatch.setattr(shutil, "copyfile", lambda *told: (copied.append(told), copy(*told)))
    for clock[0] in range(0, 120, 2):
        watch.step()
    assert len(uids(database)) == 1
    assert len(copied) <= 4
    assert len(caplog.records) == 1


def test_a_file_that_grows_while_it_is_copied_is_left_until_it_has_settled(
    watch, watched, database, clock, monkeypatch
):
    path = save(image(1, 1), watched / "x.dcm")
    whole, copy = path.read_bytes(), shutil.copyfile
    path.write_bytes(whole[:400])

    def grows(source, place):
        copy(source, place)
        source.write_bytes(whole)

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copyfile", grows)
        for clock[0] in (0.0, 11.0):
            watch.step()
    assert uids(database) == []
    assert path.exists()
    for clock[0] in (12.0, 23.0):
        watch.step()
    assert len(uids(database)) == 1


def test_a_file_that_another_node_took_meanwhile_is_no_trouble(
    watch, watched, database, clock, caplog, monkeypatch
):
    path = save(image(1, 1), watched / "x.dcm")
    watch.step()
    clock[0] = 10.5
    enter = watch._entrance.enter

    def also_another(files) -> None:
        enter(files)
        if files:
            path.unlink()

    monkeypatch.setattr(watch._entrance, "enter", also_another)
    watch.step()
    assert len(uids(database)) == 1
    assert (watch._avoided, caplog.records) == ({}, [])
