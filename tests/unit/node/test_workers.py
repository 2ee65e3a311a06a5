from __future__ import annotations

import os
import signal
import socket
import threading
import time

import pytest
from sqlalchemy import select

from deepvein.node import workers as module
from deepvein.node.bell import Bell
from deepvein.node.belonging import claim
from deepvein.node.database.database import FILE
from deepvein.node.database.schema import JobRow, StudyRow
from deepvein.node.fitness import Fitness, unfit
from deepvein.node.intake import Arrived, enter
from deepvein.node.pulse import silences
from deepvein.node.queue import Reaper, enqueue
from deepvein.node.settings import NodeSettings
from deepvein.node.standstill import Standstill
from deepvein.node.states import Priority, StudyState
from deepvein.node.workers import UNFIT, Workers
from unit.node.instances import Breakable, image, save, wait_for


class Ended:
    """A process that has ended, or will when it is killed."""

    def __init__(self, exitcode: int, alive: bool = False) -> None:
        self.exitcode, self.alive = exitcode, alive

    def is_alive(self) -> bool:
        return self.alive

    def kill(self) -> None:
        self.alive = False

    def join(self) -> None:
        pass


@pytest.fixture
def workers(database, tmp_path):
    settings = NodeSettings(tmp_path)
    claim(database, tmp_path)
    made = Workers(settings, Breakable(tmp_path), Reaper(database, settings.queue), Bell(), Bell())
    yield made
    made._running = {name: one for name, one in made._running.items() if not isinstance(one, Ended)}
    made.stop()


def test_a_machine_that_cannot_screen_fails_no_study_and_tries_again(
    database, store, workers, monkeypatch
):
    monkeypatch.setattr(module, "_AGAIN_S", 0.5)
    broken = store.folder / "broken"
    broken.touch()
    path = save(image(1, 1), store.arriving("receiver") / "1.dcm")
    enter(database, store, "receiver", [Arrived(path)])
    with database.writing() as session:
        study = session.scalars(select(StudyRow)).one()
        study.state = StudyState.QUEUED
        enqueue(session, study, Priority.ROUTINE)

    def state() -> StudyState:
        with database.reading() as session:
            return session.scalars(select(StudyRow.state)).one()

    wait_for(lambda: workers.step() or unfit(store.folder))
    (reason,) = unfit(store.folder).values()
    assert (
        reason
        == "cannot screen, studies wait: ImportError: libtorch_cpu.so: cannot open shared object file"
    )
    with database.reading() as session:
        assert session.scalars(select(JobRow)).one().attempts == 0
    broken.unlink()
    wait_for(lambda: workers.step() or state() is StudyState.SCREENED)
    assert unfit(store.folder) == {}


@pytest.mark.parametrize(("exit_code", "told"), [(UNFIT, False), (-11, True)])
def test_a_process_that_ends_before_it_can_screen_is_not_replaced_at_once(
    workers, monkeypatch, tmp_path, exit_code, told
):
    begun = []
    monkeypatch.setattr(
        Workers, "_begin", lambda self: begun.append(1) or self._running.update(new=Ended(0))
    )
    workers._running["old"], workers._fit["old"] = Ended(exit_code), threading.Event()
    workers.step()
    assert begun == []
    assert ["exit code -11" in one for one in unfit(tmp_path).values()] == [True] * told
    workers._due_s = 0.0
    workers.step()
    assert begun == [1]


def test_a_process_that_never_becomes_ready_is_ended_and_told(workers, monkeypatch, tmp_path):
    loading, hanging = Ended(-9, alive=True), Ended(-9, alive=True)
    for name, one, seconds in (("loading", loading, 1.0), ("hanging", hanging, 700.0)):
        workers._running[name], workers._fit[name] = one, threading.Event()
        workers._begun_s[name] = time.monotonic() - seconds
    workers.step()
    workers.step()
    assert (loading.alive, hanging.alive) == (True, False)
    (reason,) = unfit(tmp_path).values()
    assert "ended while it loaded the models (exit code -9)" in reason


def test_two_workers_of_one_machine_do_not_speak_for_each_other(database, workers, tmp_path):
    """Two `deepvein serve --only worker`: one cannot use its graphics card, the other screens."""
    second = Workers(workers.settings, workers.screen, workers.reaper, Bell(), Bell())
    for one, exit_code in ((workers, UNFIT), (second, -11)):
        one.pulse.beat()
        one._ended(exit_code, threading.Event())
    try:
        assert list(unfit(tmp_path)) == [f"{socket.gethostname()} (2)"]
        assert len(silences(tmp_path)) == 2
    finally:
        second.stop()
    assert list(silences(tmp_path)) == [socket.gethostname()]


class Number:
    """What a process raises as long as it lives."""

    value = 0


def test_a_frozen_process_is_ended_and_replaced_also_where_it_has_no_study(
    workers, monkeypatch, caplog
):
    monkeypatch.setattr(module, "SILENT_S", 50.0)
    monkeypatch.setattr(Workers, "_begin", lambda self: self._running.update(new=Ended(0)))
    time_s = [0.0]
    workers._silence = Standstill(lambda: time_s[0])
    object.__setattr__(workers.settings.queue, "lease_s", 1.0)
    frozen, lives, loads = (Ended(-9, alive=True) for _ in range(3))
    numbers = {name: Number() for name in ("frozen", "lives", "loads")}
    for name, one in (("frozen", frozen), ("lives", lives), ("loads", loads)):
        workers._running[name], workers._fit[name] = one, threading.Event()
        workers._lives[name], workers._begun_s[name] = numbers[name], time.monotonic()
        if name != "loads":
            workers._fit[name].set()
    for _ in range(7):
        numbers["lives"].value += 1
        workers.step()
        time_s[0] += 10.0
    assert (frozen.alive, lives.alive, loads.alive) == (False, True, True)
    assert "frozen" not in workers._running
    assert "shows no sign of life" in caplog.text


def test_a_process_that_is_stopped_while_it_waits_is_replaced(
    database, store, workers, monkeypatch
):
    """A real one, by SIGSTOP: a study that comes then is screened all the same."""
    monkeypatch.setattr(module, "SILENT_S", 1.0)
    object.__setattr__(workers.settings.queue, "lease_s", 1.0)
    wait_for(lambda: workers.step() or any(one.value > 1 for one in workers._lives.values()))
    (process,) = workers._running.values()
    os.kill(process.pid, signal.SIGSTOP)
    path = save(image(1, 1), store.arriving("receiver") / "1.dcm")
    enter(database, store, "receiver", [Arrived(path)])
    with database.writing() as session:
        study = session.scalars(select(StudyRow)).one()
        study.state = StudyState.QUEUED
        enqueue(session, study, Priority.ROUTINE)

    def screened() -> bool:
        with database.reading() as session:
            return session.scalars(select(StudyRow.state)).one() is StudyState.SCREENED

    wait_for(lambda: workers.step() or screened())
    assert not process.is_alive()


def test_damaged_models_for_mr_hold_no_ct_back(database, store, workers):
    (store.folder / "broken-MR").touch()
    for number, modality in ((1, "MR"), (2, "CT")):
        path = save(image(number, 1, Modality=modality), store.arriving("r") / f"{number}.dcm")
        enter(database, store, "r", [Arrived(path)])
    with database.writing() as session:
        for study in session.scalars(select(StudyRow).order_by(StudyRow.id)):
            study.state = StudyState.QUEUED
            enqueue(session, study, Priority.ROUTINE)

    def states() -> list[StudyState]:
        with database.reading() as session:
            return list(session.scalars(select(StudyRow.state).order_by(StudyRow.id)))

    wait_for(lambda: workers.step() or states() == [StudyState.QUEUED, StudyState.SCREENED])
    (told,) = unfit(store.folder).values()
    assert told == "cannot screen MR, such studies wait: weights are damaged"
    with database.reading() as session:
        assert [one.attempts for one in session.scalars(select(JobRow).order_by(JobRow.id))] == [
            0,
            1,
        ]


def test_what_a_process_cannot_screen_it_tries_again(workers, monkeypatch, tmp_path):
    fitness = Fitness(tmp_path, "node-1")
    trial = module._Trial(workers.screen, "cpu", fitness)
    broken = tmp_path / "broken-MR"
    broken.touch()
    assert trial.step() == {"MR"}
    broken.unlink()
    assert trial.step() == {"MR"}  # not each time that it asks for work
    monkeypatch.setattr(module, "_AGAIN_S", 0.0)
    assert (trial.step(), unfit(tmp_path)) == (frozenset(), {})
    (tmp_path / "broken").touch()
    assert trial.step() == frozenset()  # a failure of a study tells
    with pytest.raises(SystemExit):
        module._Trial(workers.screen, "cpu", fitness).step()


def test_a_worker_that_begins_while_the_database_is_away_makes_no_new_one(
    database, store, workers, tmp_path
):
    """It waits until the file is back."""
    database.close()
    away = tmp_path.with_name(f"{tmp_path.name}-away")
    away.mkdir()
    names = [path.name for path in tmp_path.glob(f"{FILE}*")]
    for name in names:
        (tmp_path / name).rename(away / name)
    wait_for(lambda: workers._running or workers.step())
    wait_for(lambda: any(one.value > 3 for one in workers._lives.values()))
    assert not (tmp_path / FILE).exists()
    for name in names:
        (away / name).rename(tmp_path / name)
