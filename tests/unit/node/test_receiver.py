from __future__ import annotations

import errno
import os
import shutil
import socket
import struct
import threading
from io import BytesIO

import pytest
from pydicom import dcmread
from pydicom.filewriter import write_file_meta_info
from pydicom.uid import (
    CTImageStorage,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGLosslessSV1,
)
from pynetdicom import AE
from sqlalchemy import select

from deepvein.core.errors import UsageError
from deepvein.node.arrival import Arrival
from deepvein.node.arrivals import Arrivals
from deepvein.node.belonging import MARK, claim
from deepvein.node.database.schema import InstanceRow, QuarantinedRow, SendingRow, StudyRow
from deepvein.node.receiver import Peer, Receiver, ReceiverSettings, _locked, is_loopback
from deepvein.node.store import ARRIVING
from unit.node.instances import image, wait_for


@pytest.fixture
def listening(database, store):
    """Start a receiver; it is stopped after the test."""
    started = []

    def start(**settings) -> Receiver:
        made = Receiver(ReceiverSettings(port=0, **settings), database, store)
        started.append(made)
        made.start()
        return made

    yield start
    for one in started:
        one.stop()


def associate(port, title="SCANNER", syntaxes=(ExplicitVRLittleEndian,), called="DEEPVEIN"):
    entity = AE(ae_title=title)
    entity.add_requested_context(CTImageStorage, list(syntaxes))
    entity.add_requested_context("1.2.840.10008.1.1")
    return entity.associate("127.0.0.1", port, ae_title=called)


def send(port: int, *images, **options) -> list[int]:
    association = associate(port, **options)
    assert association.is_established
    statuses = [association.send_c_store(one).Status for one in images]
    association.release()
    return statuses


def rows(database, table):
    with database.reading() as session:
        return session.scalars(select(table).order_by(table.id)).all()


def test_echo_and_store(database, store, listening):
    receiver = listening()
    association = associate(receiver.port)
    assert association.send_c_echo().Status == 0x0000
    association.release()
    assert send(receiver.port, image(1, 1), image(1, 2)) == [0, 0]
    wait_for(lambda: len(rows(database, InstanceRow)) == 2)
    assert rows(database, StudyRow)[0].calling_ae == "SCANNER"
    wait_for(lambda: rows(database, SendingRow) == [])


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
@pytest.mark.parametrize("number", [7, 42])  # UIDs of even and odd length
def test_what_was_sent_is_a_file_of_its_own(database, store, listening, syntax, number):
    receiver = listening()
    sent = image(1, number)
    sent.file_meta.TransferSyntaxUID = syntax
    assert send(receiver.port, sent, syntaxes=(syntax,)) == [0]
    wait_for(lambda: rows(database, InstanceRow))
    path = store.absolute(rows(database, InstanceRow)[0].path)
    wait_for(path.is_file)
    kept = dcmread(path)
    assert kept == sent
    meta = kept.file_meta
    assert meta.MediaStorageSOPClassUID == sent.SOPClassUID
    assert meta.MediaStorageSOPInstanceUID == sent.SOPInstanceUID
    assert meta.TransferSyntaxUID == syntax
    # With a group length that leads to the data set.
    written = BytesIO()
    write_file_meta_info(written, meta, enforce_standard=False)
    assert path.read_bytes()[128:].startswith(b"DICM" + written.getvalue())


def test_the_instance_is_on_the_disk_when_the_sender_hears_yes(
    database, store, listening, monkeypatch
):
    synced, seen, kept = [], [], Arrival.kept
    monkeypatch.setattr(Arrival, "kept", lambda self: (kept(self), synced.append(self.path)))
    monkeypatch.setattr(Arrivals, "_entered", lambda self, batch: True)
    receiver = listening()
    association = associate(receiver.port)
    for number in range(3):
        association.send_c_store(image(1, number))
        seen.append((len(synced), synced[-1].is_file()))
    association.release()
    assert seen == [(1, True), (2, True), (3, True)]


def test_what_was_said_yes_to_but_not_entered_is_entered_at_the_next_start(
    database, store, listening, monkeypatch
):
    with monkeypatch.context() as patch:
        patch.setattr(Arrivals, "_entered", lambda self, batch: True)
        first = listening()
        assert send(first.port, image(1, 1)) == [0]
        first.stop()
    (whole,) = first.folder.glob("*.dcm")
    (first.folder / f"{'0' * 64}-half.dcm").write_bytes(whole.read_bytes()[:-1])
    (first.folder / "half.part").write_bytes(whole.read_bytes()[:-1])
    assert rows(database, InstanceRow) == []
    listening()
    assert len(rows(database, InstanceRow)) == 1
    assert rows(database, QuarantinedRow) == []
    assert [path.name for path in first.folder.iterdir()] == [".lock"]


def test_a_full_disk_is_told_the_sender_and_leaves_nothing(database, store, listening, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    receiver = listening()
    with monkeypatch.context() as patch:
        patch.setattr(Arrival, "kept", full)
        assert send(receiver.port, image(1, 1)) == [0xA700]
    assert list(receiver.folder.glob("*.*")) == [receiver.folder / ".lock"]
    assert send(receiver.port, image(1, 1)) == [0]
    wait_for(lambda: len(rows(database, InstanceRow)) == 1)


def test_an_instance_that_cannot_be_used_is_kept_and_the_rest_goes_on(database, store, listening):
    receiver = listening()
    odd = image(1, 1, StudyInstanceUID="")
    assert send(receiver.port, odd, image(1, 2)) == [0, 0]
    wait_for(lambda: len(rows(database, InstanceRow)) == 1)
    assert "StudyInstanceUID" in rows(database, QuarantinedRow)[0].reason


def test_explicit_little_endian_is_chosen_of_what_a_sender_offers(listening):
    receiver = listening()
    association = associate(
        receiver.port, syntaxes=(ImplicitVRLittleEndian, JPEGLosslessSV1, ExplicitVRLittleEndian)
    )
    chosen = [context.transfer_syntax for context in association.accepted_contexts]
    association.release()
    assert chosen[0] == [ExplicitVRLittleEndian]


@pytest.mark.parametrize(
    ("title", "called", "accepted"),
    [("SCANNER", "DEEPVEIN", True), ("OTHER", "DEEPVEIN", False), ("SCANNER", "PACS", False)],
)
def test_only_known_peers_who_mean_us_come_in(listening, caplog, title, called, accepted):
    receiver = listening(peers=(Peer("SCANNER"),), only_called=True)
    association = associate(receiver.port, title=title, called=called)
    assert association.is_established is accepted
    if accepted:
        association.release()
    else:
        told = wait_for(lambda: [one for one in caplog.records if "rejected" in one.message])[0]
        assert (told.calling, told.called, told.address) == (title, called, "127.0.0.1")
        assert "AE title not recognised" in told.reason
    wait_for(lambda: not receiver._ends)


def test_a_peer_from_another_address_is_refused(database, listening, caplog):
    receiver = listening(peers=(Peer("SCANNER", "10.1.2.3"),))
    assert send(receiver.port, image(1, 1)) == [0x0124]
    assert [one.address for one in caplog.records if "address" in one.message] == ["127.0.0.1"]
    assert list(receiver.folder.glob("*.dcm")) == []


@pytest.mark.parametrize(
    ("address", "status"),
    [("127.0.0.0/8", 0), ("127.0.0.1", 0), ("", 0), ("10.0.0.0/8", 0x0124), ("::1", 0x0124)],
)
def test_a_peer_may_have_any_address_of_a_network(listening, address, status):
    receiver = listening(peers=(Peer("SCANNER", address), Peer("OTHER", "127.0.0.1")))
    assert send(receiver.port, image(1, 1)) == [status]


def test_an_address_is_known_in_the_other_notation_too():
    """As a receiver at `::` has those of IPv4."""
    assert Peer("CT1", "10.1.2.3").may_call_from("::ffff:10.1.2.3")
    assert not Peer("CT1", "10.1.2.3").may_call_from("::ffff:10.1.2.4")


def test_the_whole_network_is_not_let_in_unasked(database, store):
    receiver = Receiver(ReceiverSettings(host="0.0.0.0", port=0), database, store)  # noqa: S104
    with pytest.raises(UsageError, match="name the peers"):
        receiver.start()


def test_what_a_receiver_left_that_has_another_name_now_is_taken_in(
    database, store, listening, monkeypatch
):
    """The name was changed in the settings, or its machine is gone; one that works is left alone."""

    def leave(name: str, number: int) -> None:
        before = Receiver(ReceiverSettings(port=0, name=name), database, store)
        with monkeypatch.context() as patch:
            patch.setattr(Arrivals, "_entered", lambda self, batch: True)
            before.start()
            assert send(before.port, image(1, number)) == [0]
            before.stop()

    leave("at work", 1)
    held = _locked(store.arriving("at work"), "at work")
    leave("old", 2)
    assert rows(database, InstanceRow) == []
    listening()
    assert [one.uid for one in rows(database, InstanceRow)] == [image(1, 2).SOPInstanceUID]
    assert len(list(store.arriving("at work").glob("*.dcm"))) == 1
    os.close(held)


def test_two_receivers_of_one_name_do_not_share_a_folder(listening):
    listening()
    with pytest.raises(UsageError, match="another receiver called 'receiver'"):
        listening()


def test_a_port_that_is_taken_is_told(database, store, listening):
    first = listening()
    second = Receiver(ReceiverSettings(port=first.port, name="second"), database, store)
    with pytest.raises(UsageError, match="cannot listen"):
        second.start()


@pytest.mark.parametrize(
    ("host", "only"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("pacs", False)],  # noqa: S104
)
def test_loopback_is_told(host, only):
    assert is_loopback(host) is only


def test_many_associations_at_once_lose_nothing(database, store, listening):
    """Twenty senders of small images, two to a study."""
    receiver = listening()
    results: list[list[int]] = []

    def work(sender: int) -> None:
        images = [image(sender // 2, number, series=sender) for number in range(10)]
        results.append(send(receiver.port, *images))

    threads = [threading.Thread(target=work, args=(sender,)) for sender in range(20)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert results == [[0] * 10] * 20
    wait_for(lambda: len(rows(database, InstanceRow)) == 200)
    assert [one.instance_count for one in rows(database, StudyRow)] == [20] * 10
    wait_for(lambda: rows(database, SendingRow) == [])


def test_many_may_call_while_nobody_answers(listening, monkeypatch):
    """Twenty modalities and more connect while the machine is busy; none is turned away by the system."""
    receiver, go_on = listening(), threading.Event()
    answer = receiver._server._handle_request_noblock
    monkeypatch.setattr(
        receiver._server, "_handle_request_noblock", lambda: go_on.wait(30.0) and answer()
    )
    try:
        calls = [socket.create_connection(("127.0.0.1", receiver.port), 2.0) for _ in range(50)]
    finally:
        go_on.set()
    for one in calls:
        one.close()


def test_who_only_looks_whether_the_port_answers_takes_no_place(listening):
    """As balancers and monitors do, every few seconds."""
    receiver = listening(associations=2)
    for _ in range(6):
        socket.create_connection(("127.0.0.1", receiver.port), 2.0).close()
    wait_for(lambda: not receiver._server.active_associations, 5.0)
    assert send(receiver.port, image(1, 1)) == [0]


def test_who_keeps_silent_takes_no_place(listening):
    """As firewalls leave connections behind, and as TLS begins that never comes about."""
    receiver = listening(associations=2)
    silent = [socket.create_connection(("127.0.0.1", receiver.port), 5.0) for _ in range(4)]
    wait_for(lambda: len(receiver._server.active_associations) == 4)
    assert send(receiver.port, image(1, 1)) == [0]
    first, second = associate(receiver.port), associate(receiver.port)
    assert associate(receiver.port).is_rejected  # the limit holds for who has asked
    first.release()
    second.release()
    for one in silent:
        one.close()


def test_who_looks_and_resets_is_no_failure(listening, caplog):
    """As some balancers do: they save themselves the end of the connection."""
    receiver = listening()
    for _ in range(3):
        looking = socket.create_connection(("127.0.0.1", receiver.port), 5.0)
        wait_for(lambda: receiver._server.active_associations)
        looking.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        looking.close()
        wait_for(lambda: not receiver._server.active_associations)
    assert [one for one in caplog.records if one.levelname in ("WARNING", "ERROR")] == []


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (b"GET /healthz HTTP/1.1\r\nHost: node\r\nUser-Agent: monitor\r\n\r\n", "no DICOM"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(90)), "TLS"),
    ],
)
def test_who_speaks_something_else_is_told_once_and_let_go(listening, caplog, sent, reason):
    receiver = listening()
    with socket.create_connection(("127.0.0.1", receiver.port), 5.0) as other:
        other.sendall(sent)
        answer = b""
        while piece := other.recv(100):
            answer += piece
    assert answer[:1] in (b"", b"\x07")  # an abort, or nothing
    wait_for(lambda: not receiver._server.active_associations)
    (told,) = [one for one in caplog.records if one.levelname in ("WARNING", "ERROR")]
    assert told.address == "127.0.0.1"
    assert reason in told.reason
    assert send(receiver.port, image(1, 1)) == [0]


def test_a_call_that_has_asked_for_nothing_yet_ends_with_the_node(listening, caplog):
    """An abort would fail in the thread that waits for its request, which counts as a failure here."""
    receiver = listening()
    with socket.create_connection(("127.0.0.1", receiver.port), 5.0) as silent:
        server = receiver._server
        wait_for(lambda: server.active_associations)
        receiver.stop()
        wait_for(lambda: not server.active_associations)
        assert silent.recv(1) == b""
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


def test_a_folder_that_is_removed_is_made_anew_where_the_node_is(
    database, store, listening, caplog
):
    receiver = listening()
    claim(database, store.folder)
    assert send(receiver.port, image(1, 1)) == [0]
    wait_for(lambda: len(rows(database, InstanceRow)) == 1)
    shutil.rmtree(store.folder / ARRIVING)
    assert send(receiver.port, image(1, 2)) == [0]
    wait_for(lambda: len(rows(database, InstanceRow)) == 2)
    assert "it is made anew" in caplog.text
    with pytest.raises(UsageError, match="another receiver called"):  # and it is this one's alone
        _locked(receiver.folder, "receiver")


def test_nothing_is_written_where_the_disk_of_the_node_is_away(database, store, listening, caplog):
    """Its sender hears that there is no room, and keeps the image."""
    receiver = listening()
    claim(database, store.folder)
    mark = (store.folder / MARK).rename(store.folder / "mark-away")
    away = (store.folder / ARRIVING).rename(store.folder / "away")
    assert send(receiver.port, image(1, 1)) == [0xA700]
    assert not (store.folder / ARRIVING).exists()
    assert "the folder is gone" in caplog.text
    mark.rename(store.folder / MARK)
    away.rename(store.folder / ARRIVING)
    assert send(receiver.port, image(1, 1)) == [0]
    wait_for(lambda: len(rows(database, InstanceRow)) == 1)


def test_a_folder_that_takes_nothing_is_told_the_sender(store, listening, monkeypatch):
    receiver = listening()

    def refused(*_):
        raise PermissionError(errno.EACCES, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(Arrival, "__init__", refused)
        assert send(receiver.port, image(1, 1)) == [0xA700]
    assert send(receiver.port, image(1, 1)) == [0]
