"""A node with two screened studies, and how a page of it is used."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy import select

PASSWORD = "correct horse battery"
PATIENCE_MS = 120_000


@dataclass(frozen=True)
class Site:
    """A running node. studies: their numbers; made: their screenings."""

    address: str
    folder: Path
    database: Any
    studies: dict[str, int]
    made: dict[str, Any]

    @property
    def first(self) -> int:
        return self.studies["a"]

    @property
    def second(self) -> int:
        return self.studies["b"]


def two_alike(folder: Path) -> dict[str, Any]:
    """Two screened studies of the same shape."""
    from unit.node.screened import write_result

    made = write_result(folder / "a")
    shutil.copytree(folder / "a" / "result", folder / "b" / "result")
    return {"a": made, "b": made}


def serve(folder: Path, write: Callable[[Path], dict[str, Any]] = two_alike) -> Iterator[Site]:
    """A node on a free port with the studies that `write` puts into folders of these names."""
    from deepvein.node import accounts
    from deepvein.node.database.database import database_url, open_database
    from deepvein.node.sender import DicomPeer
    from deepvein.node.settings import DestinationSettings, NodeSettings, WebSettings
    from deepvein.node.states import Role
    from deepvein.node.web.server import WebServer
    from unit.node.screened import enter_result

    database = open_database(database_url("", folder))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(accounts, "COST", accounts.Cost(passes=1, memory_kib=8))
        with database.writing() as session:
            for name in ("anna", "ben"):
                accounts.add_user(session, name, PASSWORD, Role.READER)
        made = write(folder)
        pacs = DestinationSettings(dicom=(DicomPeer("pacs", "localhost", 104, "PACS"),))
        settings = NodeSettings(folder, web=WebSettings(port=0), destinations=pacs)
        server = WebServer(settings, database)
        studies = {
            place: enter_result(database, folder, place, one, f"Phantom^{place.title()}")
            for place, one in made.items()
        }
        server.start()
        try:
            yield Site(f"http://127.0.0.1:{server.port}", folder, database, studies, made)
        finally:
            server.stop()
            database.close()


def open_page(chromium: Any, address: str) -> Any:
    """A page in which nobody is logged in; what it complains about fails the test."""
    page = chromium.new_context(viewport={"width": 1280, "height": 800}).new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.complaints = []
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on(
        "console",
        lambda told: (
            page.complaints.append(told.text) if "Content Security Policy" in told.text else None
        ),
    )
    page.goto(address)
    return page


def log_in(page: Any, name: str = "anna") -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.get_by_label("Password").wait_for(state="detached")


def shown(page: Any) -> str:
    """What the page says of the place under the crosshair, once images are there."""
    page.locator(".loading").wait_for(state="detached")
    page.locator(".readout").filter(has_text="mm").wait_for()
    return str(page.locator(".readout").inner_text())


def open_study(page: Any, number: int) -> None:
    """From the work list."""
    page.locator(f'a[href="/studies/{number}"]').click()
    shown(page)


def point(page: Any, across: float, down: float) -> tuple[float, float]:
    """Where shares of the images' canvas lie on the screen."""
    box = page.locator("#images").bounding_box()
    return box["x"] + across * box["width"], box["y"] + down * box["height"]


def stroke(page: Any, down: float = 0.55) -> None:
    """One line of the pen on the axial picture."""
    page.mouse.move(*point(page, 0.2, down))
    page.mouse.down()
    page.mouse.move(*point(page, 0.26, down), steps=4)
    page.mouse.up()


def wait_saved(page: Any) -> None:
    page.locator(".keeping.saved").filter(has_text="saved ·").wait_for()


def sign(page: Any) -> None:
    """As Anna Doe of Hospital, who is logged in as anna; every finding is decided on."""
    page.keyboard.press("s")
    page.get_by_label("Family name").fill("Doe")
    page.get_by_label("Given name").fill("Anna")
    page.get_by_label("Organization").fill("Hospital")
    page.locator("dialog").get_by_role("button", name="Sign", exact=True).click()
    page.locator(".keeping").filter(has_text="signed by anna").wait_for()


def read_place(text: str) -> tuple[float, NDArray[np.float64]]:
    """Value and LPS position that the page tells."""
    value, x, left, y, back, z, up = re.match(
        r"(-?\d+) HU · ([LR]) ([\d.]+) ([PA]) ([\d.]+) ([SI]) ([\d.]+) mm", text
    ).group(1, 3, 2, 5, 4, 7, 6)
    sign = {"L": 1, "R": -1, "P": 1, "A": -1, "S": 1, "I": -1}
    return float(value), np.array(
        [float(x) * sign[left], float(y) * sign[back], float(z) * sign[up]]
    )


def assert_soon(page: Any, holds: Callable[[], bool]) -> None:
    """Within the patience of the page."""
    for _ in range(600):
        if holds():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it does not come about")


def marks_of(site: Site, place: str) -> NDArray[np.uint8]:
    """The labels that the server has for a study."""
    from deepvein.node.database.schema import ResultRow, ReviewRow
    from deepvein.node.reviews.marks import Marks
    from deepvein.node.reviews.view import load_view

    with site.database.reading() as session:
        row = session.scalar(
            select(ReviewRow)
            .join(ResultRow, ResultRow.id == ReviewRow.result_id)
            .where(ResultRow.study_id == site.studies[place])
            .order_by(ReviewRow.number.desc())
        )
    if row is None or not row.labels:
        view = load_view(site.folder / place / "result" / "view")
        return view.marks("thrombi").slab(0, view.grid.shape[0])
    marks = Marks.load(site.folder / row.labels)
    return marks.slab(0, marks.shape[0])
