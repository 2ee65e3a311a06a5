"""An image on its way to the disk: written and hashed piece by piece, while its sender sends the next one."""

from __future__ import annotations

import contextlib
import hashlib
import os
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from deepvein.core.files import sync

PART = ".part"
"""How a file ends whose sender has not been told that it is here."""

_BESIDE = ThreadPoolExecutor(8, "names")


class Arrival:
    """A file of a receiver's folder, from its first byte until it is forced to the disk.

    After `kept` its name begins with the SHA-256 of its bytes (`digest`): that tells at the next start whether
    it is whole. All methods raise OSError where the disk is full or does not let us; then call `dropped`.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / f"{uuid.uuid4().hex}{PART}"
        self._hash = hashlib.sha256()
        self._opened: int | None = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)

    @property
    def digest(self) -> str:
        """SHA-256 of what was written so far, hexadecimal."""
        return self._hash.hexdigest()

    def write(self, piece: bytes | bytearray) -> None:
        """Write the next bytes."""
        self._hash.update(piece)
        rest = memoryview(piece)
        while rest:
            rest = rest[os.write(self._file, rest) :]

    def kept(self) -> None:
        """Force the file and its name to the disk; both at once, which a disk does in one step."""
        whole = self.path.with_name(f"{self.digest}-{self.path.stem}.dcm")
        os.rename(self.path, whole)
        self.path = whole
        name = _BESIDE.submit(sync, whole.parent)
        try:
            os.fsync(self._file)
        finally:
            name.result()
        self._close()

    def dropped(self) -> None:
        """Leave nothing of it; what a broken disk keeps all the same is for the next start."""
        with contextlib.suppress(OSError):
            self._close()
        with contextlib.suppress(OSError):
            self.path.unlink()

    @property
    def _file(self) -> int:
        if self._opened is None:
            raise ValueError(f"{self.path.name} is closed")
        return self._opened

    def _close(self) -> None:
        opened, self._opened = self._opened, None
        if opened is not None:
            os.close(opened)
