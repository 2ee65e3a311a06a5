"""A download is whole and the right one, or not there."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from deepvein.networks.download import download


def test_it_lies_where_it_should_and_nothing_else_does(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"weights" * 1000)
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    target = tmp_path / "deep" / "er" / "weights.pth"
    download(source.as_uri(), target, digest)
    assert target.read_bytes() == source.read_bytes()
    assert list(target.parent.iterdir()) == [target]


def test_another_checksum_leaves_what_was_there(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "to" / "weights.pth"
    source.write_bytes(b"other")
    target.parent.mkdir()
    target.write_bytes(b"kept")
    with pytest.raises(OSError, match="another SHA-256"):
        download(source.as_uri(), target, "00" * 32)
    assert target.read_bytes() == b"kept"
    assert list(target.parent.iterdir()) == [target]


def test_a_place_that_is_not_there_is_an_oserror(tmp_path: Path) -> None:
    with pytest.raises(OSError):  # noqa: PT011  (urllib's own message)
        download((tmp_path / "nothing").as_uri(), tmp_path / "weights.pth", "")
    assert not (tmp_path / "weights.pth").exists()
