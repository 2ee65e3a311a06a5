"""Images on a short way: from the connection to who keeps them, past pynetdicom's queues.

pynetdicom opens and ends associations and answers all else. Of an image it would make a hundred small steps
and change threads for every piece; under Python's one lock that takes longer than disk and network together.
Here its reading thread gathers the pieces itself and answers (PS3.7 9.1.1, PS3.8 9.3.5). Whatever is not as
plain as it usually is (a command in several pieces, an odd UID, a context that was not agreed on) is handed
to pynetdicom untouched.
"""

from __future__ import annotations

import logging
import re
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

_LOG = logging.getLogger(__name__)

_KINDS = range(1, 8)
"""The types of PDUs (PS3.8 9.3)."""

_DATA = 4
"""The type of a PDU that carries data."""

_TLS = 0x16
"""How TLS begins: the type of its handshake."""

_COMMAND, _LAST = 1, 2
"""Bits of a piece's header: it belongs to a command; it is its message's last of this kind."""

_STORE, _ANSWER, _NO_DATA_SET = 0x0001, 0x8000, 0x0101
_LONGEST_COMMAND = 4096
_UID = re.compile(rb"([0-9.]{1,64})[\0 ]?")


@dataclass(frozen=True)
class Incoming:
    """An image that is being sent: its SOP Class and Instance UID, and the transfer syntax agreed on."""

    sop_class: str
    uid: str
    transfer_syntax: str


class Keeper(Protocol):
    """Takes the pieces of one data set and nothing after `end`, which gives the status that its sender is told
    (PS3.4 B.2.3), or `drop`: the rest will never come. None of them raises anything."""

    def take(self, piece: bytes | bytearray) -> None: ...

    def end(self) -> int: ...

    def drop(self) -> None: ...


def take_shortcut(association: Any, keeper: Callable[[Incoming], Keeper]) -> Callable[[], None]:
    """Let keepers have the images of an association that has not begun yet; it is a `make_wakeful` one.

    What is given back is to be called at its end.
    """
    reader = _Reader(association, keeper)
    association.dul._read_pdu_data = reader.read
    return reader.drop


class _BrokenRuleError(Exception):
    """The peer sent what no message can hold at this place."""


@dataclass
class _Message:
    """A request to store, and who takes its data set."""

    context: int
    number: int
    incoming: Incoming
    keeper: Keeper

    def answer(self, status: int) -> bytes:
        """The whole PDU that tells the sender."""
        elements = (
            _uid(0x0002, self.incoming.sop_class)
            + _short(0x0100, _STORE | _ANSWER)
            + _short(0x0120, self.number)
            + _short(0x0800, _NO_DATA_SET)
            + _short(0x0900, status)
            + _uid(0x1000, self.incoming.uid)
        )
        command = struct.pack("<HHLL", 0, 0, 4, len(elements)) + elements
        piece = struct.pack(">LBB", len(command) + 2, self.context, _COMMAND | _LAST) + command
        return struct.pack(">BBL", _DATA, 0, len(piece)) + piece


@dataclass
class _Reader:
    """Reads in pynetdicom's place, in its thread."""

    association: Any
    keeper: Callable[[Incoming], Keeper]
    _message: _Message | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self._dul = self.association.dul
        self._read_all_else = self._dul._read_pdu_data

    def read(self) -> None:
        """Read the next PDU; as in the method of pynetdicom, what happened goes into its queue of events."""
        try:
            state = self._dul.state_machine.current_state
            if state == "Sta6":  # data may come
                self._read()
            elif state == "Sta2":  # the request is awaited
                self._read_first()
            elif state == "Sta13":  # it has ended, and its connection will
                self._dul.socket.discard()
            elif state != "Sta1":  # in which pynetdicom has yet to hear that somebody calls
                self._read_all_else()
        except (EOFError, OSError):
            self._dul.event_queue.put("Evt17")  # the connection is closed
        except _BrokenRuleError:
            self._dul.event_queue.put("Evt19")  # an invalid PDU

    def drop(self) -> None:
        """The association has ended."""
        message, self._message = self._message, None
        if message is not None:
            message.keeper.drop()

    def _read_first(self) -> None:
        """Tell of a caller that does not speak DICOM, once; pynetdicom would tell of every sixth byte."""
        connection = self._dul.socket
        try:
            head = connection.recv(6)
        except OSError as error:  # of TLS, mostly
            self._tell_stranger(getattr(error, "reason", None) or str(error))
            raise
        if len(head) == 6 and head[0] not in _KINDS:
            self._tell_stranger("it begins TLS" if head[0] == _TLS else "it speaks no DICOM")
            raise _BrokenRuleError
        connection.unread(head)
        self._read_all_else()

    def _tell_stranger(self, reason: str) -> None:
        address = self.association.requestor.address
        _LOG.warning("a caller was not understood", extra={"address": address, "reason": reason})

    def _read(self) -> None:
        connection = self._dul.socket
        head = connection.recv(6)
        left = int.from_bytes(head[2:], "big")
        if len(head) < 6 or head[0] != _DATA or (self._message is None and left < 6):
            connection.unread(head)
            self._read_all_else()
            return
        if self._message is None:
            left -= self._begin(head, left)
        while left:
            if self._message is None:  # what follows belongs to the next message
                connection.unread(struct.pack(">BBL", _DATA, 0, left))
                return
            left -= self._piece(left)

    def _begin(self, head: bytes, left: int) -> int:
        """Begin a message, and tell how many bytes that took; all of the PDU, where it is for pynetdicom."""
        start = self._exactly(6)
        size, context, control = _piece_head(start)
        command = bytearray()
        if control == _COMMAND | _LAST and 2 <= size <= min(_LONGEST_COMMAND, left - 4):
            command = self._exactly(size - 2)
            self._message = self._request(context, command)
        if self._message is None:
            self._dul.socket.unread(head + start + command)
            self._read_all_else()
            return left
        return 4 + size

    def _piece(self, left: int) -> int:
        """Take a piece of the data set; the bytes that it took. With the last one the message is answered."""
        message = self._message
        if message is None or left < 6:
            raise _BrokenRuleError
        size, context, control = _piece_head(self._exactly(6))
        if not 2 <= size <= left - 4 or context != message.context or control & _COMMAND:
            raise _BrokenRuleError
        message.keeper.take(self._exactly(size - 2))
        if control & _LAST:
            self._message = None
            self._dul.socket.send(message.answer(message.keeper.end()))
        return 4 + size

    def _request(self, context: int, command: bytearray) -> _Message | None:
        """A request to store; None where it is anything else."""
        elements = _elements(command)
        agreed = self.association._accepted_cx.get(context)
        sop_class = _UID.fullmatch(elements.get(0x0002, b""))
        uid = _UID.fullmatch(elements.get(0x1000, b""))
        if (
            agreed is None
            or sop_class is None
            or uid is None
            or sop_class[1].decode() != agreed.abstract_syntax
            or _number(elements, 0x0100) != _STORE
            or _number(elements, 0x0800) in (None, _NO_DATA_SET)
        ):
            return None
        number = _number(elements, 0x0110)
        if number is None:
            return None
        incoming = Incoming(sop_class[1].decode(), uid[1].decode(), agreed.transfer_syntax[0])
        return _Message(context, number, incoming, self.keeper(incoming))

    def _exactly(self, count: int) -> bytearray:
        read: bytearray = self._dul.socket.recv(count)
        if len(read) < count:
            raise EOFError
        return read


def _piece_head(head: bytearray) -> tuple[int, int, int]:
    """Size with the two bytes that follow it, context, and the bits that say what it belongs to."""
    return int.from_bytes(head[:4], "big"), head[4], head[5]


def _elements(command: bytes | bytearray) -> dict[int, bytes]:
    """Values of a command by element number, {} where it is none (implicit VR little endian, group 0)."""
    found, at = {}, 0
    while at + 8 <= len(command):
        group, element, size = struct.unpack_from("<HHL", command, at)
        if group or at + 8 + size > len(command):
            return {}
        found[element] = bytes(command[at + 8 : at + 8 + size])
        at += 8 + size
    return found


def _number(elements: dict[int, bytes], element: int) -> int | None:
    value = elements.get(element, b"")
    return int.from_bytes(value, "little") if len(value) == 2 else None


def _short(element: int, value: int) -> bytes:
    return struct.pack("<HHLH", 0, element, 2, value)


def _uid(element: int, value: str) -> bytes:
    encoded = value.encode("ascii")
    encoded += b"\0" * (len(encoded) % 2)
    return struct.pack("<HHL", 0, element, len(encoded)) + encoded
