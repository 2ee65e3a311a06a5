from __future__ import annotations

import pytest
from sqlalchemy import select

from deepvein.node import watch as module
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
        patch.setattr(module, "enter", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            watch.step()
    assert path.exists()
    watch.step()
    assert len(uids(database)) == 1
    assert not path.exists()
