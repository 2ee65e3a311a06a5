from __future__ import annotations

import errno
import threading

import pytest

from deepvein.node import loop as module
from deepvein.node.database.database import AWAY
from deepvein.node.loop import Loop

GONE = AWAY[0]("SELECT 1", {}, Exception("away"))


@pytest.fixture
def work(monkeypatch):
    """Run a loop whose steps fail with these errors, until they are used up and one has worked."""
    pauses: list[float] = []

    def wait(self, timeout=None):
        pauses.append(timeout)
        return self.is_set()

    def run(errors: list[Exception]) -> list[float]:
        left = list(errors)

        def step() -> bool:
            if left:
                raise left.pop(0)
            loop._stop.set()
            return False

        loop = Loop("steps", step, 1.0)
        with monkeypatch.context() as patch:
            patch.setattr(threading.Event, "wait", wait)
            loop.run()
        return pauses[: len(errors)]

    return run


@pytest.mark.parametrize("error", [GONE, ValueError("odd")])
def test_a_step_that_fails_for_long_fills_no_log_and_no_processor(work, caplog, error):
    caplog.set_level("INFO")
    pauses = work([error] * 200)
    assert pauses[:4] == [0.2, 0.4, 0.8, 1.6]
    assert set(pauses[10:]) == {5.0}
    assert [one.message for one in caplog.records][1:] == ["it works again"]
    assert len(caplog.records) == 2


def test_another_failure_is_told_and_the_same_after_a_while(work, caplog, monkeypatch):
    full, broken = OSError(errno.ENOSPC, "full"), OSError(errno.EIO, "broken")
    work([full, full, broken, full, GONE])
    assert len(caplog.records) == 4
    caplog.clear()
    monkeypatch.setattr(module, "_SILENCE_S", 0.0)
    work([full, full])
    assert len(caplog.records) == 2


def test_the_end_waits_for_a_step_but_not_for_one_that_waits_for_a_silent_peer(monkeypatch, caplog):
    monkeypatch.setattr(module, "_PATIENCE_S", 0.2)
    begun, silent = threading.Event(), threading.Event()

    def step() -> bool:
        begun.set()
        return silent.wait(60.0)

    loops = [Loop(f"step {number}", step, 1.0) for number in range(2)]
    for one in loops:
        one.start()
    assert begun.wait(60.0)
    for one in loops:
        one.end()
    for one in loops:
        one.stop()
    assert all(one.is_alive for one in loops)
    assert [one.message for one in caplog.records] == ["a step is left behind"] * 2
    silent.set()
    for one in loops:
        one._thread.join(60.0)
        assert not one.is_alive
