"""The processes of this machine, each kept from item to item, which end with the one that started them."""

from __future__ import annotations

import os
import threading
import time
import warnings
from collections.abc import Callable, Collection, Sequence
from math import inf
from typing import Any

from deepvein.core.executor import Place, ProcessLostError

_THREADS = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
)
"""What the numerical libraries, torch among them, read when they are loaded."""

_GLANCE_S = 0.5


class Processes:
    """An `Executor` of up to `workers` processes with so many `threads` each, which share `room`."""

    def __init__(self, workers: int, threads: int = 1, room: float = inf) -> None:
        self._place = Place("here", workers, room)
        self._threads = threads
        self._idle: list[Any] = []
        self._pools: dict[Any, Any] = {}

    def places(self) -> Sequence[Place]:
        return (self._place,)

    def begin(self, place: str, work: Callable[[Any], Any], item: Any) -> Any:
        """The future of an item, on a process that lives or on a new one."""
        from joblib.externals.loky import BrokenProcessPool

        while self._idle:
            pool = self._idle.pop()
            try:
                future = pool.submit(work, item)
            except BrokenProcessPool:  # ended while it had nothing to do
                pool.shutdown(kill_workers=True)
                continue
            self._pools[future] = pool
            return future
        pool = pool_of(1, self._threads)
        future = pool.submit(work, item)
        self._pools[future] = pool
        return future

    def first_ended(self, running: Collection[Any]) -> Collection[Any]:
        from joblib.externals.loky import FIRST_COMPLETED, wait

        done: set[Any] = wait(list(running), return_when=FIRST_COMPLETED).done
        return done

    def result(self, ended: Any) -> Any:
        from joblib.externals.loky import BrokenProcessPool

        pool = self._pools.pop(ended)
        if isinstance(ended.exception(), BrokenProcessPool):
            pool.shutdown(kill_workers=True)
            raise ProcessLostError("by this system")
        self._idle.append(pool)
        return ended.result()

    def give_up(self, running: Collection[Any]) -> None:
        """End all processes: nothing is kept for a later call."""
        for pool in (*self._idle, *self._pools.values()):
            pool.shutdown(kill_workers=True)
        self._idle.clear()
        self._pools.clear()


def pool_of(processes: int, threads: int) -> Any:
    """A pool whose processes end with this one, each with so many threads of the numerical libraries."""
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
