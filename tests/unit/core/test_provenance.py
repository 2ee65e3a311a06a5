import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

import deepvein
from deepvein.core.provenance import now, provenance, sha256
from deepvein.core.settings import to_dict


def test_versions_are_those_of_the_running_packages():
    made = provenance()
    assert made.deepvein == deepvein.__version__
    assert made.packages["numpy"] == np.__version__
    assert made.python == ".".join(map(str, sys.version_info[:3]))
    assert to_dict(made)["packages"] == made.packages


def test_the_command_does_not_give_away_folders(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["/somewhere/private/deepvein", "models", "--json"])
    assert provenance().command == ("deepvein", "models", "--json")


def test_now_is_utc_to_the_second():
    before = datetime.now(UTC).replace(microsecond=0)
    stamp = datetime.fromisoformat(now())
    assert stamp.utcoffset() == UTC.utcoffset(None)
    assert stamp.microsecond == 0
    assert before <= stamp <= datetime.now(UTC)


def test_sha256_of_published_vectors(tmp_path: Path):
    """FIPS 180-4 examples: the empty message and `abc`."""
    file = tmp_path / "file"
    file.write_bytes(b"")
    assert sha256(file) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    file.write_bytes(b"abc")
    assert sha256(file) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
