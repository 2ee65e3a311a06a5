"""Processes of this machine behind the protocol; what is spread over them is tested with `workers`."""

from __future__ import annotations

import os

import psutil
import pytest

from deepvein.core.executor import Place, ProcessLostError
from deepvein.core.processes import Processes


def pid_or_end(ends: bool) -> int:
    if ends:
        os._exit(3)
    return os.getpid()


def test_a_process_is_kept_replaced_when_lost_and_ended_at_last() -> None:
    processes = Processes(2, room=7.0)
    assert processes.places() == (Place("here", 2, 7.0),)

    def done(ends: bool = False) -> int:
        future = processes.begin("here", pid_or_end, ends)
        assert list(processes.first_ended([future])) == [future]
        pid: int = processes.result(future)
        return pid

    first = done()
    assert done() == first != os.getpid()
    with pytest.raises(ProcessLostError, match="by this system"):
        done(ends=True)
    second = done()
    assert second != first
    processes.give_up(())
    assert not psutil.pid_exists(second) or psutil.Process(second).status() == "zombie"
