"""A disk that is really full, a small tmpfs: when it has room again, nothing is lost, cut off or doubled."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from deepvein.core.settings import from_dict
from deepvein.node.database.database import Database, database_url, open_database
from deepvein.node.database.schema import JobRow, ResultRow
from deepvein.node.node import Node
from deepvein.node.outcome import Screen
from deepvein.node.settings import NodeSettings
from integration.node.whole import check, hurried, is_finished
from peers.programs import find
from unit.node.archive import Archive
from unit.node.instances import ROOT, fast_screen, image, save, wait_for, wide_screen

MEGABYTES = 8
IMAGES = 30
PIXELS = 256
"""Rows of an image of 128 KiB."""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of a few megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={MEGABYTES}m", "deepvein-test", str(place)]
    try:
        done = subprocess.run(["mount", *options], capture_output=True, check=False)
    except FileNotFoundError:
        pytest.skip("mount is not installed: it comes with mount (Debian)")
    if done.returncode:
        pytest.skip(f"a tmpfs needs the right to mount: {done.stderr.decode().strip()}")
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)


@contextmanager
def running(folder: Path, archive: Archive, screen: Screen) -> Iterator[tuple[Node, Database]]:
    settings = {**hurried(0, archive.port), "folder": str(folder)}
    node = Node(from_dict(NodeSettings, settings), screen=screen)
    node.start()
    database = open_database(database_url("", folder))
    try:
        yield node, database
    finally:
        node.stop()
        database.close()


def fill(disk: Path, leave: int) -> Callable[[], None]:
    """Fill the disk but for `leave` bytes; what comes back makes room again."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as opened:
        try:
            while True:
                opened.write(bytes(4096))
        except OSError:
            opened.truncate(opened.tell() - leave)
    return filler.unlink


def send(port: int, paths: list[Path]) -> list[Path]:
    """Send images one by one by DCMTK; those that were refused for want of room come back."""
    refused = []
    for path in paths:
        done = subprocess.run(
            [find("storescu"), "-v", "127.0.0.1", str(port), path],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
        if b"Refused: OutOfResources" in done.stdout:
            refused.append(path)
        else:
            assert b"Received Store Response (Success)" in done.stdout
    return refused


def images(folder: Path, count: int) -> list[Path]:
    return [
        save(image(1, number, pixels=PIXELS), folder / f"{number}.dcm") for number in range(count)
    ]


def test_while_images_come_in(disk: Path, tmp_path: Path) -> None:
    folder, sent = disk / "node", images(tmp_path / "sent", IMAGES)
    with Archive() as archive, running(folder, archive, fast_screen) as (node, database):
        make_room = fill(disk, 5 * 2 * PIXELS**2)
        refused = send(node.receiver.port, sent)
        assert 0 < len(refused) < IMAGES
        make_room()
        assert send(node.receiver.port, refused) == []
        wait_for(lambda: is_finished(database, 1))
        check(database, folder, archive, {f"{ROOT}.1": IMAGES})


def test_while_results_are_written(disk: Path, tmp_path: Path) -> None:
    folder = disk / "node"
    with Archive() as archive, running(folder, archive, wide_screen) as (node, database):

        def refused() -> bool:
            with database.reading() as session:
                return "no room" in "".join(session.scalars(select(JobRow.reason)))

        make_room = fill(disk, 2**19)
        assert send(node.receiver.port, images(tmp_path / "sent", 1)) == []
        wait_for(refused)
        with database.reading() as session:
            assert session.scalars(select(ResultRow)).all() == []
        make_room()
        wait_for(lambda: is_finished(database, 1))
        check(database, folder, archive, {f"{ROOT}.1": 1})
