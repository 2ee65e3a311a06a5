"""kill -9 at random points: after it every study is screened once and delivered, and nothing is lost."""

from __future__ import annotations

import contextlib
import random
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from deepvein.node.database.database import database_url, open_database
from integration.node.processes import Process
from integration.node.whole import check, hurried, is_finished
from peers.orthanc import free_ports
from unit.node.archive import Archive
from unit.node.instances import ROOT, wait_for, write_study

POINTS = 50
STUDIES, IMAGES = 40, 3


@pytest.mark.slow
def test_nothing_is_lost_doubled_or_half_written_when_it_is_killed_anywhere(tmp_path: Path) -> None:
    chance = random.Random(18)  # noqa: S311
    (port,) = free_ports(1)
    folder = tmp_path / "node"
    with Archive() as archive:
        chosen = {**hurried(port, archive.port), "receiver": {"port": port, "silence_s": 5.0}}
        for study in range(STUDIES):
            write_study(tmp_path / "sent", study, IMAGES)
        parts = {only: Process(folder, chosen, only) for only in ("receiver", "worker")}
        database = open_database(database_url("", folder))
        try:
            for one in parts.values():
                one.wait()
            script = Path(__file__).with_name("sending.py")
            sender = subprocess.Popen([sys.executable, script, str(port), tmp_path / "sent"])
            for point in range(POINTS):
                time.sleep(chance.uniform(0.0, 0.5))
                for only in kill(parts, ("receiver", "child", "child", "worker", "all")[point % 5]):
                    # It may be killed again before it is up.
                    parts[only] = Process(folder, chosen, only)
            assert sender.wait(120) == 0
            wait_for(lambda: is_finished(database, STUDIES))
            counts = {f"{ROOT}.{study}": IMAGES for study in range(STUDIES)}
            check(database, folder, archive, counts)
        finally:
            sender.kill()
            sender.wait()
            for one in parts.values():
                one.stop()
            database.close()


def kill(parts: dict[str, Process], target: str) -> list[str]:
    """Kill a part, all of them, or the process that screens; who must be started again."""
    if target == "child":
        for one in psutil.Process(parts["worker"].process.pid).children():
            with contextlib.suppress(psutil.Error):  # it has ended meanwhile
                one.kill()
    else:
        for only in parts if target == "all" else [target]:
            parts[only].kill()
    return [only for only, one in parts.items() if one.process.poll() is not None]
