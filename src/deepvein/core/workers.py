"""Work spread over processes, here or on a cluster; they end with it, its first error and their parent."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from math import inf
from typing import TypeAlias, TypeVar

from deepvein.core.errors import SettingsError, WorkerError
from deepvein.core.executor import Executor, each_on
from deepvein.core.processes import Processes, pool_of
from deepvein.core.progress import Progress, silent

T = TypeVar("T")
R = TypeVar("R")

Workers: TypeAlias = int | Executor
"""How many processes of this machine, or those of a cluster."""


def spread(
    work: Callable[[T], R],
    items: Sequence[T],
    workers: Workers,
    *,
    stage: str = "",
    progress: Progress = silent,
    before: int = 0,
    threads: int = 1,
) -> Generator[R, None, None]:
    """What `work` gives for each item, in the items' order; on several processes if there are several of both.

    With one worker or one item all is done in this process, but for a cluster. Processes end when the work
    is done, when the caller stops early, when any item fails (what still runs is given up) and when this
    process is killed.

    Parameters
    ----------
    work
        Called with one item; it, the items and the results must be picklable.
    items
        May be empty: then nothing is given, and no process started.
    workers
        The most processes, 1 or more, or a cluster, on which an item whose process is lost is tried again.
    stage, progress
        `progress` hears (stage, done, total) at the beginning and whenever an item is done, in any order.
    before
        How many items were done earlier; they count for `progress`.
    threads
        How many threads the numerical libraries may use in each process; a cluster has its own.

    Raises
    ------
    SettingsError
        Fewer than one worker or thread.
    WorkerError
        A process was ended from outside, as by a system that ran out of memory.
    Exception
        The first error of `work`, as it was raised there.
    """

    def report(done: int) -> None:
        progress(stage, before + done, before + len(items))

    if not isinstance(workers, int):
        report(0)
        yield from _on_cluster(work, items, workers, report)
        return
    _check(workers, threads)
    processes = min(workers, len(items))
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
    workers: Workers,
    *,
    threads: int = 1,
    sizes: Iterable[float] = (),
    room: float = inf,
) -> Generator[tuple[int, R | WorkerError], None, None]:
    """The number of each item with what `work` gives for it, as they are done; none costs another.

    Every worker is a process of its own, kept from item to item. One that is ended from outside is replaced,
    and its item is tried once more, alone, when all others are done (`core.executor.each_on`, which says what
    is given and raised, too). Processes of this machine end as those of `spread`.

    Parameters
    ----------
    work, items, sizes
        As `core.executor.each_on` takes them.
    workers
        The most processes, 1 or more, or a cluster, which knows `threads` and `room` of its machines.
    threads
        How many threads the numerical libraries may use in each process.
    room
        What there is to be taken of what the items take by their `sizes`.

    Raises
    ------
    SettingsError
        Fewer than one worker or thread.
    """
    if isinstance(workers, int):
        _check(workers, threads)
        workers = Processes(workers, threads, room)
    yield from each_on(workers, work, items, sizes)


def cores() -> int:
    """How many cores this process may use: affinity and the limits of a container count."""
    from joblib import cpu_count

    return int(cpu_count())


def _check(workers: int, threads: int) -> None:
    if workers < 1 or threads < 1:
        raise SettingsError(f"workers and threads are 1 or larger, got {workers} and {threads}")


def _on_cluster(
    work: Callable[[T], R], items: Sequence[T], cluster: Executor, report: Callable[[int], None]
) -> Generator[R, None, None]:
    """In order; what came before its turn waits here."""
    early: dict[int, R] = {}
    turn = 0
    for done, (number, given) in enumerate(each_on(cluster, work, items), start=1):
        if isinstance(given, WorkerError):
            raise given
        early[number] = given
        report(done)
        while turn in early:
            yield early.pop(turn)
            turn += 1


def _beside(
    work: Callable[[T], R],
    items: Sequence[T],
    processes: int,
    threads: int,
    report: Callable[[int], None],
) -> Generator[R, None, None]:
    from joblib.externals.loky import FIRST_COMPLETED, BrokenProcessPool, wait

    pool = pool_of(processes, threads)
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
