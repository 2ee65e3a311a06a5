"""Another process holds SQLite's write lock: images are taken in, and all goes on when it lets go."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import select

from deepvein.core.settings import from_dict
from deepvein.node.database import database as module
from deepvein.node.database.database import database_url, open_database
from deepvein.node.database.schema import InstanceRow
from deepvein.node.node import Node
from deepvein.node.settings import NodeSettings
from integration.node.whole import check, hurried, is_finished
from unit.node.archive import Archive
from unit.node.instances import ROOT, fast_screen, image, wait_for
from unit.node.test_receiver import send

HOLD = """
import sqlite3, sys
held = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=120)
held.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
held.execute("ROLLBACK")
"""


@pytest.mark.parametrize("patience_s", [0.2, 30.0])
def test_a_lock_that_another_process_holds_costs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, patience_s: float
) -> None:
    """Once longer than the node waits for a lock, once shorter."""
    monkeypatch.setattr(module, "_LOCK_WAIT_S", patience_s)
    folder = tmp_path / "node"
    with Archive() as archive:
        settings = {**hurried(0, archive.port), "folder": str(folder)}
        node = Node(from_dict(NodeSettings, settings), screen=fast_screen)
        node.start()
        database = open_database(database_url("", folder))
        try:
            holder = subprocess.Popen(
                [sys.executable, "-c", HOLD, database_url("", folder).database],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            )  # fmt: skip
            with holder:
                assert holder.stdout.readline() == b"held\n"
                assert send(node.receiver.port, image(1, 1), image(1, 2)) == [0, 0]
                time.sleep(3.0)  # it is held for so long, however fast the machine is
                with database.reading() as session:
                    assert session.scalars(select(InstanceRow)).all() == []
                holder.stdin.close()
            wait_for(lambda: is_finished(database, 1))
            check(database, folder, archive, {f"{ROOT}.1": 2})
        finally:
            node.stop()
            database.close()
