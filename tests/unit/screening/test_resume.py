import os
from pathlib import Path

import pytest

from deepvein.screening.resume import listing


def write(path: Path, text: str = "a") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    os.utime(path, (1, 1))
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "study" / "one" / "1.dcm")
    write(tmp_path / "study" / "2.dcm")
    return tmp_path / "study"


def test_a_listing_stays_while_nothing_changes(folder: Path) -> None:
    assert listing(folder) == listing(folder) != ""


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: write(folder / "3.dcm"),
        lambda folder: write(folder / "2.dcm", "ab"),
        lambda folder: (folder / "2.dcm").unlink(),
        lambda folder: (folder / "2.dcm").rename(folder / "0.dcm"),
        lambda folder: os.utime(folder / "2.dcm", (2, 2)),
    ],
)
def test_any_change_of_a_file_is_seen(folder: Path, change) -> None:
    before = listing(folder)
    change(folder)
    assert listing(folder) not in ("", before)


def test_of_one_file_only_that_counts(folder: Path) -> None:
    before = listing(folder / "2.dcm")
    write(folder / "3.dcm")
    assert listing(folder / "2.dcm") == before


def test_a_detached_header_stands_for_its_folder(tmp_path: Path) -> None:
    header = write(tmp_path / "leg.nhdr")
    before = listing(header)
    write(tmp_path / "leg.raw")
    assert listing(header) != before


def test_what_cannot_be_told_is_empty(folder: Path, tmp_path: Path) -> None:
    assert listing(tmp_path / "nothing") == ""
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked" / "study").symlink_to(folder)
    assert listing(tmp_path / "linked") == ""
