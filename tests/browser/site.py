"""A node with two screened studies, and how a page of it is used."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

PASSWORD = "correct horse battery"
PATIENCE_MS = 120_000


@dataclass(frozen=True)
class Site:
    """A running node. first, second: the numbers of its studies; made: their screenings."""

    address: str
    folder: Path
    database: Any
    first: int
    second: int
    made: Any


def serve(folder: Path, orientation: str = "axial") -> Iterator[Site]:
    """A node on a free port, with two studies of different patients but the same shape."""
    from deepvein.node import accounts
    from deepvein.node.database.database import database_url, open_database
    from deepvein.node.sender import DicomPeer
    from deepvein.node.settings import DestinationSettings, NodeSettings, WebSettings
    from deepvein.node.states import Role
    from deepvein.node.web.server import WebServer
    from unit.node.screened import enter_result, write_result

    database = open_database(database_url("", folder))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(accounts, "COST", accounts.Cost(passes=1, memory_kib=8))
        with database.writing() as session:
            for name in ("anna", "ben"):
                accounts.add_user(session, name, PASSWORD, Role.READER)
        made = write_result(folder / "a", orientation=orientation)
        shutil.copytree(folder / "a" / "result", folder / "b" / "result")
        pacs = DestinationSettings(dicom=(DicomPeer("pacs", "localhost", 104, "PACS"),))
        settings = NodeSettings(folder, web=WebSettings(port=0), destinations=pacs)
        server = WebServer(settings, database)
        first = enter_result(database, folder, "a", made, "Phantom^One")
        second = enter_result(database, folder, "b", made, "Phantom^Two")
        server.start()
        try:
            yield Site(f"http://127.0.0.1:{server.port}", folder, database, first, second, made)
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
