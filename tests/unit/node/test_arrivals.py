from __future__ import annotations

import errno
from pathlib import Path

import pytest
from sqlalchemy import select

from deepvein.core.provenance import sha256
from deepvein.node import arrivals as module
from deepvein.node import entrance
from deepvein.node.arrivals import Arrivals
from deepvein.node.database.database import AWAY
from deepvein.node.database.schema import InstanceRow, QuarantinedRow
from deepvein.node.intake import Arrived
from deepvein.node.status import status
from unit.node.instances import image, save, wait_for


@pytest.fixture
def arrivals(database, store, monkeypatch):
    """Start one; all are stopped after the test."""
    monkeypatch.setattr(module, "_AWAY_S", 0.01)
    started = []

    def start() -> Arrivals:
        made = Arrivals("r", database, store, lambda: None, lambda: False)
        store.arriving("r").mkdir(parents=True, exist_ok=True)
        started.append(made)
        made.start()
        return made

    yield start
    for one in started:
        one.stop()


@pytest.fixture
def arrived(store):
    def work(number: int) -> Arrived:
        return Arrived(save(image(1, number), store.arriving("r") / f"{number}.dcm"))

    return work


def rows(database, table):
    with database.reading() as session:
        return session.scalars(select(table).order_by(table.id)).all()


@pytest.mark.parametrize(
    "errors",
    [
        [AWAY[0]("SELECT 1", {}, Exception("away"))] * 50,
        [OSError(errno.EIO, "Input/output error")],
        [ValueError("odd")],
    ],
)
def test_whatever_keeps_images_from_being_entered_does_so_for_a_while(
    database, arrivals, arrived, monkeypatch, errors, caplog
):
    """It is told once, and when it is over."""
    caplog.set_level("INFO")
    left, enter = list(errors), entrance.enter

    def sometimes(_database, _store, _name, files):
        if files and left:
            raise left.pop()
        return enter(_database, _store, _name, files)

    monkeypatch.setattr(entrance, "enter", sometimes)
    at_work = arrivals()
    at_work.put(arrived(1))
    wait_for(lambda: len(rows(database, InstanceRow)) == 1)
    assert left == []
    at_work.stop()
    told = [one.levelname for one in caplog.records if one.name == module.__name__]
    assert told == ["WARNING", "INFO"]


def test_images_that_cannot_be_entered_keep_nobody_from_the_end(
    database, arrivals, arrived, monkeypatch
):
    enter = entrance.enter

    def never(_database, _store, _name, files):
        if files:
            raise AWAY[0]("SELECT 1", {}, Exception("away"))
        return enter(_database, _store, _name, files)

    with monkeypatch.context() as patch:
        patch.setattr(entrance, "enter", never)
        at_work = arrivals()
        at_work.put(arrived(1))
        at_work.stop()
    assert rows(database, InstanceRow) == []


def test_a_full_disk_keeps_nobody_from_starting(database, arrivals, arrived, monkeypatch):
    """What was taken in before is entered as soon as there is room."""
    one = arrived(1)
    whole = one.path.rename(one.path.with_name(f"{sha256(one.path)}-1.dcm"))

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("pathlib.Path.replace", full)
        arrivals()
        assert rows(database, InstanceRow) == []
        assert whole.exists()
    wait_for(lambda: len(rows(database, InstanceRow)) == 1)
    wait_for(lambda: not whole.exists())


def test_an_unreadable_file_is_told_once_and_entered_when_it_can_be_read(
    database, store, arrivals, arrived, monkeypatch, caplog
):
    """Those behind it go on."""
    monkeypatch.setattr(entrance, "_FIRST_WAIT_S", 0.02)
    monkeypatch.setattr(entrance, "_LONGEST_WAIT_S", 0.02)
    at_work = arrivals()
    bad, good, later = arrived(1), arrived(2), arrived(3)
    broken, read = [bad.path], Path.open

    def sometimes(self, *arguments, **options):
        if self in broken:
            raise OSError(errno.EIO, "Input/output error")
        return read(self, *arguments, **options)

    monkeypatch.setattr(Path, "open", sometimes)
    for one in (bad, good):
        at_work.put(one)
    wait_for(lambda: len(rows(database, InstanceRow)) == 1)
    at_work.put(later)
    wait_for(lambda: len(rows(database, InstanceRow)) == 2)
    (row,) = wait_for(lambda: rows(database, QuarantinedRow))
    assert row.path == store.relative(bad.path)
    reason = "its file cannot be read (Input/output error)"
    assert (status(database).stuck, status(database).quarantined) == ({reason: 1}, 0)
    broken.clear()
    wait_for(lambda: len(rows(database, InstanceRow)) == 3)
    wait_for(lambda: rows(database, QuarantinedRow) == [])
    told = [one for one in caplog.records if one.levelname == "ERROR"]
    assert [one.reason for one in told] == [reason]


def test_senders_do_not_wait_while_the_database_is_away(
    database, arrivals, arrived, monkeypatch, caplog
):
    """More images than may wait otherwise; files of a folder that is away are not forgotten either."""
    monkeypatch.setattr(module, "_BACKLOG", 2)
    monkeypatch.setattr(entrance, "_FIRST_WAIT_S", 0.02)
    away, enter = [True], entrance.enter

    def sometimes(_database, _store, _name, files):
        if files and away:
            raise AWAY[0]("SELECT 1", {}, Exception("the server has not answered"))
        return enter(_database, _store, _name, files)

    monkeypatch.setattr(entrance, "enter", sometimes)
    at_work = arrivals()
    for number in range(8):
        at_work.put(arrived(number))
    (told,) = (one for one in caplog.records if one.name == module.__name__)
    assert told.reason == "the server has not answered"
    hidden = at_work.entrance.folder.rename(at_work.entrance.folder.with_name("hidden"))
    away.clear()
    wait_for(lambda: len(rows(database, QuarantinedRow)) == 8)
    hidden.rename(at_work.entrance.folder)
    wait_for(lambda: len(rows(database, InstanceRow)) == 8)
