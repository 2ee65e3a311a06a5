"""Twenty senders at once: nothing is lost, and nothing is there twice.

DEEPVEIN_TEST_INSTANCES=10000 sends so many instead of the thousand of an ordinary run.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from deepvein.node.database.database import database_url, open_database
from integration.node.processes import Process
from integration.node.whole import check, hurried, is_finished
from peers.orthanc import free_ports
from peers.programs import find
from unit.node.archive import Archive
from unit.node.instances import ROOT, image, save, wait_for

ASSOCIATIONS, STUDIES = 20, 10
INSTANCES = int(os.environ.get("DEEPVEIN_TEST_INSTANCES", "1000"))
PATIENCE_S = 300 + INSTANCES / 5


@pytest.mark.slow
def test_twenty_associations_at_once_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    """Two of them bring each study, and a tenth of its images come by both."""
    storescu = find("storescu")
    (port,) = free_ports(1)
    each = INSTANCES // STUDIES
    folders = [tmp_path / "sent" / str(sender) for sender in range(ASSOCIATIONS)]
    for study in range(STUDIES):
        for number in range(each):
            first = save(image(study, number), folders[2 * study] / f"{number}.dcm")
            if number % 10 == 0:
                folders[2 * study + 1].mkdir(exist_ok=True)
                os.link(first, folders[2 * study + 1] / first.name)
            elif number % 2:
                first.rename(folders[2 * study + 1] / first.name)
    with Archive() as archive, Process(tmp_path / "node", hurried(port, archive.port)):
        database = open_database(database_url("", tmp_path / "node"))
        senders = [
            subprocess.Popen(
                [storescu, "+sd", "--timeout", "300", "127.0.0.1", str(port), folder],
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            )
            for folder in folders
        ]  # fmt: skip
        try:
            for one in senders:
                said, _ = one.communicate(timeout=PATIENCE_S)
                assert (one.returncode, said) == (0, b"")
            wait_for(lambda: is_finished(database, STUDIES), PATIENCE_S)
            counts = {f"{ROOT}.{study}": each for study in range(STUDIES)}
            check(database, tmp_path / "node", archive, counts)
        finally:
            for one in senders:
                one.kill()
                one.wait()
            database.close()
