"""Chromium, and a node for it to look at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from browser.driver import launched
from browser.site import Site, serve


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    with launched() as opened:
        if isinstance(opened, str):
            pytest.skip(opened)
        yield opened


@pytest.fixture
def site(tmp_path) -> Iterator[Site]:
    yield from serve(tmp_path)
