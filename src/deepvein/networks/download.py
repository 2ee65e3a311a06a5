"""A published file, fetched once and kept only if it is the one that was meant."""

from __future__ import annotations

import hashlib
from pathlib import Path

from deepvein.core.files import whole_file

_CHUNK = 1 << 20


def download(url: str, path: Path, sha256: str, timeout_s: float = 20.0) -> None:
    """Fetch `url` to `path`, which appears whole or not at all.

    Raises OSError if it cannot be reached or its SHA-256 does not begin with `sha256`.
    """
    from urllib.request import urlopen

    digest = hashlib.sha256()
    with whole_file(path) as made:
        with urlopen(url, timeout=timeout_s) as answer, made.open("wb") as file:  # noqa: S310  (the addresses are those of the specification, https)
            while chunk := answer.read(_CHUNK):
                digest.update(chunk)
                file.write(chunk)
        if not digest.hexdigest().startswith(sha256):
            raise OSError(
                f"what came from {url} has another SHA-256, {digest.hexdigest()[:12]}, than "
                f"{sha256[:12]}"
            )
