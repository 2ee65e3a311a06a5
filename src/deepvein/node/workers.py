"""The processes that screen: each has its networks in memory, and may be ended by anything without harm."""

from __future__ import annotations

import logging
import multiprocessing
import os
import socket
import threading
import time
import uuid
from typing import TYPE_CHECKING, Any

from deepvein.node.database.database import database_url, open_database
from deepvein.node.loop import Loop
from deepvein.node.store import Store
from deepvein.node.worker import Worker

if TYPE_CHECKING:
    from deepvein.node.bell import Bell
    from deepvein.node.outcome import Screen
    from deepvein.node.queue import Reaper
    from deepvein.node.settings import NodeSettings

_LOG = logging.getLogger(__name__)

_PAUSE_S, _GLANCE_S = 0.2, 0.5


class Workers:
    """Keeps `settings.worker.processes` processes at work; one that ends is replaced.

    work: the bell that they hear. results: the one that they ring.
    """

    def __init__(
        self, settings: NodeSettings, screen: Screen, reaper: Reaper, work: Bell, results: Bell
    ) -> None:
        self.settings, self.screen, self.reaper = settings, screen, reaper
        self.work, self.results = work, results
        self._running: dict[str, Any] = {}

    def step(self) -> bool:
        """Replace processes that have ended; their jobs are free at once. One that hangs is ended."""
        while self.reaper.lost:
            hanging = self._running.get(self.reaper.lost.pop())
            if hanging is not None:
                hanging.kill()
        for name, process in list(self._running.items()):
            if not process.is_alive():
                process.join()
                _LOG.warning("a worker has ended", extra={"exit_code": process.exitcode})
                self.reaper.ended(name)
                del self._running[name]
        while len(self._running) < self.settings.worker.processes:
            self._begin()
        return False

    def stop(self) -> None:
        """End all processes; what they were doing is done again by others, at once."""
        for process in self._running.values():
            process.terminate()
        for name, process in self._running.items():
            process.join(5.0)
            if process.is_alive():
                process.kill()
                process.join()
            self.reaper.ended(name)
        self._running.clear()

    def _begin(self) -> None:
        # A fresh interpreter: threads and open connections of this one are not copied.
        context = multiprocessing.get_context("spawn")
        name = f"{socket.gethostname()[:60]}-{uuid.uuid4().hex[:12]}"
        process = context.Process(
            target=work,
            args=(self.settings, self.screen, name, os.getpid(), self.work, self.results),
            daemon=True,
        )
        process.start()
        self._running[name] = process


def work(
    settings: NodeSettings, screen: Screen, name: str, parent: int, hears: Bell, rings: Bell
) -> None:
    """The whole life of a worker process: it ends with the process that started it."""
    from deepvein.node.logs import log_as_json

    log_as_json()
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    database = open_database(database_url(settings.database, settings.folder))
    worker = Worker(
        name=name,
        database=database,
        store=Store(settings.folder),
        screen=screen,
        queue=settings.queue,
        destinations=settings.destinations.names,
        device=settings.worker.device,
        limit_s=settings.worker.limit_s,
        end=lambda: os._exit(1),
    )
    Loop("worker", worker.step, _PAUSE_S, hears, rings).run()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_GLANCE_S)
    os._exit(1)
