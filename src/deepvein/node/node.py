"""A node at work: its parts between `start` and `stop`, all of them or some."""

from __future__ import annotations

import importlib
import logging
import socket
import uuid
from contextlib import ExitStack
from enum import StrEnum
from typing import TYPE_CHECKING

from deepvein.node.bell import Bell, Chime
from deepvein.node.belonging import claim, require_database
from deepvein.node.bounds import check_files
from deepvein.node.commitment import Commitment
from deepvein.node.completeness import Completeness
from deepvein.node.database.database import database_url, open_database
from deepvein.node.database.schema import DeliveryRow
from deepvein.node.delivery import Delivery
from deepvein.node.expiry import CertificateWatch
from deepvein.node.loop import Loop
from deepvein.node.outcome import Screen, StudyScreen
from deepvein.node.pull import Puller, Source
from deepvein.node.pull_dicomweb import DicomwebSource
from deepvein.node.queue import Reaper
from deepvein.node.receiver import Receiver
from deepvein.node.store import Store
from deepvein.node.watch import Watch
from deepvein.node.web.server import WebServer
from deepvein.node.workers import Workers

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import ColumnElement

    from deepvein.node.settings import NodeSettings

_LOG = logging.getLogger(__name__)

_PAUSE_S = 0.2
"""How often the database is asked for work of which no bell told."""

_DAY_S = 86_400.0

_SHARED = (
    "pydicom",
    "pynetdicom",
    "highdicom",
    "requests",
    "matplotlib.image",
    "scipy.stats",
    "nibabel",
)
"""Packages that several threads of a node use."""


class Part(StrEnum):
    """What can be started alone; a worker also sends results."""

    RECEIVER = "receiver"
    WORKER = "worker"
    WEB = "web"


class Node:
    """The parts of a node in this process; those of other processes meet them in database and folder."""

    def __init__(
        self,
        settings: NodeSettings,
        parts: Collection[Part] = tuple(Part),
        screen: Screen | None = None,
    ) -> None:
        self.settings, self.parts = settings, parts
        self.screen: Screen = screen or StudyScreen(settings.folder)
        self._loops: list[Loop] = []
        self.receiver: Receiver | None = None
        self.web: WebServer | None = None
        self._stack = ExitStack()

    def start(self) -> None:
        """Start all parts; UsageError and OutputError say what stands against it, and nothing runs then."""
        with ExitStack() as stack:
            self._start(stack)
            self._stack = stack.pop_all()
        _LOG.info("the node runs", extra={"parts": sorted(self.parts)})

    def stop(self) -> None:
        """Stop all parts, the receiver first; work that was not finished is taken up at the next start."""
        # All hear it at once, so that nobody waits for several peers that keep silent, one after the other.
        for loop in self._loops:
            loop.end()
        self._stack.close()
        _LOG.info("the node has ended")

    @property
    def left_behind(self) -> bool:
        """Whether threads still wait for a silent peer after `stop`; a process that joins them ends late."""
        return any(loop.is_alive for loop in self._loops)

    def _start(self, stack: ExitStack) -> None:
        # Two threads that import one package at a time may see it half loaded, if it imports in a circle.
        for name in _SHARED:
            importlib.import_module(name)
        settings, store = self.settings, Store(self.settings.folder)
        check_files(settings)
        settings.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        url = database_url(settings.database, settings.folder)
        require_database(url, settings.folder)
        database = open_database(url)
        stack.callback(database.close)
        claim(database, settings.folder)

        arrivals, work = Bell(), Bell()

        def begin(loop: Loop) -> None:
            loop.start()
            self._loops.append(loop)
            stack.callback(loop.stop)

        begin(Loop("certificates", CertificateWatch(settings).step, _DAY_S))
        if Part.WORKER in self.parts:
            reaper = Reaper(database, settings.queue)
            senders = settings.destinations.senders()
            asked = {one.name: one for one in settings.destinations.dicom if one.commitment}
            results, questions = ([Bell() for _ in _each(some)] for some in (senders, asked))
            workers = Workers(settings, self.screen, reaper, work, Chime(*results))
            stack.callback(workers.stop)
            begin(Loop("workers", workers.step, _PAUSE_S))
            begin(Loop("reaper", reaper.step, settings.queue.lease_s / 4))
            name = f"{socket.gethostname()[:60]}-{uuid.uuid4().hex[:12]}"
            for which, bell in zip(_each(senders), results, strict=True):
                delivery = Delivery(name, database, store, senders, settings.delivery, which=which)
                stack.callback(delivery.ended)
                begin(Loop("delivery", delivery.step, _PAUSE_S, bell, Chime(*questions)))
            hours = settings.delivery.give_up_hours
            for which, bell in zip(_each(asked), questions, strict=True):
                commitment = Commitment(database, asked, give_up_hours=hours, which=which)
                begin(Loop("commitment", commitment.step, _PAUSE_S, bell))
        if Part.WEB in self.parts:
            self.web = WebServer(settings, database)
            self.web.start()
            stack.callback(self.web.stop)
        if Part.RECEIVER in self.parts:
            completeness = Completeness(database, settings.completeness, settings.rules)
            begin(Loop("completeness", completeness.step, completeness.pause_s, arrivals, work))
            self.receiver = Receiver(settings.receiver, database, store, arrivals.ring)
            stack.callback(self.receiver.stop)
            self.receiver.start()
            if settings.watch.folder is not None:
                watch = Watch(settings.watch.folder, settings.watch.settle_s, database, store)
                begin(Loop("watch", watch.step, min(_PAUSE_S, settings.watch.settle_s / 4)))
            sources: list[Source] = list(settings.pull.dicom)
            sources.extend(DicomwebSource(one, database, store) for one in settings.pull.dicomweb)
            for source in sources:
                begin(Loop(f"pull {source.name}", Puller(source, database).step, _PAUSE_S))


def _each(destinations: Collection[str]) -> list[ColumnElement[bool]]:
    """The deliveries to each of these, by itself, and all others: of destinations that are none any more."""
    each = [DeliveryRow.destination == one for one in destinations]
    return [*each, DeliveryRow.destination.not_in(list(destinations))]
