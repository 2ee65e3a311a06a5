"""Work comes back in order from processes that never outlive it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from deepvein.core.errors import SettingsError, WorkerError
from deepvein.core.workers import cores, each, spread


def square(x: int) -> int:
    return x * x


def slow_first(x: int) -> tuple[int, int]:
    time.sleep(0.5 if x == 0 else 0)
    return x, os.getpid()


def fail_at_two(x: int) -> int:
    if x == 2:
        raise KeyError("two")
    time.sleep(600 if x > 2 else 0)
    return x


def said_by_libraries(_: int) -> tuple[str | None, int]:
    import torch

    return os.environ.get("OPENBLAS_NUM_THREADS"), torch.get_num_threads()


def lie_down(x: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return x


def of_loky() -> list[psutil.Process]:
    """Our workers that live."""
    return [
        child
        for child in psutil.Process().children()
        if "popen_loky" in " ".join(child.cmdline()) and child.status() != psutil.STATUS_ZOMBIE
    ]


@pytest.mark.parametrize("workers", [1, 2])
def test_results_come_in_order_and_progress_as_they_are_done(workers: int) -> None:
    heard: list[tuple[str, int, int]] = []
    given = spread(
        slow_first, range(4), workers, stage="s", progress=lambda *said: heard.append(said)
    )
    results = list(given)
    assert [x for x, _ in results] == [0, 1, 2, 3]
    assert (os.getpid() in {pid for _, pid in results}) == (workers == 1)
    assert heard[0] == ("s", 0, 4)
    assert heard[-1] == ("s", 4, 4)
    assert heard == sorted(heard)
    assert not of_loky()


def test_what_was_done_before_counts() -> None:
    heard: list[tuple[str, int, int]] = []
    given = spread(square, [3], 1, stage="s", progress=lambda *said: heard.append(said), before=2)
    assert list(given) == [9]
    assert heard == [("s", 2, 3), ("s", 3, 3)]


def test_there_is_a_core() -> None:
    assert 1 <= cores() <= (os.cpu_count() or 1)


def test_one_item_or_none_needs_no_process() -> None:
    assert list(spread(lambda _: os.getpid(), [1], 8)) == [os.getpid()]
    assert list(spread(square, [], 8)) == []
    for workers, threads in ((0, 1), (1, 0)):
        with pytest.raises(SettingsError, match="1 or larger"):
            list(spread(square, [1], workers, threads=threads))


@pytest.mark.parametrize("workers", [1, 2])
def test_the_first_error_comes_as_it_is_and_ends_the_rest(workers: int) -> None:
    with pytest.raises(KeyError, match="two"):
        list(spread(fail_at_two, [1, 2, 3, 4], workers))
    assert not of_loky()


def test_who_stops_early_leaves_no_process() -> None:
    given = spread(fail_at_two, [0, 1, 3, 4], 2)
    assert next(given) == 0
    given.close()
    assert not of_loky()


@pytest.mark.skipif(os.name == "nt", reason="kill -9 is of POSIX systems")
def test_a_worker_that_was_ended_is_an_error_with_advice() -> None:
    with pytest.raises(WorkerError, match="one of 2 worker processes.*use fewer workers"):
        list(spread(lie_down, [1, 2], 2))


def die_by_name(name: str) -> tuple[str, int]:
    """A name that ends in "!" ends its process, one that is a path does so the first time."""
    first = Path(name)
    if name.endswith("!") or (first.is_absolute() and not first.exists()):
        if first.is_absolute():
            first.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return name, os.getpid()


@pytest.mark.skipif(os.name == "nt", reason="kill -9 is of POSIX systems")
def test_a_worker_that_was_ended_costs_no_other_item(tmp_path: Path) -> None:
    """Its own item is tried once more, alone."""
    items = ["a", "doomed!", str(tmp_path / "once"), "b", "c"]
    found = dict(each(die_by_name, items, 2))
    assert [found[number][0] for number in (0, 2, 3, 4)] == ["a", items[2], "b", "c"]
    assert isinstance(found[1], WorkerError)
    assert set(list(found)[-2:]) == {1, 2}
    assert not of_loky()


def leave_later(x: int) -> int:
    threading.Timer(0.1, os._exit, (1,)).start()
    return x


def test_a_worker_that_ends_while_it_waits_is_replaced() -> None:
    found = []
    for number, x in each(leave_later, [1, 2], 1):
        found.append((number, x))
        time.sleep(2)
    assert found == [(0, 1), (1, 2)]


def span(seconds: float) -> tuple[float, float, int]:
    begun = time.monotonic()
    time.sleep(seconds)
    return begun, time.monotonic(), os.getpid()


def test_what_does_not_fit_beside_others_runs_alone() -> None:
    found = dict(each(span, [0.2] * 5, 3, sizes=[3, 9, 3, 3, 3], room=7))
    large = found.pop(1)
    assert all(end <= large[0] or begun >= large[1] for begun, end, _ in found.values())
    points = [begun for begun, _, _ in found.values()]
    assert all(
        sum(begun <= point < end for begun, end, _ in found.values()) <= 2 for point in points
    )
    assert len({pid for _, _, pid in found.values()}) <= 2


def test_nothing_to_do_and_who_stops_early_leave_no_process() -> None:
    assert list(each(square, [], 2)) == []
    given = each(square, [1, 2, 3], 2)
    next(given)
    given.close()
    assert not of_loky()
    with pytest.raises(KeyError, match="two"):
        list(each(fail_at_two, [2], 1))
    with pytest.raises(SettingsError, match="1 or larger"):
        list(each(square, [1], 0))


def test_threads_are_counted_where_they_are_started() -> None:
    found = list(spread(said_by_libraries, [1, 2], 2, threads=1))
    assert found == [("1", 1)] * 2


_REPLACED = """
import os
from deepvein.core.workers import spread
def work(_):
    from joblib.externals.loky import process_executor as loky
    loky._MAX_MEMORY_LEAK_SIZE, loky._MEMORY_LEAK_CHECK_DELAY = -10**15, -1
    return os.getpid()
print(len(set(spread(work, range(8), 2))))
"""


def test_a_worker_that_has_grown_is_replaced_without_a_word() -> None:
    """Also where warnings are errors: one in loky's thread would let all wait for ever."""
    command = [sys.executable, "-W", "error", "-c", _REPLACED]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True)
    assert int(done.stdout) > 2
    assert done.stderr == ""


_PARENT = """
import os, sys, time
from pathlib import Path
from deepvein.core.workers import cores, each, spread
def work(name):
    Path(sys.argv[1], name).write_text(str(os.getpid()))
    time.sleep(600)
list(spread(work, ["a", "b"], 2))
"""


@pytest.mark.skipif(os.name == "nt", reason="kill -9 is of POSIX systems")
def test_workers_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    parent = subprocess.Popen([sys.executable, "-c", _PARENT, str(tmp_path)])
    deadline = time.monotonic() + 120
    while not all((tmp_path / name).exists() for name in "ab"):
        assert time.monotonic() < deadline, "the workers never began"
        time.sleep(0.05)
    time.sleep(0.1)
    workers = [psutil.Process(int((tmp_path / name).read_text())) for name in "ab"]
    assert all(worker.is_running() for worker in workers)
    parent.kill()
    parent.wait()
    _, alive = psutil.wait_procs(workers, timeout=60)
    assert not alive
