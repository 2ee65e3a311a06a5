import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import select

from deepvein.core.errors import UsageError
from deepvein.node import loop
from deepvein.node.bell import Bell
from deepvein.node.database.database import Database, database_url, open_database
from deepvein.node.database.schema import DeliveryRow, ResultRow
from deepvein.node.node import Node, Part
from deepvein.node.outcome import StudyScreen
from deepvein.node.queue import QueueSettings, Reaper
from deepvein.node.sender import DicomPeer
from deepvein.node.settings import DestinationSettings, NodeSettings
from deepvein.node.store import Store
from deepvein.node.worker import WorkerSettings
from deepvein.node.workers import Workers
from unit.node.archive import Archive
from unit.node.instances import wait_for
from unit.node.test_delivery import result  # noqa: F401

_STARTED = """
import sys
from pathlib import Path
from deepvein.node.loop import Loop
from deepvein.node.node import Node, Part
from deepvein.node.settings import NodeSettings

class Begun(Exception):
    pass

def begun(loop):
    needed = ("pydicom.dataset", "pynetdicom", "highdicom.pr", "requests", "scipy.stats")
    # The networks are the workers' alone.
    unasked = [name for name in ("torch",) if name in sys.modules]
    raise Begun([name for name in needed if name not in sys.modules], unasked)

Loop.start = begun
try:
    Node(NodeSettings(folder=Path(sys.argv[1])), [Part(sys.argv[2])]).start()
except Begun as error:
    print("missing:", *error.args[0], "unasked:", *error.args[1])
"""


def test_no_thread_begins_before_all_that_threads_share_is_imported(tmp_path: Path) -> None:
    for part in ("worker", "receiver"):
        done = subprocess.run(
            [sys.executable, "-c", _STARTED, tmp_path / part, part],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.stdout.strip() == "missing: unasked:", done.stdout + done.stderr


def test_a_database_of_another_folder_is_refused(tmp_path: Path) -> None:
    """Two empty nodes that were given one database, and a folder each."""
    url = f"sqlite:///{tmp_path / 'shared.sqlite'}"
    first = Node(NodeSettings(tmp_path / "first", url), [])
    first.start()
    first.stop()
    with pytest.raises(UsageError, match="belongs to another folder"):
        Node(NodeSettings(tmp_path / "second", url), [Part.WEB]).start()


class Hanging:
    """A process that hangs, and is killed."""

    exitcode = None

    def __init__(self) -> None:
        self.alive = True

    def is_alive(self) -> bool:
        return self.alive

    def kill(self) -> None:
        self.alive = False

    def join(self) -> None:
        pass


def test_a_process_that_lost_its_job_is_ended_and_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = open_database(database_url("", tmp_path))
    reaper = Reaper(database, QueueSettings())
    workers = Workers(NodeSettings(tmp_path), StudyScreen(tmp_path), reaper, Bell(), Bell())
    monkeypatch.setattr(Workers, "_begin", lambda self: self._running.update({"new": Hanging()}))
    hanging = workers._running["old"] = Hanging()
    workers._fit["old"] = threading.Event()
    workers._fit["old"].set()
    workers.step()
    assert hanging.alive
    reaper.lost = {"old", "another machine's"}
    workers.step()
    assert not hanging.alive
    assert list(workers._running) == ["new"]
    database.close()


def test_a_silent_archive_keeps_no_node_from_ending_and_no_other_archive_from_its_results(
    database: Database,
    store: Store,
    result: ResultRow,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(loop, "_PATIENCE_S", 0.2)
    with database.writing() as session:
        session.add(DeliveryRow(result_id=result.id, destination="research"))
    speaks = threading.Event()
    silent = Archive(lambda _: 0x0000 if speaks.wait(60.0) else 0xA700)
    with silent, Archive() as archive:
        peers = (
            DicomPeer("pacs", "127.0.0.1", silent.port, "ARCHIVE"),
            DicomPeer("research", "127.0.0.1", archive.port, "ARCHIVE"),
        )
        settings = NodeSettings(
            store.folder,
            worker=WorkerSettings(processes=0),
            destinations=DestinationSettings(peers),
        )
        node = Node(settings, [Part.WORKER])
        node.start()
        try:
            wait_for(lambda: states(database) == {"pacs": "sending", "research": "delivered"})
        finally:
            node.stop()
        assert node.left_behind
        assert states(database) == {"pacs": "waiting", "research": "delivered"}
        speaks.set()
        wait_for(lambda: not node.left_behind)
        assert states(database)["pacs"] == "waiting"


def states(database: Database) -> dict[str, str]:
    with database.reading() as session:
        rows = session.scalars(select(DeliveryRow)).all()
        return {one.destination: one.state.value for one in rows}
