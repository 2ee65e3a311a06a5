from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deepvein.core.errors import InputError
from deepvein.node.expiry import CertificateWatch, expiries, last_moment
from deepvein.node.metrics import exposition
from deepvein.node.receiver import ReceiverSettings
from deepvein.node.sender import DicomPeer
from deepvein.node.settings import DestinationSettings, NodeSettings, WebSettings

END = datetime(2031, 2, 3, 4, 5, 6, tzinfo=UTC)


def value(kind: int, *parts: bytes) -> bytes:
    """A value in DER."""
    content = b"".join(parts)
    size = len(content)
    head = bytes([size]) if size < 128 else bytes([0x82, size >> 8, size & 255])
    return bytes([kind]) + head + content


def pem(end: datetime, general: bool = False, version: bool = True) -> str:
    """What of a certificate is looked at."""
    form, kind = ("%Y%m%d%H%M%SZ", 0x18) if general else ("%y%m%d%H%M%SZ", 0x17)
    validity = value(0x30, value(0x17, b"200101000000Z"), value(kind, end.strftime(form).encode()))
    signed = value(
        0x30,
        value(0xA0, value(2, b"\2")) if version else b"",
        value(2, b"\7" * 20),
        value(0x30, value(6, b"\x2a\3")),
        value(0x30, b"\x31\0" * 70),
        validity,
        value(0x30),
    )
    der = value(0x30, signed, value(0x30), value(3, b"\0" * 9))
    lines = base64.encodebytes(der).decode()
    return f"-----BEGIN CERTIFICATE-----\n{lines}-----END CERTIFICATE-----\n"


@pytest.mark.parametrize("general", [False, True])
@pytest.mark.parametrize("version", [False, True])
def test_the_end_is_read(tmp_path, general, version):
    (tmp_path / "a.crt").write_text(pem(END, general, version))
    assert last_moment(tmp_path / "a.crt") == END


def test_the_first_of_a_chain_to_end_counts(tmp_path):
    (tmp_path / "a.crt").write_text("a comment\n" + pem(END) + pem(END - timedelta(days=3)))
    assert last_moment(tmp_path / "a.crt") == END - timedelta(days=3)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----",
        pem(END).replace("M", "N"),
    ],
)
def test_what_is_none_is_told(tmp_path, text):
    (tmp_path / "a.crt").write_text(text)
    with pytest.raises(InputError, match=r"a\.crt holds no certificate"):
        last_moment(tmp_path / "a.crt")


@pytest.fixture
def settings(tmp_path: Path) -> NodeSettings:
    (tmp_path / "soon.crt").write_text(pem(END))
    (tmp_path / "later.crt").write_text(pem(END + timedelta(days=300)))
    peers = (
        DicomPeer("pacs", "h", 1, "P", tls=True, certificate=tmp_path / "later.crt"),
        DicomPeer("plain", "h", 1, "P", certificate=tmp_path / "soon.crt"),
    )
    return NodeSettings(
        tmp_path,
        receiver=ReceiverSettings(certificate=tmp_path / "soon.crt"),
        web=WebSettings(certificate=tmp_path / "missing.crt"),
        destinations=DestinationSettings(dicom=peers),
    )


def test_all_doors_are_looked_at_and_told_before_it_is_too_late(settings, caplog):
    moment = END - timedelta(days=12)
    found = expiries(settings, moment)
    assert [(one.used_by, one.days_left) for one in found] == [
        ("the receiver", 12.0),
        ("destination pacs", 312.0),
    ]
    assert str(found[0]) == "the certificate of the receiver ends in 12 days"
    assert not CertificateWatch(settings, lambda: moment).step()
    assert [(one.used_by, one.days_left) for one in caplog.records] == [("the receiver", 12.0)]
    CertificateWatch(settings, lambda: END + timedelta(hours=1)).step()
    assert caplog.records[-1].getMessage() == "a certificate has ended"
    late = expiries(settings, END + timedelta(hours=1))[0]
    assert str(late) == "the certificate of the receiver has ended"
    assert late.is_soon


def test_prometheus_sees_the_days(settings, database):
    text = exposition(database, settings)[1].decode()
    assert 'deepvein_certificate_days_left{used_by="destination pacs"}' in text
