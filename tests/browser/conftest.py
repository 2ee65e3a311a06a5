"""Chromium, and a node for it to look at."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from browser.site import Site, serve

FLAGS = (
    "--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-sync",
    # WebGL2 in software: no graphics card is needed.
    "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
)  # fmt: skip


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The browser, with an empty profile."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.skip("needs Debian's chromium")
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="needs PyPI's playwright (make peers)"
    )
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=found, headless=True, args=list(FLAGS))
        yield opened
        opened.close()


@pytest.fixture
def site(tmp_path) -> Iterator[Site]:
    yield from serve(tmp_path)
