from __future__ import annotations

import errno
import os
import tempfile
import threading
from datetime import timedelta

import pytest

from deepvein.node import readiness as module
from deepvein.node.belonging import MARK, claim
from deepvein.node.database.columns import now
from deepvein.node.database.schema import JobRow, StudyRow
from deepvein.node.pulse import FOLDER, Pulse
from deepvein.node.readiness import Look, troubles
from deepvein.node.states import Priority, StudyState
from unit.node.instances import wait_for


@pytest.fixture
def wait(database):
    """Let a study wait for its screening, for so long."""

    def work(seconds: float, priority: Priority = Priority.ROUTINE) -> None:
        moment = now() - timedelta(seconds=seconds)
        with database.writing() as session:
            study = StudyRow(uid=f"1.{seconds:.0f}{priority.rank}", state=StudyState.QUEUED)
            session.add(study)
            session.flush()
            session.add(
                JobRow(
                    study_id=study.id, revision=1, priority=priority.rank, due=moment, queued=moment
                )
            )

    return work


def test_nothing_keeps_a_node_from_work_at_its_beginning(database, tmp_path, wait):
    claim(database, tmp_path)
    wait(1.0)
    wait(9000.0, Priority.OFF_PEAK)
    assert troubles(database, tmp_path) == ()


def test_studies_that_nobody_screens_are_told_of(database, tmp_path, wait):
    wait(600.0)
    assert troubles(database, tmp_path) == ("1 study waits and no worker is at work",)
    wait(700.0)
    assert troubles(database, tmp_path) == ("2 studies wait and no worker is at work",)
    Pulse(tmp_path, "node-1").beat()
    assert troubles(database, tmp_path) == ()


def test_a_machine_that_is_frozen_is_told_of_also_where_nothing_waits(database, tmp_path):
    for machine in ("node-1", "node-2"):
        Pulse(tmp_path, machine).beat()
    (file,) = (one for one in (tmp_path / FOLDER).iterdir() if one.read_text() == "node-2")
    moment_s = file.stat().st_mtime - 200
    os.utime(file, (moment_s, moment_s))
    (told,) = troubles(database, tmp_path)
    assert "node-2 has shown no sign of life for 20" in told


@pytest.mark.parametrize("where", ["", "arriving", "arriving/r", "studies", "results"])
def test_a_folder_that_takes_nothing_is_told_of(database, tmp_path, monkeypatch, where):
    for name in ("arriving/r", "studies", "results"):
        (tmp_path / name).mkdir(parents=True)
    made = tempfile.TemporaryFile

    def refused(*, dir, **_):  # noqa: A002  (its name there)
        if dir == tmp_path / where:
            raise OSError(errno.EROFS, "Read-only file system")
        return made(dir=dir)

    monkeypatch.setattr(tempfile, "TemporaryFile", refused)
    name = f" ({where})" if where else ""
    told = f"the node's folder{name} cannot be written to: Read-only file system"
    assert troubles(database, tmp_path) == (told,)


def test_the_empty_place_of_a_disk_that_is_away_is_told_of(database, tmp_path):
    claim(database, tmp_path)
    mark = (tmp_path / MARK).read_text()
    (tmp_path / MARK).unlink()
    (told,) = troubles(database, tmp_path)
    assert "mount its disk" in told
    (tmp_path / MARK).write_text(mark)
    assert troubles(database, tmp_path) == ()


def test_what_hangs_is_told_soon_and_looked_at_by_one_alone(database, tmp_path, monkeypatch):
    go_on, begun = threading.Event(), []

    def hanging(*_) -> tuple[str, ...]:
        begun.append(1)
        go_on.wait(60.0)
        return ("the disk is full",)

    monkeypatch.setattr(module, "troubles", hanging)
    look = Look(database, tmp_path, patience_s=0.2)
    for _ in range(3):
        assert "does not answer" in look.found()[0]
    assert begun == [1]
    go_on.set()
    wait_for(lambda: look.found() == ("the disk is full",))
