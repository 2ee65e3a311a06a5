"""Chromium by Playwright, headless, with an empty profile and WebGL2 in software."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

FLAGS = (
    "--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-sync",
    # No graphics card is needed.
    "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
)  # fmt: skip


@contextmanager
def launched() -> Iterator[Any | str]:
    """The browser, or what is missing."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        yield "needs Debian's chromium"
        return
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        yield "needs PyPI's playwright (make peers)"
        return
    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=found, headless=True, args=list(FLAGS))
        yield opened
        opened.close()
