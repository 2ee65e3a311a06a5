"""The built page comes with the package, and nothing else is handed out beside it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from deepvein.node.settings import NodeSettings
from deepvein.node.web.app import create_app


@pytest.fixture
def client(database, tmp_path):
    return TestClient(create_app(NodeSettings(tmp_path), database))


@pytest.mark.parametrize("path", ["/", "/studies/1", "/dashboard"])
def test_each_address_gives_the_page_and_all_that_it_names(client, path):
    page = client.get(path)
    assert page.headers["content-type"].startswith("text/html")
    named = re.findall(r"(?:src|href)=\"(/[^\"]+)\"", page.text)
    assert len(named) == 2
    for address in named:
        found = client.get(address)
        assert found.status_code == 200
        assert "immutable" in found.headers["cache-control"]


def test_the_page_needs_nothing_from_elsewhere(client):
    page = client.get("/")
    assert "http" not in page.text
    assert "<script>" not in page.text
    policy = page.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    "path", ["/assets/../index.html", "/assets/%2e%2e%2findex.html", "/assets/none.js", "/assets/"]
)
def test_only_its_own_files_are_handed_out(client, path):
    assert client.get(path).status_code in {404, 422}


def test_the_licences_of_what_went_in_are_there(client):
    text = client.get("/assets/licences.txt").text
    assert "@niivue/niivue 0.69.0 (BSD-2-Clause)" in text
    assert "Redistribution and use" in text


def test_the_built_page_is_that_of_its_sources():
    page = Path(__file__).parents[4] / "page"
    made = subprocess.run(
        [sys.executable, page / "sources.py"], capture_output=True, text=True, check=True
    )
    assert made.stdout == (page / "built.sha256").read_text(), (
        "make page, and commit what it builds"
    )


@pytest.mark.parametrize("path", ["/", "/studies/1", "/dashboard", "/healthz", "/metrics"])
def test_who_asks_for_the_head_alone_gets_it(client, path):
    """As balancers and monitors do."""
    head, whole = client.head(path), client.get(path)
    assert head.status_code == whole.status_code == 200
    assert head.headers["content-type"] == whole.headers["content-type"]
    assert head.content == b""
