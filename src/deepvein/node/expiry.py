"""How long the node's own certificates are good for: one that ends by night shuts a door to all."""

from __future__ import annotations

import logging
import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from deepvein.core.errors import InputError
from deepvein.node.database.columns import now

if TYPE_CHECKING:
    from deepvein.node.settings import NodeSettings

_LOG = logging.getLogger(__name__)

SOON_DAYS = 30.0
"""With fewer days left it is time for a new one."""

_PEM = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_VERSION, _UTC_TIME = 0xA0, 0x17


@dataclass(frozen=True)
class Expiry:
    """A certificate: `used_by` the receiver, the web server, or for a destination; days that are left to it or
    to the first of its chain to end, below 0 if that has ended."""

    used_by: str
    days_left: float

    @property
    def is_soon(self) -> bool:
        """Whether it is time for a new one."""
        return self.days_left < SOON_DAYS

    def __str__(self) -> str:
        """In words."""
        if self.days_left < 0:
            return f"the certificate of {self.used_by} has ended"
        return f"the certificate of {self.used_by} ends in {self.days_left:.0f} days"


def expiries(settings: NodeSettings, moment: datetime | None = None) -> tuple[Expiry, ...]:
    """What the certificates that the settings name still have at a moment (now); unreadable ones are left out,
    since the node does not start with them."""
    moment = moment or now()
    files = {"the receiver": settings.receiver.certificate, "the page": settings.web.certificate}
    for one in settings.destinations.dicom:
        files[f"destination {one.name}"] = one.certificate if one.tls else None
    found = []
    for used_by, path in files.items():
        if path is not None:
            try:
                left = last_moment(path) - moment
            except (OSError, InputError):
                continue
            found.append(Expiry(used_by, left.total_seconds() / 86_400))
    return tuple(found)


def last_moment(path: Path) -> datetime:
    """The end of the first certificate to end in a PEM file (X.509, RFC 5280 4.1.2.5).

    Raises InputError where there is none, OSError where it cannot be read.
    """
    try:
        found = [_end(ssl.PEM_cert_to_DER_cert(one)) for one in _PEM.findall(path.read_text())]
    except (ValueError, IndexError) as error:
        raise InputError(
            f"{path} holds no certificate that can be read: give a PEM file"
        ) from error
    if not found:
        raise InputError(f"{path} holds no certificate: give a PEM file")
    return min(found)


class CertificateWatch:
    """Tells of certificates that end soon, each time it is asked."""

    def __init__(self, settings: NodeSettings, clock: Callable[[], datetime] = now) -> None:
        self.settings, self.clock = settings, clock

    def step(self) -> bool:
        """Look once; False, for there is nothing more to do."""
        for one in expiries(self.settings, self.clock()):
            told = {"used_by": one.used_by, "days_left": round(one.days_left, 1)}
            if one.days_left < 0:
                _LOG.error("a certificate has ended", extra=told)
            elif one.is_soon:
                _LOG.warning("a certificate ends soon", extra=told)
        return False


def _end(certificate: bytes) -> datetime:
    """`notAfter` of a certificate in DER; ValueError or IndexError for anything else."""
    _, whole = _elements(certificate)[0]
    _, signed = _elements(whole)[0]
    fields = [one for one in _elements(signed) if one[0] != _VERSION]
    # Serial number, algorithm, issuer, and then from when until when it is good.
    kind, value = _elements(fields[3][1])[1]
    text = value.decode("ascii")
    if kind == _UTC_TIME:
        text = ("19" if text[:2] >= "50" else "20") + text
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)


def _elements(der: bytes) -> list[tuple[int, bytes]]:
    """Kinds and contents of the values that lie one behind the other in DER."""
    found, at = [], 0
    while at < len(der):
        size, begin = der[at + 1], at + 2
        if size & 0x80:
            begin += size & 0x7F
            size = int.from_bytes(der[at + 2 : begin], "big")
        if begin + size > len(der):
            raise ValueError("a value is longer than what it lies in")
        found.append((der[at], der[begin : begin + size]))
        at = begin + size
    return found
