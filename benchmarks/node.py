"""The node: taking a job and the work list with many studies, receiving beside DCMTK's storescp.

    python benchmarks/node.py [--studies 10000] [--instances 60] [--rounds 3] [--screened 3] [--folder DIR]

Prints milliseconds for a job and for a page of the list, the list's ratio to 100 studies; the rate of
receiving 512 × 512 CT over loopback, forced to the disk before each answer, as a share of storescp's, which
forces nothing, beside that of pynetdicom alone with nothing to do, and how long the disk takes for that; and
what of the time from the last image to the delivered result is neither screening nor the quiet time that the
settings ask for. Medians; what is compared runs in turns. DIR lies on the disk to be measured.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

import numpy as np
import pytest
from pynetdicom import AE, AllStoragePresentationContexts, evt

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from deepvein.node.arrival import Arrival
from deepvein.node.completeness import CompletenessSettings
from deepvein.node.database.database import Database, database_url, open_database
from deepvein.node.database.schema import DeliveryRow, JobRow, ResultRow, StudyRow
from deepvein.node.node import Node
from deepvein.node.outcome import Outcome, StudyScreen
from deepvein.node.queue import QueueSettings, take
from deepvein.node.receiver import Receiver, ReceiverSettings
from deepvein.node.sender import DicomPeer
from deepvein.node.settings import DestinationSettings, NodeSettings, WebSettings
from deepvein.node.states import DeliveryState, JobState, StudyState
from deepvein.node.store import Store
from deepvein.node.worklist import Wanted, entries
from deepvein.phantoms.cohort import write_cohort
from deepvein.phantoms.ct.scanner import CtSettings
from deepvein.phantoms.phantom import PhantomSettings
from deepvein.studies.study import Modality
from peers.orthanc import free_ports
from peers.programs import find
from unit.node.archive import Archive
from unit.node.instances import image, save, wait_for

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


NAGLE = {"as installed": {}, "without Nagle's algorithm": {"TCP_NODELAY": "1"}}
"""Environments of DCMTK's programs: as they come, sender and storescp wait 40 ms for one another with each
image; TCP_NODELAY takes that away."""


def receiving(folder: Path, instances: int, rounds: int) -> None:
    try:
        # Not the programs of the same names that pynetdicom puts into the virtual environment.
        storescp, storescu = find("storescp"), find("storescu")
    except pytest.skip.Exception as missing:
        print(f"receiving: {missing}")
        return
    for how, changes in NAGLE.items():
        place = folder / f"receiving-{len(changes)}"
        environment = {**os.environ, **changes}
        database = open_database(database_url("", place / "node"))
        receiver = Receiver(ReceiverSettings(port=0), database, Store(place / "node"))
        receiver.start()
        (port,) = free_ports(1)
        alone = AE()
        alone.maximum_pdu_size = 0
        for context in AllStoragePresentationContexts:
            alone.add_supported_context(context.abstract_syntax)
        empty = alone.start_server(
            ("127.0.0.1", 0), block=False, evt_handlers=[(evt.EVT_C_STORE, lambda event: 0x0000)]
        )
        (place / "scp").mkdir()
        other = subprocess.Popen([storescp, "-od", place / "scp", str(port)], env=environment)
        time.sleep(3.0)
        took: dict[int, list[float]] = {
            port: [],
            receiver.port: [],
            empty.server_address[1]: [],
        }
        for number in range(rounds):
            # New images each time, since one that is here already costs less; who is first changes.
            files = images(place / "sent", number + 1, instances)
            for target in sorted(took, reverse=bool(number % 2)):
                command = [storescu, "127.0.0.1", str(target), *files]
                took[target].append(
                    seconds(partial(subprocess.run, command, check=True, env=environment))
                )
        theirs, ours = took[port], took[receiver.port]
        other.terminate()
        other.wait()
        receiver.stop()
        empty.shutdown()
        database.close()
        kept = len(list((place / "node" / "studies").rglob("*.dcm")))
        nothing = took[empty.server_address[1]]
        share = median(a / b for a, b in zip(theirs, ours, strict=True))
        floor = median(a / b for a, b in zip(theirs, nothing, strict=True))
        print(
            f"receiving, {how}: storescp {median(theirs) / instances * 1e3:.1f} ms an image, node "
            f"{median(ours) / instances * 1e3:.1f} ms; {share:.2f} of storescp's rate, {kept} of "
            f"{rounds * instances} images kept; pynetdicom that keeps nothing "
            f"{median(nothing) / instances * 1e3:.1f} ms, {floor:.2f}"
        )
    content = files[0].read_bytes()
    disk = median(forced(folder, content) for _ in range(REPEATS))
    print(f"the disk alone takes {disk * 1e3:.1f} ms an image")


def forced(folder: Path, content: bytes) -> float:
    """Seconds to write a file and force it and its name to the disk."""

    def keep() -> None:
        made = Arrival(folder)
        made.write(content)
        made.kept()

    return seconds(keep)


KNEE = PhantomSettings(
    ct=CtSettings(matrix=160, thickness_mm=10.0, planes=1, coverage="knee", kvp=120)
)
"""As small as a study can be that is screened in earnest."""

QUIET_S = 2.0


@dataclass(frozen=True)
class TimedScreen:
    """The node's own screening, which notes how long it took."""

    folder: Path

    def __call__(self, study: Path, out: Path, device: str) -> Outcome:
        begun = time.perf_counter()
        outcome = StudyScreen(self.folder)(study, out, device)
        with (self.folder / "seconds.txt").open("a") as log:
            log.write(f"{time.perf_counter() - begun}\n")
        return outcome


def overhead(folder: Path, studies: int) -> None:
    """From the last image to the delivered result, study after study."""
    write_cohort(Modality.CT, studies, folder / "made", 3, settings=KNEE, write="dicom")
    storescu, node_folder = find("storescu"), folder / "busy"
    database = open_database(database_url("", node_folder))
    rest, share = [], []
    with Archive() as archive:
        peer = DicomPeer("archive", "127.0.0.1", archive.port, "ARCHIVE")
        settings = NodeSettings(
            node_folder,
            receiver=ReceiverSettings(port=0),
            completeness=CompletenessSettings(quiet_s=QUIET_S),
            destinations=DestinationSettings(dicom=(peer,)),
            web=WebSettings(port=0),
        )
        node = Node(settings, screen=TimedScreen(node_folder))
        node.start()
        for number, made in enumerate(sorted((folder / "made").glob("*/dicom")), 1):
            port = str(node.receiver.port)
            subprocess.run([storescu, "127.0.0.1", port, *made.glob("*.dcm")], check=True)
            begun = time.perf_counter()
            wait_for(lambda number=number: delivered(database) == number)
            whole = time.perf_counter() - begun
            screened = float((node_folder / "seconds.txt").read_text().split()[-1])
            rest.append(whole - screened - QUIET_S)
            share.append(rest[-1] / (whole - QUIET_S))
            print(
                f"delivered after {whole:.1f} s: {screened:.1f} s screening, {rest[-1]:.2f} s rest"
            )
        node.stop()
    database.close()
    print(
        f"delivery: {median(rest):.2f} s beside screening, {100 * median(share):.0f} % of the time"
    )


def delivered(database: Database) -> int:
    with database.reading() as session:
        return session.query(DeliveryRow).filter_by(state=DeliveryState.DELIVERED).count()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=10_000)
    parser.add_argument("--instances", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--screened", type=int, default=3)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        if given.studies:
            queue_and_list(Path(name), given.studies)
        if given.rounds:
            receiving(Path(name), given.instances, given.rounds)
        if given.screened:
            overhead(Path(name), given.screened)


if __name__ == "__main__":
    main()
