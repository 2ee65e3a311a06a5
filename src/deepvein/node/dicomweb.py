"""Results go to an archive by STOW-RS; the answer's lists count, whatever its status.

dicomweb-client raises on statuses such as 409 before anybody sees which objects were stored, and writes data
sets anew; so the request is made here, of the files as they are.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deepvein.node.parcel import Accepted, Parcel
from deepvein.node.secret import read_secret
from deepvein.node.unreachable import why

if TYPE_CHECKING:
    from requests import Response

_STORED, _FAILED = "00081199", "00081198"
_UID, _REASON = "00081155", "00081197"


@dataclass(frozen=True)
class DicomwebPeer:
    """An archive that takes STOW-RS.

    url: the service's root, below which /studies lies. authorization_file: holds the Authorization header,
    such as "Bearer …". ca: PEM file in place of the system's authorities.
    """

    name: str
    url: str
    authorization_file: Path | None = None
    ca: Path | None = None
    timeout_s: float = 60.0


@dataclass(frozen=True)
class DicomwebSender:
    """Sends to one `DicomwebPeer`."""

    peer: DicomwebPeer

    @property
    def name(self) -> str:
        """The destination's name in the settings."""
        return self.peer.name

    @property
    def takes_objects(self) -> bool:
        """It does."""
        return True

    @property
    def commits(self) -> bool:
        """STOW-RS knows no storage commitment."""
        return False

    def send(self, parcel: Parcel, accepted: Accepted) -> str:
        """Send all objects in one request; see `Destination`."""
        import requests

        boundary = uuid.uuid4().hex
        body = b"".join(
            b"--%b\r\nContent-Type: application/dicom\r\n\r\n%b\r\n"
            % (boundary.encode(), one.path.read_bytes())
            for one in parcel.objects
        )
        kind = f'multipart/related; type="application/dicom"; boundary={boundary}'
        headers = {"Content-Type": kind, "Accept": "application/dicom+json"}
        if self.peer.authorization_file is not None:
            headers["Authorization"] = read_secret(self.peer.authorization_file)
        try:
            answer = requests.post(
                f"{self.peer.url.rstrip('/')}/studies",
                data=body + b"--%b--\r\n" % boundary.encode(),
                headers=headers,
                timeout=self.peer.timeout_s,
                verify=True if self.peer.ca is None else str(self.peer.ca),
                allow_redirects=False,
            )
        except requests.RequestException as error:
            return f"{self.peer.name} could not be reached ({why(error)})"
        return self._read(answer, accepted)

    def _read(self, answer: Response, accepted: Accepted) -> str:
        try:
            lists = answer.json()
        except ValueError:
            lists = None
        if not isinstance(lists, dict):
            return f"{self.peer.name} answered {answer.status_code} without telling what it stored"
        for item in _items(lists, _STORED):
            accepted(str(_value(item, _UID)), 0)
        refused = [
            f"{_value(item, _UID)} was refused ({_code(_value(item, _REASON))})"
            for item in _items(lists, _FAILED)
        ]
        if not refused and not answer.ok:
            return f"{self.peer.name} answered {answer.status_code}"
        return "; ".join(refused)


def _items(lists: dict[str, Any], tag: str) -> list[dict[str, Any]]:
    return [item for item in lists.get(tag, {}).get("Value", ()) if isinstance(item, dict)]


def _value(item: dict[str, Any], tag: str) -> Any:
    return (item.get(tag, {}).get("Value") or [""])[0]


def _code(reason: Any) -> str:
    return f"0x{reason:04X}" if isinstance(reason, int) else str(reason or "no reason given")
