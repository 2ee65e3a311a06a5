"""Results go to an archive by C-STORE; every object's own response counts, nothing else."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deepvein.node.calling import prepare
from deepvein.node.parcel import Accepted, Outgoing, Parcel
from deepvein.node.tls import client_context
from deepvein.node.unreachable import why

_EXPLICIT_LITTLE, _IMPLICIT_LITTLE = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2"


@dataclass(frozen=True)
class DicomPeer:
    """An archive that takes C-STORE.

    calling_ae: what the node calls itself there. tls: encrypt, with `ca` instead of the system's authorities
    and `certificate` and `key` if the peer asks who we are (PEM files). timeout_s: how long it may be silent.
    """

    name: str
    host: str
    port: int
    ae_title: str
    calling_ae: str = "DEEPVEIN"
    commitment: bool = False
    timeout_s: float = 60.0
    tls: bool = False
    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None


@dataclass(frozen=True)
class DicomSender:
    """Sends to one `DicomPeer`."""

    peer: DicomPeer

    @property
    def takes_objects(self) -> bool:
        """It does."""
        return True

    @property
    def name(self) -> str:
        """The destination's name in the settings."""
        return self.peer.name

    @property
    def commits(self) -> bool:
        """As the settings say."""
        return self.peer.commitment

    def send(self, parcel: Parcel, accepted: Accepted) -> str:
        """Send each object; see `Destination`."""
        peer = self.peer
        try:
            association = associate(peer, sorted({one.sop_class for one in parcel.objects}))
        except OSError as error:  # a host that nobody knows
            return f"{_where(peer)} could not be reached ({why(error)})"
        if not association.is_established:
            return _why_not(association, peer)
        refused: list[str] = []
        try:
            for one in parcel.objects:
                problem = _stored(association, one, accepted)
                if problem:
                    refused.append(problem)
                if not association.is_established:
                    refused.append("the association was closed")
                    break
        finally:
            if association.is_established:
                association.release()
        return "; ".join(dict.fromkeys(refused))


def associate(
    peer: DicomPeer, sop_classes: list[str], handlers: list[tuple[Any, Any]] | None = None
) -> Any:
    """An association that asks for these SOP classes; it may not be established. OSError for an unknown host.

    handlers: pynetdicom's, of what the peer asks in it.
    """
    from pynetdicom import AE, build_context, evt

    entity = AE(ae_title=peer.calling_ae)
    entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = peer.timeout_s
    entity.connection_timeout = peer.timeout_s
    # Two contexts each: a peer that takes implicit alone must not refuse the others.
    contexts = [
        build_context(uid, [syntax])
        for uid in sop_classes
        for syntax in (_EXPLICIT_LITTLE, _IMPLICIT_LITTLE)
    ]
    return entity.associate(
        peer.host,
        peer.port,
        contexts=contexts,
        ae_title=peer.ae_title,
        evt_handlers=[(evt.EVT_CONN_OPEN, prepare), *(handlers or [])],
        tls_args=(client_context(peer.ca, peer.certificate, peer.key), peer.host)
        if peer.tls
        else None,
    )


def _stored(association: Any, one: Outgoing, accepted: Accepted) -> str:
    """Send one object; why it was not accepted, empty if it was."""
    try:
        answer = association.send_c_store(one.path)
    except (ValueError, RuntimeError) as error:
        # No accepted context, or the association ended before.
        return f"{one.path.name} cannot be sent: {' '.join(str(error).split())}"
    status = answer.get("Status")
    if status is None:
        return f"{one.path.name} got no answer"
    # Success, or a warning, with which an object is stored too (PS3.4 B.2.3).
    if status == 0x0000 or status >> 12 == 0xB or status in (0x0001, 0x0107, 0x0116):
        accepted(one.uid, status)
        return ""
    comment = answer.get("ErrorComment", "")
    return f"{one.path.name} was refused with 0x{status:04X}" + (f" ({comment})" if comment else "")


def _why_not(association: Any, peer: DicomPeer) -> str:
    where = _where(peer)
    if association.is_rejected:
        primitive = association.acceptor.primitive
        reason = getattr(primitive, "reason_str", "") if primitive else ""
        return f"{where} rejected the association" + (f" ({reason})" if reason else "")
    if association.is_aborted:
        trouble = _trouble(peer)
        return f"{where} could not be reached ({trouble})" if trouble else f"{where} broke off"
    return f"{where} accepted none of our kinds of objects"


def _where(peer: DicomPeer) -> str:
    return f"{peer.ae_title} at {peer.host}:{peer.port}"


def _trouble(peer: DicomPeer) -> str:
    """What stands against a connection; pynetdicom keeps it for itself. Empty where it comes about."""
    try:
        with socket.create_connection((peer.host, peer.port), peer.timeout_s) as connection:
            if peer.tls:
                context = client_context(peer.ca, peer.certificate, peer.key)
                with context.wrap_socket(connection, server_hostname=peer.host):
                    pass
    except OSError as error:
        return why(error)
    return ""
