"""What must be true of a node after any fault: nothing lost, nothing half-written, nothing twice."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from sqlalchemy import select

from deepvein.node.database.database import Database
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
from unit.node.archive import Archive


def hurried(port: int, archive: int) -> dict[str, Any]:
    """Settings of a node that waits for nothing long and sends to an archive on that port."""
    return {
        "receiver": {"port": port, "silence_s": 30.0},
        "completeness": {"quiet_s": 0.4},
        "queue": {"attempts": 1000, "first_wait_s": 0.05, "longest_wait_s": 0.1, "lease_s": 2.0},
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


def is_finished(database: Database, studies: int) -> bool:
    """Whether so many studies are screened, and what came of them is delivered."""
    with database.reading() as session:
        states = session.scalars(select(StudyRow.state)).all()
        deliveries = session.scalars(select(DeliveryRow.state)).all()
        open_ones = {DeliveryState.WAITING, DeliveryState.SENDING}
        return (
            len(states) == studies
            and all(one is StudyState.SCREENED for one in states)
            and not open_ones & set(deliveries)
        )


def check(database: Database, folder: Path, archive: Archive, counts: dict[str, int]) -> None:
    """All studies, with so many images by their UID, are on the disk, screened once and delivered."""
    store = Store(folder)
    with database.reading() as session:
        studies = session.scalars(select(StudyRow)).all()
        assert {one.uid: one.instance_count for one in studies} == counts
        rows = session.scalars(select(InstanceRow)).all()
        assert len(rows) == sum(counts.values())
        for one in rows:
            assert store.absolute(one.path).stat().st_size == one.bytes
        assert session.scalars(select(QuarantinedRow)).all() == []
        results = session.scalars(select(ResultRow).where(ResultRow.superseded.is_(False))).all()
        assert sorted(one.study_id for one in results) == sorted(one.id for one in studies)
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
    arriving = [*store.arriving("receiver").iterdir()]
    assert [path for path in arriving if path.suffix in {".dcm", ".part"}] == []
    kept = {path for path in (folder / "studies").rglob("*") if path.is_file()}
    assert kept == {store.absolute(one.path) for one in rows}
    half = [path for path in (folder / "results").rglob("*") if path.name.startswith(".partial-")]
    assert half == []
