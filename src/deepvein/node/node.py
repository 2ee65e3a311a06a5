"""A node at work: its parts between `start` and `stop`, all of them or some."""

from __future__ import annotations

import importlib
import logging
import socket
import uuid
from contextlib import ExitStack
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import select

from deepvein.core.errors import UsageError
from deepvein.node.bell import Bell
from deepvein.node.commitment import Commitment
from deepvein.node.completeness import Completeness
from deepvein.node.database.database import database_url, open_database
from deepvein.node.database.schema import InstanceRow
from deepvein.node.delivery import Delivery
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
    from pathlib import Path

    from deepvein.node.database.database import Database
    from deepvein.node.settings import NodeSettings

_LOG = logging.getLogger(__name__)

_PAUSE_S = 0.2
"""How often the database is asked for work of which no bell told."""

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
        self._stack.close()
        _LOG.info("the node has ended")

    def _start(self, stack: ExitStack) -> None:
        # Two threads that import one package at a time may see it half loaded, if it imports in a circle.
        for name in _SHARED:
            importlib.import_module(name)
        settings, store = self.settings, Store(self.settings.folder)
        settings.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        database = open_database(database_url(settings.database, settings.folder))
        stack.callback(database.close)
        _check_belongs(database, settings.folder)

        arrivals, work, results, questions = (Bell() for _ in range(4))

        def begin(loop: Loop) -> None:
            loop.start()
            stack.callback(loop.stop)

        if Part.WORKER in self.parts:
            reaper = Reaper(database, settings.queue)
            workers = Workers(settings, self.screen, reaper, work, results)
            stack.callback(workers.stop)
            begin(Loop("workers", workers.step, _PAUSE_S))
            begin(Loop("reaper", reaper.step, settings.queue.lease_s / 4))
            name = f"{socket.gethostname()[:60]}-{uuid.uuid4().hex[:12]}"
            delivery = Delivery(
                name, database, store, settings.destinations.senders(), settings.delivery
            )
            begin(Loop("delivery", delivery.step, _PAUSE_S, results, questions))
            hours = settings.delivery.give_up_hours
            asked = {one.name: one for one in settings.destinations.dicom if one.commitment}
            commitment = Commitment(database, asked, give_up_hours=hours)
            begin(Loop("commitment", commitment.step, _PAUSE_S, questions))
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


def _check_belongs(database: Database, folder: Path) -> None:
    """Refuse an empty folder to a database of images: two nodes would take each other's studies for lost."""
    if (folder / "studies").is_dir():
        return
    with database.reading() as session:
        if session.scalar(select(InstanceRow.id).limit(1)) is not None:
            raise UsageError(
                f"the database holds images, but {folder} holds none: all nodes of one database share one "
                "folder; give that one, or a database of its own"
            )
