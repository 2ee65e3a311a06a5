"""Files at a URL that fsspec knows, such as `s3://bucket/results`: object stores and servers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from deepvein.core.errors import MissingExtraError, OutputError, UsageError

_BUCKETS = {"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "oss", "oci"}
"""Stores without folders, and whose buckets are not to be made by a slip of the pen."""
_SECRET = re.compile(r"//[^@]*:[^@]*@|[?]")
"""A password before the host, or what stands behind a question mark, as in signed URLs."""


def folder_of(text: str) -> Path | None:
    """The folder that a text names, by its path or as `file:///…`; None for a URL elsewhere.

    UsageError for a `file:` URL without an absolute path.
    """
    if "://" not in text:
        return Path(text)
    path = re.fullmatch(r"(?:file|local)://(.*)", text)
    if path is None:
        return None
    if not path[1].startswith("/"):
        raise UsageError(f"{text} is no absolute path; write file:///folder with three strokes")
    return Path(path[1])


@dataclass(frozen=True)
class Store:
    """The files below a URL, by names relative to it with "/" between their parts.

    Credentials and further options are those of fsspec and of the store's own package, from the environment
    or their files. A URL that holds a password or a signature is refused: commands and places are told in
    logs and results. What is written is there whole or not at all where the store does so (S3 and its like);
    everywhere its size is checked.

    Raises
    ------
    UsageError
        The URL holds a secret or several URLs, or nothing is installed that knows it.
    OutputError
        From all methods: the store does not do what it is asked for.
    """

    url: str

    def __post_init__(self) -> None:
        if _SECRET.search(self.url):
            raise UsageError(
                f"the {self.protocol} URL holds a password or a signature, which would be told in logs and "
                "results: leave it out, and set it in the environment, such as AWS_SECRET_ACCESS_KEY or "
                "FSSPEC_SFTP_PASSWORD"
            )
        if "::" in self.url:
            raise UsageError(
                f"{self.url} is several URLs in one; give one, such as s3://bucket/results"
            )

    @property
    def protocol(self) -> str:
        return self.url.partition("://")[0]

    def __str__(self) -> str:
        return self.url.rstrip("/")

    def read(self, name: str) -> bytes | None:
        """A file's content; None if there is no such file."""
        with self._opened("read", name) as (system, path):
            try:
                content: bytes = system.cat_file(path)
            except FileNotFoundError:
                return None
        return content

    def sizes(self, folder: str = "") -> dict[str, int]:
        """The bytes of all files in or below a folder, by their names relative to it; {} if there are none."""
        with self._opened("list", folder) as (system, path):
            system.invalidate_cache()  # others write there, too
            try:
                found = system.find(path, detail=True)
            except FileNotFoundError:
                return {}
            top = PurePosixPath(system._strip_protocol(path))
            return {
                str(PurePosixPath(system._strip_protocol(one)).relative_to(top)): int(told["size"])
                for one, told in found.items()
            }

    def write(self, name: str, content: bytes) -> None:
        """Write a file, in place of one that is there."""
        with self._written(name, len(content)) as (system, path):
            system.pipe_file(path, content)

    def send(self, file: Path, name: str) -> None:
        """Copy a file of this machine, in place of one that is there."""
        with self._written(name, file.stat().st_size) as (system, path):
            system.put_file(str(file), path)

    def remove(self, name: str) -> None:
        """Remove a file, which may be gone already."""
        with self._opened("remove", name) as (system, path):
            try:
                system.rm_file(path)
            except FileNotFoundError:
                return

    @contextmanager
    def _written(self, name: str, size: int) -> Iterator[tuple[Any, str]]:
        """See that a file comes whole; where there are folders, its own is made."""
        with self._opened("write", name) as (system, path):
            if self.protocol not in _BUCKETS:
                system.makedirs(path.rpartition("/")[0], exist_ok=True)
            yield system, path
            system.invalidate_cache()
            there = int(system.info(path)["size"])
            if there != size:
                raise OSError(f"{there} bytes came of {size}")

    @contextmanager
    def _opened(self, what: str, name: str) -> Iterator[tuple[Any, str]]:
        """fsspec's file system and the path in it of a name; its errors, of many kinds, as one of ours."""
        whole = f"{self}/{name}" if name else str(self)
        try:
            yield self._resolved(whole)
        except UsageError:
            raise
        except Exception as error:
            reason = str(error) or type(error).__name__
            raise OutputError(
                f"cannot {what} {whole}: {reason}; see that it exists, and that the environment holds the "
                "right to it"
            ) from error

    def _resolved(self, whole: str) -> tuple[Any, str]:
        import fsspec

        try:
            system, path = fsspec.core.url_to_fs(whole)
        except (ImportError, ValueError) as error:  # no package for it; no such protocol
            if isinstance(error, ImportError) and self.protocol in {"s3", "s3a"}:
                raise MissingExtraError(str(self), "s3") from error
            raise UsageError(f"cannot use {self}: {error}") from error
        return system, path
