"""The node: taking a job and the work list with many studies, receiving beside DCMTK's storescp.

    python benchmarks/node.py [--studies 10000] [--instances 60] [--rounds 3]

Prints milliseconds for a job and for a page of the list, the list's ratio to 100 studies, and the rate of
receiving 512 × 512 CT over loopback, forced to the disk before each answer, as a share of storescp's, which
forces nothing. Medians; what is compared runs in turns.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from deepvein.node.database.database import Database, database_url, open_database
from deepvein.node.database.schema import JobRow, ResultRow, StudyRow
from deepvein.node.queue import QueueSettings, take
from deepvein.node.receiver import Receiver, ReceiverSettings
from deepvein.node.states import JobState, StudyState
from deepvein.node.store import Store
from deepvein.node.worklist import Wanted, entries
from peers.orthanc import free_ports
from peers.programs import find
from unit.node.instances import image, save

REPEATS = 51


def filled(folder: Path, studies: int) -> Database:
    """A database with so many studies that were screened, and some that wait."""
    database = open_database(database_url("", folder))
    urgency = np.random.default_rng(0).random(studies)
    rows: list[StudyRow | JobRow | ResultRow] = []
    for number in range(1, studies + REPEATS + 1):
        done = number <= studies
        state = StudyState.SCREENED if done else StudyState.QUEUED
        chance = float(urgency[number - 1]) if done else -1.0
        rows.append(StudyRow(id=number, uid=f"1.2.{number}", state=state, urgency=chance))
        waits = JobState.DONE if done else JobState.WAITING
        rows.append(JobRow(id=number, study_id=number, revision=1, priority=1, state=waits))
        if done:
            rows.append(
                ResultRow(
                    study_id=number, job_id=number, revision=1, verdict="dvt", probability=chance,
                    findings=1, folder=f"results/{number}/1",
                )
            )  # fmt: skip
    with database.writing() as session:
        session.add_all(rows)
    return database


def seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def listed(database: Database) -> None:
    with database.reading() as session:
        entries(session, Wanted())


def queue_and_list(folder: Path, studies: int) -> None:
    few, many = filled(folder / "few", 100), filled(folder / "many", studies)
    settings = QueueSettings(quiet_hours=(0, 0))
    taken = [seconds(lambda: take(many, "w", settings)) for _ in range(REPEATS)]
    pages = [(seconds(lambda: listed(few)), seconds(lambda: listed(many))) for _ in range(REPEATS)]
    ratio = median(many_s / few_s for few_s, many_s in pages)
    page = median(many_s for _, many_s in pages)
    print(f"with {studies} studies: a job is taken in {median(taken) * 1e3:.1f} ms (median)")
    print(f"a page of the list takes {page * 1e3:.1f} ms, {ratio:.2f} of that with 100 studies")
    with many.reading() as session:
        assert session.query(JobRow).filter_by(state=JobState.RUNNING).count() == REPEATS  # noqa: S101


def images(folder: Path, study: int, count: int) -> list[Path]:
    """512 × 512 CT images of one study, that nobody can compress."""
    chance = np.random.default_rng(study)
    return [
        save(
            image(
                study, number, pixels=512,
                PixelData=chance.integers(0, 4096, (512, 512), np.uint16).tobytes(),
            ),
            folder / f"{study}-{number}.dcm",
        )
        for number in range(count)
    ]  # fmt: skip


def receiving(folder: Path, instances: int, rounds: int) -> None:
    try:
        # Not the programs of the same names that pynetdicom puts into the virtual environment.
        storescp, storescu = find("storescp"), find("storescu")
    except pytest.skip.Exception as missing:
        print(f"receiving: {missing}")
        return
    database = open_database(database_url("", folder / "node"))
    receiver = Receiver(ReceiverSettings(port=0), database, Store(folder / "node"))
    receiver.start()
    (port,) = free_ports(1)
    (folder / "scp").mkdir()
    other = subprocess.Popen([storescp, "-od", folder / "scp", str(port)])
    time.sleep(3.0)

    files: list[Path] = []

    def send(target: int) -> float:
        return seconds(
            lambda: subprocess.run([storescu, "127.0.0.1", str(target), *files], check=True)
        )

    shares = []
    for number in range(rounds):
        # Who is first changes; new images each time, since one that is here already costs less.
        files = images(folder / "sent", number + 1, instances)
        if number % 2:
            theirs, ours = send(port), send(receiver.port)
        else:
            ours, theirs = send(receiver.port), send(port)
        shares.append(theirs / ours)
        print(f"{instances} images: storescp {theirs:.2f} s, node {ours:.2f} s")
    other.terminate()
    other.wait()
    receiver.stop()
    kept = len(list((folder / "node" / "studies").rglob("*.dcm")))
    print(
        f"receiving: {median(shares):.2f} of storescp's rate, {kept} of {rounds * instances} images kept"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=10_000)
    parser.add_argument("--instances", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        queue_and_list(Path(name), given.studies)
        receiving(Path(name), given.instances, given.rounds)


if __name__ == "__main__":
    main()
