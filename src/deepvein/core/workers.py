"""Work spread over processes: the one pool, which ends with its work, its first error and its parent."""

from __future__ import annotations

import os
import threading
import time
import warnings
from collections.abc import Callable, Generator, Iterable, Sequence
from math import inf
from typing import Any, TypeVar

from deepvein.core.errors import SettingsError, WorkerError
from deepvein.core.progress import Progress, silent

T = TypeVar("T")
R = TypeVar("R")

_THREADS = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
)
"""What the numerical libraries, torch among them, read when they are loaded."""

_GLANCE_S = 0.5


def spread(
    work: Callable[[T], R],
    items: Sequence[T],
    workers: int,
    *,
    stage: str = "",
    progress: Progress = silent,
    before: int = 0,
    threads: int = 1,
) -> Generator[R, None, None]:
    """What `work` gives for each item, in the items' order; on several processes if there are several of both.

    With one worker or one item all is done in this process. Processes end when the work is done, when the
    caller stops early, when any item fails (what still runs is given up) and when this process is killed.

    Parameters
    ----------
    work
        Called with one item; it, the items and the results must be picklable.
    items
        May be empty: then nothing is given, and no process started.
    workers
        The most processes, 1 or more.
    stage, progress
        `progress` hears (stage, done, total) at the beginning and whenever an item is done, in any order.
    before
        How many items were done earlier; they count for `progress`.
    threads
        How many threads the numerical libraries may use in each process.

    Raises
    ------
    SettingsError
        Fewer than one worker or thread.
    WorkerError
        A process was ended from outside, as by a system that ran out of memory.
    Exception
        The first error of `work`, as it was raised there.
    """
    if workers < 1 or threads < 1:
        raise SettingsError(f"workers and threads are 1 or larger, got {workers} and {threads}")
    processes = min(workers, len(items))

    def report(done: int) -> None:
        progress(stage, before + done, before + len(items))

    report(0)
    if processes > 1:
        yield from _beside(work, items, processes, threads, report)
        return
    for done, item in enumerate(items, start=1):
        result = work(item)
        report(done)
        yield result


def each(
    work: Callable[[T], R],
    items: Sequence[T],
    workers: int,
    *,
    threads: int = 1,
    sizes: Sequence[float] = (),
    room: float = inf,
) -> Generator[tuple[int, R | WorkerError], None, None]:
    """The number of each item with what `work` gives for it, as they are done; none costs another.

    Every worker is a process of its own, kept from item to item. One that is ended from outside is replaced,
    and its item is tried once more, alone, when all others are done. Processes end as those of `spread`.

    Parameters
    ----------
    work
        Called with one item; it, the items and the results must be picklable. An error of it is raised here
        and ends all: errors that belong to an item are to be among its results.
    items
        May be empty.
    workers
        The most processes, 1 or more.
    threads
        How many threads the numerical libraries may use in each process.
    sizes
        What each item takes of `room`, such as bytes; () for nothing. An item waits while those that run
        leave too little for it, and one that is larger than the room runs alone.
    room
        What there is to be taken.

    Yields
    ------
    tuple
        The item's number and the result; WorkerError for an item whose process was ended twice.
    """
    if workers < 1 or threads < 1:
        raise SettingsError(f"workers and threads are 1 or larger, got {workers} and {threads}")
    takes = list(sizes) or [0.0] * len(items)
    waiting, ended = list(range(len(items))), list[int]()
    idle: list[Any] = []
    running: dict[Any, tuple[int, Any]] = {}
    try:
        while waiting or running or ended:
            used = sum(takes[number] for number, _ in running.values())
            for number in list(waiting):
                if len(running) < workers and (not running or used + takes[number] <= room):
                    future, pool = _begun(idle, threads, work, items[number])
                    running[future] = number, pool
                    waiting.remove(number)
                    used += takes[number]
            if not running:
                number = ended.pop(0)
                yield number, _alone(work, items[number], threads)
                continue
            for future in _first_ended(running):
                number, pool = running.pop(future)
                if _was_ended(future):
                    pool.shutdown(kill_workers=True)
                    ended.append(number)
                    continue
                idle.append(pool)
                yield number, future.result()
    finally:
        for pool in (*idle, *(pool for _, pool in running.values())):
            pool.shutdown(kill_workers=True)


def _begun(idle: list[Any], threads: int, work: Callable[[T], R], item: T) -> tuple[Any, Any]:
    """The future of an item, and the pool that works on it: one whose process lives, or a new one."""
    from joblib.externals.loky import BrokenProcessPool

    while idle:
        pool = idle.pop()
        try:
            return pool.submit(work, item), pool
        except BrokenProcessPool:  # ended while it had nothing to do
            pool.shutdown(kill_workers=True)
    pool = _pool(1, threads)
    return pool.submit(work, item), pool


def _alone(work: Callable[[T], R], item: T, threads: int) -> R | WorkerError:
    """The result of an item whose process was ended, now with the machine to itself."""
    pool = _pool(1, threads)
    try:
        future = pool.submit(work, item)
        _first_ended([future])
        if not _was_ended(future):
            result: R = future.result()
            return result
    finally:
        pool.shutdown(kill_workers=True)
    return WorkerError(
        "its process was ended from outside, twice, most likely for want of memory: give it more, or crop the "
        "study to the legs"
    )


def _first_ended(futures: Iterable[Any]) -> set[Any]:
    from joblib.externals.loky import FIRST_COMPLETED, wait

    done: set[Any] = wait(list(futures), return_when=FIRST_COMPLETED).done
    return done


def _was_ended(future: Any) -> bool:
    from joblib.externals.loky import BrokenProcessPool

    return isinstance(future.exception(), BrokenProcessPool)


def cores() -> int:
    """How many cores this process may use: affinity and the limits of a container count."""
    from joblib import cpu_count

    return int(cpu_count())


def _beside(
    work: Callable[[T], R],
    items: Sequence[T],
    processes: int,
    threads: int,
    report: Callable[[int], None],
) -> Generator[R, None, None]:
    from joblib.externals.loky import FIRST_COMPLETED, BrokenProcessPool, wait

    pool = _pool(processes, threads)
    finished = False
    try:
        futures = [pool.submit(work, item) for item in items]
        running = set(futures)
        for future in futures:
            while future in running:
                ended, running = wait(running, return_when=FIRST_COMPLETED)
                for one in ended:
                    one.result()  # raises the first error, whoever's turn it is
                report(len(futures) - len(running))
            yield future.result()
        finished = True
    except BrokenProcessPool as error:
        raise WorkerError(
            f"one of {processes} worker processes was ended from outside, most likely for want of memory: "
            "use fewer workers"
        ) from error
    finally:
        pool.shutdown(kill_workers=not finished)


def _pool(processes: int, threads: int) -> Any:
    """Processes that end with this one, each with so many threads of the numerical libraries."""
    from joblib.externals.loky import ProcessPoolExecutor

    # A worker that has grown by 300 MB is replaced by a fresh one. loky warns of that, from a thread which
    # must not fail where warnings are errors.
    warnings.filterwarnings("ignore", "A worker stopped while some jobs", UserWarning)
    return ProcessPoolExecutor(
        processes,
        initializer=_end_with,
        initargs=(os.getpid(),),
        env=dict.fromkeys(_THREADS, str(threads)),
    )


def _end_with(parent: int) -> None:
    """End this worker when the process `parent` that started it is gone; otherwise it would work on."""

    import multiprocessing

    def watch() -> None:
        above = multiprocessing.parent_process()
        if os.name == "nt" and above is not None:
            above.join()
        while os.getppid() == parent and os.name != "nt":
            time.sleep(_GLANCE_S)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
