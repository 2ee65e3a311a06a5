"""Bytes as peers may send them, to a receiver; what its files hold afterwards."""

from __future__ import annotations

import socket
import struct
import time
from io import BytesIO

import pytest
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian
from pynetdicom import AE
from sqlalchemy import select

from deepvein.node.database.schema import InstanceRow, SendingRow
from deepvein.node.receiver import Receiver, ReceiverSettings
from unit.node.instances import image, wait_for

CONTEXT = 1


@pytest.fixture
def receiver(database, store):
    made = Receiver(ReceiverSettings(port=0, silence_s=1.0), database, store)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def peer(receiver):
    """A connection with an association that was agreed on, whose bytes the test writes itself."""
    from pynetdicom.pdu import A_ASSOCIATE_RQ
    from pynetdicom.pdu_primitives import (
        A_ASSOCIATE,
        ImplementationClassUIDNotification,
        MaximumLengthNotification,
    )
    from pynetdicom.presentation import build_context

    asked = A_ASSOCIATE()
    asked.application_context_name = "1.2.840.10008.3.1.1.1"
    asked.calling_ae_title, asked.called_ae_title = "SCANNER", "DEEPVEIN"
    longest, ours = MaximumLengthNotification(), ImplementationClassUIDNotification()
    longest.maximum_length_received, ours.implementation_class_uid = 16384, "1.2.3"
    asked.user_information = [longest, ours]
    context = build_context(CTImageStorage, ExplicitVRLittleEndian)
    context.context_id = CONTEXT
    asked.presentation_context_definition_list = [context]
    pdu = A_ASSOCIATE_RQ()
    pdu.from_primitive(asked)
    connection = socket.create_connection(("127.0.0.1", receiver.port))
    connection.settimeout(60.0)
    connection.sendall(pdu.encode())
    assert answer(connection)[0] == 2  # accepted
    yield connection
    connection.close()


def answer(connection: socket.socket) -> tuple[int, bytes]:
    """Type and content of the next PDU; (0, b"") if the connection ends."""
    file = connection.makefile("rb", buffering=0)
    head = BytesIO()
    while head.tell() < 6 and (piece := file.read(6 - head.tell())):
        head.write(piece)
    if head.tell() < 6:
        return 0, b""
    kind, _, size = struct.unpack(">BBL", head.getvalue())
    body = BytesIO()
    while body.tell() < size and (piece := file.read(size - body.tell())):
        body.write(piece)
    return kind, body.getvalue()


def status(connection: socket.socket) -> int:
    kind, body = answer(connection)
    assert kind == 4
    return struct.unpack("<H", body.split(b"\0\0\0\x09\x02\0\0\0", 1)[1][:2])[0]


def pdu(*pieces: bytes) -> bytes:
    body = b"".join(pieces)
    return struct.pack(">BBL", 4, 0, len(body)) + body


def piece(content: bytes, control: int, context: int = CONTEXT) -> bytes:
    return struct.pack(">LBB", len(content) + 2, context, control) + content


def element(number: int, value: bytes) -> bytes:
    return struct.pack("<HHL", 0, number, len(value)) + value


def command(uid: str, sop_class: str = CTImageStorage) -> bytes:
    def padded(text: str) -> bytes:
        return text.encode() + b"\0" * (len(text) % 2)

    elements = (
        element(0x0002, padded(sop_class))
        + element(0x0100, b"\x01\0")
        + element(0x0110, b"\x07\0")
        + element(0x0700, b"\0\0")
        + element(0x0800, b"\x01\0")
        + element(0x1000, padded(uid))
    )
    return element(0x0000, struct.pack("<L", len(elements))) + elements


def encoded(number: int) -> tuple[bytes, bytes]:
    """Command and data set of an image."""
    made = image(1, number)
    written = DicomBytesIO()
    written.is_little_endian, written.is_implicit_VR = True, False
    write_dataset(written, made)
    return command(made.SOPInstanceUID), written.getvalue()


def rows(database, table) -> list:
    with database.reading() as session:
        return list(session.scalars(select(table)))


def kept(database) -> list[InstanceRow]:
    return sorted(rows(database, InstanceRow), key=lambda row: row.uid)


def test_pieces_may_come_in_any_packing(peer, database, store):
    """Command and data in one PDU, the next message in its last PDU, a command in two pieces."""
    (first, data), (second, more), (third, last) = (encoded(number) for number in (1, 2, 3))
    peer.sendall(pdu(piece(first, 3), piece(data[:10], 0), piece(b"", 0)))
    peer.sendall(pdu(piece(data[10:], 2), piece(second, 3), piece(more[:20], 0)))
    assert status(peer) == 0
    peer.sendall(pdu(piece(more[20:], 2)))
    assert status(peer) == 0
    peer.sendall(pdu(piece(third[:30], 1)) + pdu(piece(third[30:], 3)))
    peer.sendall(pdu(piece(last[:7], 0)) + pdu(piece(last[7:], 2)))
    assert status(peer) == 0
    wait_for(lambda: len(kept(database)) == 3)
    for row, sent in zip(kept(database), (data, more, last), strict=True):
        path = store.absolute(row.path)
        wait_for(path.is_file)
        assert path.read_bytes().endswith(sent)


@pytest.mark.parametrize(
    "wrong",
    [
        piece(b"1234", 0, context=3),
        piece(b"1234", 1),
        struct.pack(">LBB", 1, CONTEXT, 0),
        struct.pack(">LBB", 2**31, CONTEXT, 0),
        b"12345",
    ],
    ids=["another context", "a command amid data", "too short", "longer than its PDU", "no header"],
)
def test_what_no_message_can_hold_ends_the_association_and_leaves_nothing(peer, receiver, wrong):
    first, data = encoded(1)
    peer.sendall(pdu(piece(first, 3), piece(data[:10], 0)) + pdu(wrong))
    assert answer(peer)[0] == 7  # abort
    peer.close()
    wait_for(lambda: [path.name for path in receiver.folder.iterdir()] == [".lock"])


@pytest.mark.parametrize("kind", [1, 4])
def test_the_length_that_a_head_says_is_not_believed(peer, receiver, kind):
    peer.sendall(struct.pack(">BBL", kind, 0, 2**32 - 1))
    assert answer(peer)[0] in (0, 7)
    with socket.create_connection(("127.0.0.1", receiver.port)) as stranger:
        stranger.settimeout(60.0)
        stranger.sendall(struct.pack(">BBL", kind, 0, 2**32 - 1))
        assert answer(stranger)[0] in (0, 7)


@pytest.mark.parametrize("cut", [3, 9, -5], ids=["in a head", "in a piece's head", "in a piece"])
def test_who_falls_silent_in_the_middle_is_given_up(peer, receiver, database, cut):
    first, data = encoded(1)
    peer.sendall(pdu(piece(first, 3), piece(data[:10], 0)))
    peer.sendall(pdu(piece(data[10:], 2))[:cut])
    begun = time.monotonic()
    wait_for(lambda: [path.name for path in receiver.folder.iterdir()] == [".lock"])
    assert time.monotonic() - begun < 60.0
    wait_for(lambda: not receiver._server.active_associations)
    assert receiver._ends == {}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_the_end_is_told_also_where_the_reading_thread_fails(peer, receiver, database, monkeypatch):
    first, data = encoded(1)
    peer.sendall(pdu(piece(first, 3)) + pdu(piece(data, 2)))
    assert status(peer) == 0
    wait_for(lambda: rows(database, SendingRow))
    second, more = encoded(2)
    peer.sendall(pdu(piece(second, 3)) + pdu(piece(more[:20], 0)))
    wait_for(lambda: list(receiver.folder.glob("*.part")))
    (association,) = receiver._server.active_associations

    def fail(event: str) -> None:
        raise ValueError(event)

    monkeypatch.setattr(association.dul.state_machine, "do_action", fail)
    peer.close()
    wait_for(lambda: receiver._ends == {})
    wait_for(lambda: rows(database, SendingRow) == [])
    assert [path.name for path in receiver.folder.iterdir()] == [".lock"]


def test_all_else_is_pynetdicom_s(receiver, database):
    entity = AE(ae_title="SCANNER")
    entity.add_requested_context(CTImageStorage)
    entity.add_requested_context("1.2.840.10008.1.1")
    association = entity.associate("127.0.0.1", receiver.port, ae_title="DEEPVEIN")
    assert association.send_c_echo().Status == 0
    assert association.send_c_store(image(1, 1)).Status == 0
    assert association.send_c_echo().Status == 0
    association.release()
    wait_for(lambda: len(kept(database)) == 1)


def test_an_image_of_another_class_than_was_agreed_on_is_not_taken_the_short_way(peer):
    _, data = encoded(1)
    peer.sendall(pdu(piece(command("1.2.3", "1.2.840.10008.1.1"), 3)) + pdu(piece(data, 2)))
    assert answer(peer)[0] in (4, 7)
