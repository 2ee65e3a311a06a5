import subprocess
import sys
from pathlib import Path

import pytest

from deepvein.core.errors import UsageError
from deepvein.node.bell import Bell
from deepvein.node.database.database import database_url, open_database
from deepvein.node.intake import Arrived, enter
from deepvein.node.node import Node, Part
from deepvein.node.outcome import StudyScreen
from deepvein.node.queue import QueueSettings, Reaper
from deepvein.node.settings import NodeSettings
from deepvein.node.store import Store
from deepvein.node.workers import Workers
from unit.node.instances import image, save

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
    raise Begun([name for name in needed if name not in sys.modules])

Loop.start = begun
try:
    Node(NodeSettings(folder=Path(sys.argv[1])), [Part(sys.argv[2])]).start()
except Begun as error:
    print("missing:", *error.args[0])
"""


def test_no_thread_begins_before_all_that_threads_share_is_imported(tmp_path: Path) -> None:
    for part in ("worker", "receiver"):
        done = subprocess.run(
            [sys.executable, "-c", _STARTED, tmp_path / part, part],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.stdout.strip() == "missing:", done.stdout + done.stderr


def test_an_empty_folder_is_refused_to_a_database_of_another(tmp_path: Path) -> None:
    """Two nodes that were given one database, and a folder each."""
    first, second = tmp_path / "first", tmp_path / "second"
    url = f"sqlite:///{tmp_path / 'shared.sqlite'}"
    database = open_database(database_url(url, first))
    path = save(image(1, 1), Store(first).arriving("receiver") / "1.dcm")
    enter(database, Store(first), "receiver", [Arrived(path)])
    database.close()
    with pytest.raises(UsageError, match=f"the database holds images, but {second} holds none"):
        Node(NodeSettings(second, url), [Part.WEB]).start()


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
    workers.step()
    assert hanging.alive
    reaper.lost = {"old", "another machine's"}
    workers.step()
    assert not hanging.alive
    assert list(workers._running) == ["new"]
    database.close()
