"""TLS with certificates of a hospital's own authority: DCMTK and browsers come in, strangers do not."""

from __future__ import annotations

import socket
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from http.client import HTTPSConnection
from pathlib import Path

import pytest
from sqlalchemy import select

from deepvein.node.database.columns import now
from deepvein.node.database.database import Database, database_url, open_database
from deepvein.node.database.schema import InstanceRow
from deepvein.node.expiry import last_moment
from deepvein.node.parcel import Outgoing, Parcel
from deepvein.node.receiver import Receiver, ReceiverSettings
from deepvein.node.sender import DicomPeer, DicomSender
from deepvein.node.settings import NodeSettings, WebSettings
from deepvein.node.store import Store
from deepvein.node.web.server import WebServer
from peers.certificates import Authority, Certificate
from peers.orthanc import free_ports
from peers.programs import call, find
from unit.node.instances import image, save, wait_for


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"), "hospital")


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"), "stranger")


@pytest.fixture(scope="module")
def node(hospital: Authority) -> Certificate:
    return hospital.issue("node")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(database_url("", tmp_path))
    yield opened
    opened.close()


@pytest.fixture
def receiver(
    database: Database, tmp_path: Path, hospital: Authority, node: Certificate
) -> Iterator[Receiver]:
    """One that asks senders who they are."""
    settings = ReceiverSettings(
        port=0, certificate=node.certificate, key=node.key, ca=hospital.ca, silence_s=10.0
    )
    made = Receiver(settings, database, Store(tmp_path))
    made.start()
    yield made
    made.stop()


def as_client(own: Certificate, trusted: Authority) -> list[str | Path]:
    return ["+tls", own.key, own.certificate, "+cf", trusted.ca]


def kept(database: Database) -> int:
    with database.reading() as session:
        return len(session.scalars(select(InstanceRow)).all())


def test_dcmtk_sends_with_a_certificate_of_the_hospital(
    database: Database, receiver: Receiver, hospital: Authority, tmp_path: Path
) -> None:
    path = save(image(1, 1), tmp_path / "sent" / "1.dcm")
    client = as_client(hospital.issue("scanner"), hospital)
    call("echoscu", *client, "127.0.0.1", str(receiver.port))
    call("storescu", *client, "127.0.0.1", str(receiver.port), path)
    wait_for(lambda: kept(database) == 1)


@pytest.mark.parametrize("how", ["plain", "no certificate", "another authority"])
def test_whoever_has_none_is_refused_and_costs_the_others_nothing(
    receiver: Receiver, hospital: Authority, stranger: Authority, how: str
) -> None:
    options: dict[str, list[str | Path]] = {
        "plain": [],
        "no certificate": ["+tla", "+cf", hospital.ca],
        "another authority": as_client(stranger.issue("scanner"), hospital),
    }
    refused = [find("echoscu"), *options[how], "127.0.0.1", str(receiver.port)]
    done = subprocess.run(refused, capture_output=True, timeout=120, check=False)
    assert done.returncode != 0
    client = as_client(hospital.issue("scanner"), hospital)
    call("echoscu", *client, "127.0.0.1", str(receiver.port))


def test_a_caller_who_says_nothing_keeps_nobody_waiting(
    receiver: Receiver, hospital: Authority
) -> None:
    """The door is not held by who stands in it: the handshake is no matter of the one who opens."""
    client = as_client(hospital.issue("scanner"), hospital)
    with socket.create_connection(("127.0.0.1", receiver.port)):
        call("echoscu", "-to", "60", *client, "127.0.0.1", str(receiver.port))


def test_a_sender_with_a_certificate_delivers_to_dcmtk_and_trusts_no_stranger(
    hospital: Authority, stranger: Authority, node: Certificate, tmp_path: Path
) -> None:
    (port,) = free_ports(1)
    path = save(image(1, 1), tmp_path / "sent" / "1.dcm")
    (tmp_path / "archive").mkdir()
    archive = as_client(hospital.issue("archive"), hospital)
    process = subprocess.Popen(
        [find("storescp"), *archive, "-od", tmp_path / "archive", str(port)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_for(lambda: is_open(port))
        told: list[str] = []
        outgoing = Outgoing(str(image(1, 1).SOPInstanceUID), str(image(1, 1).SOPClassUID), path)
        parcel = Parcel(1, "1.2", "", "dvt", 0.5, 1, (outgoing,))
        peer = DicomPeer(
            "pacs", "127.0.0.1", port, "ANY", timeout_s=30.0, tls=True, ca=stranger.ca,
            certificate=node.certificate, key=node.key,
        )  # fmt: skip
        refused = DicomSender(peer).send(parcel, lambda uid, status: told.append(uid))
        assert "could not be reached (its certificate is not accepted: " in refused
        assert told == []
        trusted = DicomSender(replace(peer, ca=hospital.ca))
        assert trusted.send(parcel, lambda uid, status: told.append(uid)) == ""
        assert told == [outgoing.uid]
        assert len(list((tmp_path / "archive").iterdir())) == 1
    finally:
        process.terminate()
        process.wait()


def is_open(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def test_the_page_is_served_by_https(
    database: Database, tmp_path: Path, hospital: Authority, stranger: Authority, node: Certificate
) -> None:
    web = WebSettings(port=0, certificate=node.certificate, key=node.key)
    server = WebServer(NodeSettings(tmp_path, web=web), database)
    server.start()
    try:
        trusting = ssl.create_default_context(cafile=str(hospital.ca))
        connection = HTTPSConnection("127.0.0.1", server.port, context=trusting, timeout=60)
        connection.request("GET", "/healthz")
        assert connection.getresponse().status == 200
        connection.close()
        doubting = ssl.create_default_context(cafile=str(stranger.ca))
        connection = HTTPSConnection("127.0.0.1", server.port, context=doubting, timeout=60)
        with pytest.raises(ssl.SSLCertVerificationError):
            connection.request("GET", "/healthz")
        connection.close()
    finally:
        server.stop()


def test_an_expired_certificate_of_the_archive_is_told(hospital: Authority, tmp_path: Path) -> None:
    """So that nobody looks for a broken line at night."""
    (port,) = free_ports(1)
    archive = as_client(hospital.issue("archive", days=-1), hospital)
    process = subprocess.Popen(
        [find("storescp"), *archive, "-ic", str(port)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_for(lambda: is_open(port))
        peer = DicomPeer("pacs", "127.0.0.1", port, "ANY", tls=True, ca=hospital.ca)
        outgoing = Outgoing("1.2", str(image(1, 1).SOPClassUID), tmp_path / "1.dcm")
        parcel = Parcel(1, "1.2", "", "dvt", 0.5, 1, (outgoing,))
        said = DicomSender(peer).send(parcel, lambda *_: None)
        assert "its certificate is not accepted: certificate has expired" in said
    finally:
        process.terminate()
        process.wait()


def test_the_end_of_a_certificate_is_read_as_openssl_wrote_it(hospital: Authority) -> None:
    days = (
        last_moment(hospital.issue("short", days=20).certificate) - now()
    ).total_seconds() / 86400
    assert 19 < days < 21
