from __future__ import annotations

import errno
from pathlib import Path

import pytest
from sqlalchemy import select

from deepvein.node.database.schema import InstanceRow, QuarantinedRow
from deepvein.node.entrance import Entrance
from deepvein.node.intake import Arrived
from unit.node.instances import image, save


@pytest.fixture
def broken(monkeypatch):
    """Paths that cannot be read."""
    paths: list[Path] = []
    read = Path.open

    def sometimes(self, *arguments, **options):
        if self in paths:
            raise OSError(errno.EIO, "Input/output error")
        return read(self, *arguments, **options)

    monkeypatch.setattr(Path, "open", sometimes)
    return paths


@pytest.fixture
def clock():
    return [0.0]


@pytest.fixture
def entrance(database, store, clock):
    return Entrance("r", database, store, lambda: clock[0])


def count(database, table) -> int:
    with database.reading() as session:
        return len(session.scalars(select(table)).all())


def test_trouble_is_waited_for_longer_and_longer(database, entrance, broken, clock):
    path = save(image(1, 1), entrance.folder / "1.dcm")
    broken.append(path)
    entrance.enter([Arrived(path)])
    waits = []
    for _ in range(13):
        waits.append(entrance.pause_s)
        clock[0] += entrance.pause_s - 0.01
        entrance.enter([Arrived(path)])  # told again by whoever looks into the folder
        assert 0 < entrance.pause_s < 0.02
        clock[0] += 0.02
        entrance.enter([])
    assert waits[:4] == pytest.approx([1.0, 2.0, 4.0, 8.0])
    assert waits[-2:] == pytest.approx([600.0, 600.0])
    assert count(database, QuarantinedRow) == 1
    broken.clear()
    clock[0] += 601.0
    entrance.enter([])
    assert (count(database, QuarantinedRow), count(database, InstanceRow)) == (0, 1)
    assert entrance.pause_s == float("inf")


def test_what_was_listed_before_a_restart_is_listed_no_more_when_it_can_be_read(
    database, store, entrance, broken
):
    path = save(image(1, 1), entrance.folder / "1.dcm")
    broken.append(path)
    entrance.enter([Arrived(path)])
    other = Entrance("s", database, store)
    other.enter([])  # has nothing to do with it
    assert count(database, QuarantinedRow) == 1
    broken.clear()
    Entrance("r", database, store).enter([Arrived(path)])
    assert (count(database, QuarantinedRow), count(database, InstanceRow)) == (0, 1)
