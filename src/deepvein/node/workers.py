"""The processes that screen: each has its networks in memory, and may be ended by anything without harm."""

from __future__ import annotations

import logging
import math
import multiprocessing
import os
import socket
import threading
import time
import uuid
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from deepvein.node.belonging import MARK
from deepvein.node.database.database import AWAY, Database, database_url
from deepvein.node.fitness import Fitness, in_words
from deepvein.node.loop import Loop
from deepvein.node.outcome import Tried
from deepvein.node.pulse import SILENT_S, Pulse
from deepvein.node.standstill import Standstill
from deepvein.node.store import Store
from deepvein.node.worker import Worker

if TYPE_CHECKING:
    from multiprocessing.synchronize import Event

    from deepvein.node.bell import Bell, Chime
    from deepvein.node.outcome import Screen
    from deepvein.node.queue import Reaper
    from deepvein.node.settings import NodeSettings

_LOG = logging.getLogger(__name__)

_PAUSE_S, _GLANCE_S = 0.2, 0.5

UNFIT = 69
"""The exit code of a process that cannot screen and has said why (EX_UNAVAILABLE)."""

_LOADING_S = 600.0
"""After so long a process will never be ready: a driver hangs."""

_AGAIN_S = 60.0
"""After how long a worker that cannot screen tries again, in a fresh process: libraries load by halves."""


class Workers:
    """Keeps `settings.worker.processes` processes at work; one that ends is replaced.

    Each tries first what it will need. Where that fails no study has to fail for it: they wait as long.

    work: the bell that they hear. results: those that they ring.
    """

    def __init__(
        self,
        settings: NodeSettings,
        screen: Screen,
        reaper: Reaper,
        work: Bell,
        results: Bell | Chime,
    ) -> None:
        self.settings, self.screen, self.reaper = settings, screen, reaper
        self.work, self.results = work, results
        self.pulse = Pulse(settings.folder)
        self._running: dict[str, Any] = {}
        self._lives: dict[str, Any] = {}
        self._silence = Standstill[str, int]()
        self._fit: dict[str, Event] = {}
        self._begun_s: dict[str, float] = {}
        self._due_s = -math.inf

    def step(self) -> bool:
        """Replace processes that have ended; their jobs are free at once. One that hangs is ended."""
        self.pulse.beat()
        self._end_silent()
        while self.reaper.lost:
            hanging = self._running.get(self.reaper.lost.pop())
            if hanging is not None:
                hanging.kill()
        for name, process in list(self._running.items()):
            if process.is_alive():
                loads = not self._fit[name].is_set()
                if loads and time.monotonic() - self._begun_s[name] > _LOADING_S:
                    process.kill()
            else:
                process.join()
                self.reaper.ended(name)
                del self._running[name]
                self._begun_s.pop(name, None)
                self._lives.pop(name, None)
                self._ended(process.exitcode, self._fit.pop(name))
        while (
            len(self._running) < self.settings.worker.processes and time.monotonic() >= self._due_s
        ):
            self._begin()
        return False

    def _end_silent(self) -> None:
        """A process that is frozen, or waits for what never comes, would take no job any more."""
        fit = {name: one.value for name, one in self._lives.items() if self._fit[name].is_set()}
        longest_s = max(SILENT_S, self.settings.queue.lease_s)
        for name, seconds in self._silence.seconds(fit).items():
            process = self._running[name]
            if seconds >= longest_s and process.is_alive():
                _LOG.error(
                    "a worker shows no sign of life and is ended", extra={"seconds": seconds}
                )
                process.kill()

    def _ended(self, exit_code: int, fit: Event) -> None:
        if fit.is_set():
            _LOG.warning("a worker has ended", extra={"exit_code": exit_code})
            return
        if exit_code != UNFIT:
            reason = f"a worker was ended while it loaded the models (exit code {exit_code})"
            Fitness(self.settings.folder, self.pulse.name).deny(reason)
        self._due_s = time.monotonic() + _AGAIN_S

    def stop(self) -> None:
        """End all processes; what they were doing is done again by others, at once."""
        for process in self._running.values():
            process.terminate()
        for name, process in self._running.items():
            process.join(5.0)
            if process.is_alive():
                process.kill()
                process.join()
            with suppress(*AWAY):  # others find out that it has ended
                self.reaper.ended(name)
        self._running.clear()
        self._lives.clear()
        self.pulse.end()

    def _begin(self) -> None:
        # A fresh interpreter: threads and open connections of this one are not copied.
        context = multiprocessing.get_context("spawn")
        name = f"{socket.gethostname()[:60]}-{uuid.uuid4().hex[:12]}"
        fit = context.Event()
        lives = context.Value("Q", 0, lock=False)  # whoever is killed must leave no lock
        fitness = Fitness(self.settings.folder, self.pulse.name)
        process = context.Process(
            target=work,
            args=(
                self.settings, self.screen, name, os.getpid(), (fitness, fit, lives), self.work,
                self.results,
            ),
            daemon=True,
        )  # fmt: skip
        process.start()
        self._running[name], self._fit[name], self._lives[name] = process, fit, lives
        self._begun_s[name] = time.monotonic()


def work(
    settings: NodeSettings,
    screen: Screen,
    name: str,
    parent: int,
    signs: tuple[Fitness, Event, Any],
    hears: Bell,
    rings: Bell | Chime,
) -> None:
    """The whole life of a worker process: it ends with the process that started it.

    signs: where it says what it cannot do, what is set when it has found that it can screen, and a number
    that it raises as long as it lives.
    Raises SystemExit with UNFIT where it cannot screen.
    """
    from deepvein.node.logs import log_as_json

    log_as_json()
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    fitness, fit, lives = signs
    trial = _Trial(screen, settings.worker.device, fitness)
    trial.step()
    fit.set()

    def raised() -> None:
        lives.value += 1

    # Never a new one: where it is away for the moment this process waits, as all others do.
    database = Database(database_url(settings.database, settings.folder))
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
        without=trial.step,
        away=lambda: not (settings.folder / MARK).is_file(),
        lives=raised,
    )
    Loop("worker", worker.step, _PAUSE_S, hears, rings).run()


class _Trial:
    """Whether this process can screen; what it cannot it tries again from time to time."""

    def __init__(self, screen: Screen, device: str, fitness: Fitness) -> None:
        self.screen, self.device, self.fitness = screen, device, fitness
        self._without: frozenset[str] | None = None
        self._tried_s = 0.0

    def step(self) -> frozenset[str]:
        """The modalities that it cannot screen; SystemExit with UNFIT where it can screen none."""
        fit = self._without is not None and not self._without
        if isinstance(self.screen, Tried) and not fit and self._is_due():
            try:
                troubles = self.screen.try_out(self.device)
            except Exception as error:  # a damaged installation raises anything
                self.fitness.deny(in_words(error))
                raise SystemExit(UNFIT) from error
            if troubles:
                self.fitness.deny_some({name: in_words(one) for name, one in troubles.items()})
            else:
                self.fitness.confirm()
            self._without, self._tried_s = frozenset(troubles), time.monotonic()
        return self._without or frozenset()

    def _is_due(self) -> bool:
        return self._without is None or time.monotonic() - self._tried_s >= _AGAIN_S


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_GLANCE_S)
    os._exit(1)
