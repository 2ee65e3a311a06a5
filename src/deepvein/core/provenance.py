"""What made a result: versions, command, times and the hashes of what went in."""

from __future__ import annotations

import hashlib
import importlib.metadata
import platform
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from deepvein._version import __version__

_PACKAGES = ("numpy", "scipy", "torch", "pydicom", "highdicom", "SimpleITK", "nibabel")


@dataclass(frozen=True)
class Provenance:
    """Versions and circumstances of one run; times are ISO 8601 in UTC."""

    deepvein: str
    python: str
    platform: str
    packages: dict[str, str]
    command: tuple[str, ...]
    created: str


def provenance() -> Provenance:
    """The provenance of this process now; reads package metadata only, imports nothing heavy."""
    found = {name: _version_of(name) for name in _PACKAGES}
    return Provenance(
        deepvein=__version__,
        python=platform.python_version(),
        platform=platform.platform(),
        packages={name: text for name, text in found.items() if text},
        command=(Path(sys.argv[0]).name, *sys.argv[1:]),
        created=now(),
    )


def now() -> str:
    """The time in UTC to the second, ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def sha256(path: Path) -> str:
    """The hexadecimal SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _version_of(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None
