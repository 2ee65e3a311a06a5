"""Who keeps an image that is sent (`shortcut.Keeper`): on the disk, or not at all."""

from __future__ import annotations

import logging
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from deepvein.core.files import storage_error
from deepvein.node.arrival import Arrival

if TYPE_CHECKING:
    from deepvein.node.shortcut import Incoming

_LOG = logging.getLogger(__name__)

_SUCCESS, NO_ROOM, _CANNOT_PROCESS = 0x0000, 0xA700, 0x0110
"""NO_ROOM: out of resources, whatever is wrong with the disk; its sender keeps the image and sends it again."""


@dataclass(frozen=True)
class Refuser:
    """Keeps nothing, and says why."""

    status: int

    def take(self, piece: bytes | bytearray) -> None:
        """Forget it."""

    def end(self) -> int:
        """The status that was given."""
        return self.status

    def drop(self) -> None:
        """There is nothing to drop."""


class DiskKeeper:
    """Writes an image into a receiver's folder; `kept` hears its path and SHA-256 once it is on the disk."""

    def __init__(self, folder: Path, incoming: Incoming, kept: Callable[[Path, str], None]) -> None:
        self._kept, self._status = kept, _SUCCESS
        self._arrival: Arrival | None = None
        try:
            self._arrival = Arrival(folder)
            self._arrival.write(_preamble(incoming))  # a UID may hold what no file can
        except Exception as error:  # noqa: BLE001  (whatever it is, the sender must hear of it)
            self._fail(error)

    def take(self, piece: bytes | bytearray) -> None:
        """Write it; after the first failure the rest is forgotten."""
        if self._arrival is not None:
            try:
                self._arrival.write(piece)
            except Exception as error:  # noqa: BLE001  (likewise)
                self._fail(error)

    def end(self) -> int:
        """Success, once all is forced to the disk; else what went wrong, and nothing stays."""
        arrival = self._arrival
        if arrival is not None:
            try:
                arrival.kept()
            except Exception as error:  # noqa: BLE001  (likewise)
                self._fail(error)
            else:
                self._kept(arrival.path, arrival.digest)
        return self._status

    def drop(self) -> None:
        """Leave nothing."""
        arrival, self._arrival = self._arrival, None
        if arrival is not None:
            arrival.dropped()

    def _fail(self, error: Exception) -> None:
        self.drop()
        if storage_error(error) is not None:
            _LOG.warning("no room for an instance")
            self._status = NO_ROOM
        elif isinstance(error, OSError):
            reason = error.strerror or type(error).__name__
            _LOG.error("the folder takes no instance", extra={"reason": reason})
            self._status = NO_ROOM
        else:
            _LOG.error("an instance cannot be kept", extra={"error": type(error).__name__})
            self._status = _CANNOT_PROCESS


def _preamble(incoming: Incoming) -> bytes:
    """What stands before the data set in a file: preamble and File Meta Information (PS3.10 7.1).

    Written here, since what the sender says is all that it holds, and libraries take half a millisecond.
    """
    from pynetdicom import PYNETDICOM_IMPLEMENTATION_UID

    def element(number: int, kind: bytes, value: bytes) -> bytes:
        return struct.pack("<HH2sH", 2, number, kind, len(value)) + value

    def uid(number: int, value: str) -> bytes:
        encoded = value.encode("ascii")
        return element(number, b"UI", encoded + b"\0" * (len(encoded) % 2))

    meta = (
        b"\x02\x00\x01\x00OB\x00\x00\x02\x00\x00\x00\x00\x01"  # version 1
        + uid(0x02, incoming.sop_class)
        + uid(0x03, incoming.uid)
        + uid(0x10, incoming.transfer_syntax)
        + uid(0x12, PYNETDICOM_IMPLEMENTATION_UID)
    )
    return b"\0" * 128 + b"DICM" + element(0x00, b"UL", struct.pack("<L", len(meta))) + meta
