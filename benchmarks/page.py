"""The page of the readers: a large study's first picture, and the work list with many studies.

    python benchmarks/page.py [--slices 1500] [--rows 512] [--studies 10000] [--rounds 5] [--questions 400]

Prints how long the images of a synthetic CT of so many slices take to prepare (once, with the result), how long
the server takes for the reduced volume, for 49 slices of full resolution and for marks, and how long Chromium
(headless, WebGL2 in software) takes from the address, or from a click on the work list, to the picture with its
marks. Then milliseconds of answers of the work list over HTTP in process, orders, filters, searches and pages
mixed: median, 99th percentile, longest. Without Chromium or Playwright the browser is left out.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import psutil
import pytest
from fastapi.testclient import TestClient

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from browser.driver import launched
from browser.site import PASSWORD, log_in, open_page, shown
from deepvein.findings.screening import Screening
from deepvein.node import accounts
from deepvein.node.database.database import Database, database_url, open_database
from deepvein.node.database.schema import DeliveryRow, JobRow, ResultRow, ReviewRow, StudyRow
from deepvein.node.reviews.prepared import VIEW
from deepvein.node.reviews.view import prepare
from deepvein.node.settings import NodeSettings, WebSettings
from deepvein.node.states import DeliveryState, JobState, ReviewState, Role, StudyState
from deepvein.node.web.app import create_app
from deepvein.node.web.server import WebServer
from deepvein.reports import write
from deepvein.volumes.grid import AXIAL, Grid
from deepvein.volumes.volume import Volume
from deepvein.volumes.zeros import sparse_zeros
from unit.node.screened import enter_result
from unit.reports.legs import finding, image, positions, screening, thrombus, vein

SPACING_MM = 0.8
FEET_MM = -1150.0
SLAB = 49


def large(slices: int, rows: int) -> Screening:
    """The legs of the tests on a grid of a whole CT; they are the same in all slices but for the thrombus."""
    corner = (-rows / 2 * SPACING_MM, -rows / 2 * SPACING_MM, FEET_MM)
    height = slices * SPACING_MM
    coarse = Grid.from_directions(
        (60, rows // 4, rows // 4), (height / 60, 4 * SPACING_MM, 4 * SPACING_MM), corner, AXIAL
    )
    made = screening(grid=coarse)
    grid = Grid.from_directions((slices, rows, rows), (SPACING_MM,) * 3, corner, AXIAL)
    z = grid.body_positions_mm()
    within = np.flatnonzero((z > -440) & (z < -390))
    clear, clot = (int(np.argmin(np.abs(z - at))) for at in (-500.0, -415.0))
    array = np.empty(grid.shape, np.int16)
    veins = np.zeros(grid.shape, np.uint8)
    noise = np.random.default_rng(0).integers(-20, 20, (8, rows, rows), dtype=np.int16)
    planes = {at: grid.crop((at, 0, 0), (at + 1, rows, rows)) for at in (clear, clot)}
    worlds = {at: positions(plane) for at, plane in planes.items()}
    pictures = {at: image(planes[at], made.study.modality, worlds[at]).array[0] for at in planes}
    for index in range(slices):
        at = clot if index in within else clear
        array[index] = pictures[at] + noise[index % len(noise)]
    veins[:] = vein(worlds[clear])[0] * np.uint8(240)
    mask = np.zeros((len(within), rows, rows), bool)
    mask[:] = thrombus(worlds[clot])[0]
    first = int(within[0])
    part = grid.crop((first, 0, 0), (first + len(within), rows, rows))
    found = finding(mask, part)
    found = dataclasses.replace(
        found, indices=found.indices + np.array((first, 0, 0)), key_slice=found.key_slice + first
    )
    return dataclasses.replace(
        made,
        study=dataclasses.replace(made.study, volume=Volume(array, grid)),
        prediction=dataclasses.replace(
            made.prediction,
            grid=grid,
            vein_probability=veins,
            thrombus_probability=sparse_zeros(grid.shape),
        ),
        findings=(found,),
    )


def seconds(work: Callable[..., object], *given: Any) -> float:
    begun = time.perf_counter()
    work(*given)
    return time.perf_counter() - begun


def tell(name: str, taken: list[float]) -> None:
    print(f"  {name}: {1000 * median(taken):.0f} ms, at most {1000 * max(taken):.0f}")


def logged_in(settings: NodeSettings, database: Database) -> TestClient:
    client = TestClient(create_app(settings, database))
    answer = client.post("/api/session", json={"name": "anna", "password": PASSWORD})
    client.headers["x-csrf-token"] = answer.json()["csrf"]
    return client


def first_picture(folder: Path, slices: int, rows: int, rounds: int) -> None:
    made = large(slices, rows)
    write(made, folder / "a" / "result", ("json",))
    taken = seconds(prepare, made, folder / "a" / "result" / VIEW)
    print(f"a study of {slices} slices of {rows} x {rows}, {rounds} rounds")
    print(f"  its images for the page, once with the result: {taken:.1f} s")
    database = open_database(database_url("", folder))
    with database.writing() as session:
        accounts.add_user(session, "anna", PASSWORD, Role.READER)
    study = enter_result(database, folder, "a", made)
    made = None  # a gigabyte
    settings = NodeSettings(folder, web=WebSettings(port=0))
    client = logged_in(settings, database)
    base = f"/api/studies/{study}"
    middle = f"?first={slices // 2}&last={slices // 2 + SLAB}"
    for name, address in (
        ("what is known of it", base),
        ("reduced volume", f"{base}/image.nii"),
        ("its veins", f"{base}/marks/veins"),
        ("its thrombi", f"{base}/marks/review"),
        (f"{SLAB} slices in full", f"{base}/image.nii{middle}"),
        ("their veins", f"{base}/marks/veins{middle}"),
    ):
        tell(f"server, {name}", [seconds(client.get, address) for _ in range(rounds)])
    server = WebServer(settings, database)
    server.start()
    try:
        with launched() as chromium:
            if isinstance(chromium, str):
                print(f"  no browser: {chromium}")
            else:
                in_browser(chromium, f"http://127.0.0.1:{server.port}", study, rounds)
    finally:
        server.stop()
        database.close()


def in_browser(chromium: Any, address: str, study: int, rounds: int) -> None:
    """From the address or a click to the picture with its marks, the browser's files known or not."""
    cold, listed, slabs, used = [], [], [], []
    for _ in range(rounds):
        page = open_page(chromium, address)
        log_in(page)
        page.locator("tbody tr").wait_for()
        listed.append(seconds(from_list, page))
        slabs.append(seconds(full, page))
        cookies = page.context.storage_state()
        page.context.close()
        page = chromium.new_context(
            viewport={"width": 1280, "height": 800}, storage_state=cookies
        ).new_page()
        before = chromium_seconds()
        cold.append(seconds(from_address, page, f"{address}/studies/{study}"))
        used.append(chromium_seconds() - before)
        page.context.close()
    tell("browser, from a click on the list, nothing loaded before", listed)
    tell("browser, from the address, nothing kept of an earlier visit", cold)
    tell("processor time of all its processes for that", used)
    tell(f"browser, {SLAB} slices in full", slabs)


def chromium_seconds() -> float:
    """Processor time of the browser so far, whatever else the machine does."""
    total = 0.0
    for one in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            times = one.cpu_times()
            total += times.user + times.system
    return total


def from_list(page: Any) -> None:
    page.locator("tbody tr a").first.click()
    shown(page)


def from_address(page: Any, address: str) -> None:
    page.goto(address)
    shown(page)


def full(page: Any) -> None:
    page.keyboard.press("f")
    page.locator("button[aria-pressed=true]").filter(has_text="full resolution").wait_for()
    shown(page)


def filled(folder: Path, studies: int) -> Database:
    """A database of so many studies in all states, with results, reviews and deliveries."""
    database = open_database(database_url("", folder))
    chance = np.random.default_rng(0)
    urgency = chance.random(studies)
    families = [f"{first}{last}" for first in ("Mei", "Wei", "Schu") for last in ["er", "ss", "lz"]]
    states = chance.choice(
        [StudyState.SCREENED, StudyState.QUEUED, StudyState.FAILED, StudyState.RECEIVING],
        size=studies, p=[0.93, 0.03, 0.02, 0.02],
    )  # fmt: skip
    rows: list[Any] = []
    for number in range(1, studies + 1):
        state = states[number - 1]
        done = state is StudyState.SCREENED
        rows.append(
            StudyRow(
                id=number, uid=f"1.2.{number}", state=state,
                urgency=float(urgency[number - 1]) if done else -1.0,
                patient_name=f"{families[number % 9]}^{number}", patient_id=f"ID{number * 7919}",
                accession_number=f"A{number}", birth_date="19600101", sex="F",
                study_date=f"2026{1 + number % 12:02d}{1 + number % 28:02d}",
                description="CT venography, pelvis and both legs",
            )
        )  # fmt: skip
        if state is StudyState.RECEIVING:
            continue
        job = JobState.DONE if done else JobState.WAITING
        rows.append(JobRow(id=number, study_id=number, revision=1, priority=1, state=job))
        if not done:
            continue
        found = number % 4 == 0
        rows.append(
            ResultRow(
                id=number, study_id=number, job_id=number, revision=1,
                verdict="DVT suspected" if found else "no DVT found", findings=int(found),
                probability=float(urgency[number - 1]), folder=f"results/{number}/1",
                places="left femoral and popliteal veins" if found else "",
                models=[{"name": "ct-veins", "version": "0.5.0"}],
            )
        )  # fmt: skip
        rows.append(
            DeliveryRow(result_id=number, destination="pacs", state=DeliveryState.DELIVERED)
        )
        if number % 10 < 8:
            signed = ReviewState.SIGNED if number % 10 < 7 else ReviewState.DRAFT
            rows.append(
                ReviewRow(
                    result_id=number, uid=f"2.25.{number}", state=signed, changed_by="anna",
                    decisions={"1": {"choice": "accepted"}},
                )
            )  # fmt: skip
    with database.writing() as session:
        accounts.add_user(session, "anna", PASSWORD, Role.READER)
        session.add_all(rows)
    return database


def list_answers(folder: Path, studies: int, questions: int) -> None:
    database = filled(folder, studies)
    client = logged_in(NodeSettings(folder), database)
    chance = np.random.default_rng(1)
    orders = ("urgency", "newest", "patient", "date", "probability")
    statuses = (None, None, "screened", "reviewed", "queued", "failed", "receiving")
    words = ("", "", "meier", "left femoral", "ID79", "venography pelvis", "schulz 77", "nobody")
    kinds: dict[str, list[tuple[float, float]]] = {}
    for _ in range(questions):
        order, status, search = (chance.choice(one) for one in (orders, statuses, words))
        asked = {
            "order": order, "search": search, "ascending": bool(chance.integers(2)),
            "offset": int(chance.choice([0, 0, 100, 5000])), "limit": 100,
        }  # fmt: skip
        if status is not None:
            asked["status"] = status
        used = time.process_time()
        taken = seconds(partial(client.get, "/api/studies", params=asked))
        used = time.process_time() - used
        for kind in ("all", f"order {order}", "search" if search else "no search"):
            kinds.setdefault(kind, []).append((taken, used))
    database.close()
    print(f"the work list of {studies} studies, {questions} mixed questions over HTTP in process")
    for kind, taken in kinds.items():
        half, most, longest = (np.quantile(taken, share, axis=0) * 1000 for share in (0.5, 0.99, 1))
        print(
            f"  {kind}: median {half[0]:.0f} ms, 99 % {most[0]:.0f}, longest {longest[0]:.0f}; "
            f"processor {half[1]:.0f}, {most[1]:.0f}, {longest[1]:.0f}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--slices", type=int, default=1500, help="0: no study")
    parser.add_argument("--rows", type=int, default=512)
    parser.add_argument("--studies", type=int, default=10_000, help="0: no list")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--questions", type=int, default=400)
    given = parser.parse_args()
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        patch.setattr(accounts, "COST", accounts.Cost(passes=1, memory_kib=8))
        for part in ("study", "list"):
            (Path(folder) / part).mkdir()
        if given.slices:
            first_picture(Path(folder) / "study", given.slices, given.rows, given.rounds)
        if given.studies:
            list_answers(Path(folder) / "list", given.studies, given.questions)


if __name__ == "__main__":
    main()
