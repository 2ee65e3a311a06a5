"""Which generator this is: the same seed gives the same pixels as long as this does not change."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).parents[1]
_SOURCES = ("phantoms/**/*.py", "anatomy/*.py", "core/seeds.py")
"""All code that decides about pixels and labels."""


@cache
def revision() -> str:
    """A digest (16 hexadecimal digits) of the generator's source code, line ends left aside."""
    return digest_of(_PACKAGE, _SOURCES)


def digest_of(root: Path, patterns: tuple[str, ...]) -> str:
    """A digest of the names and lines of the files below `root` that match."""
    found = hashlib.sha256()
    for path in sorted({path for pattern in patterns for path in root.glob(pattern)}):
        found.update(path.relative_to(root).as_posix().encode() + b"\0")
        found.update(path.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return found.hexdigest()[:16]
