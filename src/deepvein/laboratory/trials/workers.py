"""Processes that screen cases beside one another, each on one core."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


def ordered(work: Callable[[T], R], items: Sequence[T], workers: int) -> Iterator[R]:
    """What `work` gives for each item, in order; on `workers` processes if there are several of both.

    `work` and the items must be picklable. What waits is dropped when the caller stops early.
    """
    if workers == 1 or len(items) < 2:
        yield from map(work, items)
        return
    # A forked process would inherit the threads of the numerical libraries in an unknown state.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(min(workers, len(items)), mp_context=context, initializer=_begin)
    try:
        for future in [pool.submit(work, item) for item in items]:
            yield future.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _begin() -> None:
    """One thread for each library, which reads this when it is loaded; an end with the parent's end, for
    else the worker of a killed trial would wait for ever."""
    for name in _THREADS:
        os.environ[name] = "1"
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
