"""kill -9 at random points: after it every study is screened once and delivered, and nothing is lost."""

from __future__ import annotations

import contextlib
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import psutil
import pytest
from sqlalchemy import select

from deepvein.node.database.database import database_url, open_database
from deepvein.node.database.schema import (
    DeliveryRow,
    InstanceRow,
    JobRow,
    ObjectRow,
    QuarantinedRow,
    ResultRow,
    StudyRow,
)
from deepvein.node.states import DeliveryState, JobState, StudyState
from deepvein.node.store import Store
from integration.node.processes import Process
from peers.orthanc import free_ports
from unit.node.archive import Archive
from unit.node.instances import wait_for, write_study

POINTS = 50
STUDIES, IMAGES = 40, 3


def settings(port: int, archive: int) -> dict:
    return {
        "receiver": {"port": port, "silence_s": 5.0},
        "completeness": {"quiet_s": 0.4},
        "queue": {"attempts": 100, "first_wait_s": 0.05, "longest_wait_s": 0.1, "lease_s": 2.0},
        "delivery": {"first_wait_s": 0.05, "longest_wait_s": 0.2, "lease_s": 2.0},
        "destinations": {
            "dicom": [
                {
                    "name": "pacs", "host": "127.0.0.1", "port": archive, "ae_title": "ARCHIVE",
                    "timeout_s": 5.0,
                }
            ]
        },
        "web": {"port": 0},
    }  # fmt: skip


@pytest.mark.slow
def test_nothing_is_lost_doubled_or_half_written_when_it_is_killed_anywhere(tmp_path: Path) -> None:
    chance = random.Random(18)  # noqa: S311
    (port,) = free_ports(1)
    folder = tmp_path / "node"
    with Archive() as archive:
        chosen = settings(port, archive.port)
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
            wait_for(lambda: finished(database), 120)
            check(database, Store(folder), archive, folder)
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


def finished(database) -> bool:
    with database.reading() as session:
        studies = session.scalars(select(StudyRow.state)).all()
        deliveries = session.scalars(select(DeliveryRow.state)).all()
        open_ones = {DeliveryState.WAITING, DeliveryState.SENDING}
        return (
            len(studies) == STUDIES
            and all(one is StudyState.SCREENED for one in studies)
            and not open_ones & set(deliveries)
        )


def check(database, store: Store, archive: Archive, folder: Path) -> None:
    with database.reading() as session:
        rows = session.scalars(select(InstanceRow)).all()
        assert len(rows) == STUDIES * IMAGES
        for one in rows:
            assert store.absolute(one.path).stat().st_size == one.bytes
        assert session.scalars(select(QuarantinedRow)).all() == []
        results = session.scalars(select(ResultRow).where(ResultRow.superseded.is_(False))).all()
        assert sorted(one.study_id for one in results) == list(range(1, STUDIES + 1))
        jobs = Counter(session.scalars(select(JobRow.state)))
        assert set(jobs) <= {JobState.DONE, JobState.SUPERSEDED}
        assert jobs[JobState.DONE] == len(session.scalars(select(ResultRow)).all())
        for result in results:
            uids = session.scalars(select(ObjectRow.uid).where(ObjectRow.result_id == result.id))
            assert set(uids) <= set(archive.stored)
            (delivery,) = session.scalars(
                select(DeliveryRow).where(DeliveryRow.result_id == result.id)
            )
            assert delivery.state is DeliveryState.DELIVERED
        known = set(session.scalars(select(ObjectRow.uid)))
    assert set(archive.stored) <= known
    arriving = store.arriving("receiver")
    assert [path for path in arriving.iterdir() if path.suffix == ".dcm"] == []
    assert [path for path in (folder / "studies").rglob("*") if path.suffix == ".part"] == []
