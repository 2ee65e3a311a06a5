"""The receiver: C-ECHO and C-STORE; an instance is on the disk before its sender is told yes."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deepvein.core.errors import UsageError
from deepvein.node.arrivals import Arrivals
from deepvein.node.belonging import MARK
from deepvein.node.commitment import PUSH_MODEL, reported
from deepvein.node.entrance import unlist
from deepvein.node.intake import Arrived
from deepvein.node.keeper import NO_ROOM, DiskKeeper, Refuser
from deepvein.node.listening import cannot_listen
from deepvein.node.shortcut import Incoming, Keeper, take_shortcut
from deepvein.node.tls import server_context
from deepvein.node.wakeful import LONGEST_PDU, make_wakeful

if TYPE_CHECKING:
    from collections.abc import Callable

    from deepvein.node.database.database import Database
    from deepvein.node.store import Store

_LOG = logging.getLogger(__name__)

_SUCCESS, _NOT_AUTHORISED = 0x0000, 0x0124
_VERIFICATION = "1.2.840.10008.1.1"
_LOCK = ".lock"

_CALLERS = 128
"""How many may wait for the door; of socketserver's five all others are turned away by the system."""

TRANSFER_SYNTAXES = (
    "1.2.840.10008.1.2.1",  # explicit VR little endian
    "1.2.840.10008.1.2.4.70",  # JPEG lossless, first-order
    "1.2.840.10008.1.2.4.80",  # JPEG-LS lossless
    "1.2.840.10008.1.2.4.90",  # JPEG 2000 lossless
    "1.2.840.10008.1.2.4.201",  # HTJ2K lossless
    "1.2.840.10008.1.2.4.202",  # HTJ2K lossless, resolution first
    "1.2.840.10008.1.2.5",  # RLE
    "1.2.840.10008.1.2.4.57",  # JPEG lossless, any predictor
    "1.2.840.10008.1.2",  # implicit VR little endian
    "1.2.840.10008.1.2.1.99",  # deflated
    "1.2.840.10008.1.2.2",  # explicit VR big endian
    "1.2.840.10008.1.2.4.81",  # JPEG-LS near lossless
    "1.2.840.10008.1.2.4.91",  # JPEG 2000
    "1.2.840.10008.1.2.4.203",  # HTJ2K
    "1.2.840.10008.1.2.4.50",  # JPEG baseline
    "1.2.840.10008.1.2.4.51",  # JPEG extended
)
"""All that are read, in the order in which we like them: of those that a sender offers for one context,
pynetdicom takes the first in this list, not in the sender's."""


@dataclass(frozen=True)
class Peer:
    """Who may send: an AE title, and the address or network (10.1.2.0/24) it comes from, empty for any."""

    ae_title: str
    address: str = ""

    def may_call_from(self, address: str) -> bool:
        """Whether that is an address of this peer."""
        if not self.address:
            return True
        here = ip_address(address)
        if here.version == 6 and here.ipv4_mapped is not None:
            here = here.ipv4_mapped
        return here in ip_network(self.address)


@dataclass(frozen=True)
class ReceiverSettings:
    """Where instances are received.

    host: loopback unless told otherwise. name: of this receiver among those that share a folder. peers: who
    may send, () for everybody, which only loopback allows. only_called: refuse calls to another AE title
    than ours. associations: the most at a time. certificate, key: PEM files for TLS; ca: whose certificates
    senders must show then, None if they need none.
    """

    host: str = "127.0.0.1"
    port: int = 11112
    ae_title: str = "DEEPVEIN"
    name: str = "receiver"
    peers: tuple[Peer, ...] = ()
    only_called: bool = False
    associations: int = 64
    silence_s: float = 60.0
    certificate: Path | None = None
    key: Path | None = None
    ca: Path | None = None


@dataclass
class Receiver:
    """A running receiver between `start` and `stop`; `entered` is called after images were entered."""

    settings: ReceiverSettings
    database: Database
    store: Store
    entered: Callable[[], None] = lambda: None
    _ends: dict[str, Callable[[], None]] = field(default_factory=dict, init=False)
    """What is to be called at the end of an association, by its name."""
    _server: Any = field(default=None, init=False)
    _lock: int | None = field(default=None, init=False)
    _making: threading.Lock = field(default_factory=threading.Lock, init=False)

    def __post_init__(self) -> None:
        name, busy = self.settings.name, lambda: bool(self._ends)
        self._arrivals = Arrivals(name, self.database, self.store, self.entered, busy)

    @property
    def folder(self) -> Path:
        """Where files arrive."""
        return self.store.arriving(self.settings.name)

    @property
    def port(self) -> int:
        """The port that is listened on; a free one if the settings say 0."""
        return int(self._server.server_address[1])

    def start(self) -> None:
        """Enter what a killed receiver left, then listen.

        Raises UsageError where the port is taken, another receiver of this name works in the folder, or the
        whole network could send without being asked who it is.
        """
        settings = self.settings
        if not settings.peers and not is_loopback(settings.host):
            raise UsageError(
                f"the receiver would take images from everybody who reaches {settings.host}: name the peers "
                "that may send ([[receiver.peers]] ae_title = …)"
            )
        self._make_folder()
        self._take_over()
        self._arrivals.start()
        try:
            self._server = self._listening()
        except OSError as error:
            self.stop()
            raise cannot_listen(settings.host, settings.port, error) from error

    def stop(self) -> None:
        """End all associations, enter what has arrived, and let go of the folder."""
        if self._server is not None:
            self._server.shutdown()
            for association in self._server.active_associations:
                _end(association)
            self._server = None
        self._arrivals.stop()
        self._let_go()

    def _make_folder(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._let_go()
        self._lock = _locked(self.folder, self.settings.name)

    def _let_go(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _has_folder(self) -> bool:
        """Whether there is a folder to write to; one that was removed is made anew, where the node's disk is.

        What was written into the place of a disk that is away would be hidden by it when it comes back.
        """
        if self.folder.is_dir():
            return True
        with self._making:
            if not self.folder.is_dir() and (self.store.folder / MARK).is_file():
                with contextlib.suppress(OSError, UsageError):
                    self._make_folder()
                    _LOG.warning("the receiver's folder was removed; it is made anew")
            return self.folder.is_dir()

    def _take_over(self) -> None:
        """Take what receivers left that work here no more, under another name or on a machine that is gone:
        their senders were told yes."""
        for lock in sorted(self.folder.parent.glob(f"*/{_LOCK}")):
            other = lock.parent
            left = sorted(other.glob("*.dcm"))
            if other == self.folder or not left:
                continue
            try:
                held = _locked(other, other.name)
            except UsageError:
                continue  # it is at work
            try:
                for path in left:
                    path.rename(self.folder / path.name)
                with self.database.writing() as session:
                    unlist(session, self.store, other)
            finally:
                os.close(held)
            _LOG.warning("what another receiver has left is taken in", extra={"count": len(left)})

    def _listening(self) -> Any:
        from pynetdicom import AE, AllStoragePresentationContexts, _config, evt

        # Texts of every piece, for a log that nobody keeps.
        _config.LOG_HANDLER_LEVEL = "none"

        class Entity(AE):  # type: ignore[misc]
            @property
            def active_associations(self) -> list[Any]:
                """Those that count against the limit: connections that have asked for nothing take no place."""
                active = super().active_associations
                return [one for one in active if one.requestor.primitive is not None]

        settings = self.settings
        entity = Entity(ae_title=settings.ae_title)
        entity.maximum_associations = settings.associations
        entity.network_timeout = entity.dimse_timeout = settings.silence_s
        entity.maximum_pdu_size = LONGEST_PDU
        entity.require_called_aet = settings.only_called
        entity.require_calling_aet = sorted({peer.ae_title for peer in settings.peers})
        for context in AllStoragePresentationContexts:
            entity.add_supported_context(context.abstract_syntax, list(TRANSFER_SYNTAXES))
        entity.add_supported_context(_VERIFICATION)
        # Archives call to say that they keep what we sent them.
        entity.add_supported_context(PUSH_MODEL, scu_role=True, scp_role=True)
        server = entity.start_server(
            (settings.host, settings.port),
            block=False,
            ssl_context=None
            if settings.certificate is None
            else server_context(
                settings.certificate, settings.key, settings.ca, settings.silence_s
            ),
            evt_handlers=[
                (evt.EVT_CONN_OPEN, self._opened),
                (evt.EVT_REJECTED, _tell_rejected),
                (evt.EVT_C_ECHO, self._echoed),
                (evt.EVT_C_STORE, self._stored),
                (evt.EVT_N_EVENT_REPORT, self._reported),
                (evt.EVT_CONN_CLOSE, self._closed),
            ],
        )
        server.socket.listen(_CALLERS)
        return server

    def _opened(self, event: Any) -> None:
        association = event.assoc
        make_wakeful(association, ended=lambda: self._closed(event))
        self._ends[_name_of(association)] = take_shortcut(
            association, lambda incoming: self._keeper(association, incoming)
        )

    def _may_send(self, association: Any) -> bool:
        """Whether the peer comes from where its AE title lives; unknown titles are rejected before."""
        requestor = association.requestor
        peers = [peer for peer in self.settings.peers if peer.ae_title == requestor.ae_title]
        may = not peers or any(peer.may_call_from(requestor.address) for peer in peers)
        if not may:
            _LOG.warning(
                "a peer calls from an address that is not its own",
                extra={"calling": requestor.ae_title, "address": requestor.address},
            )
        return may

    def _echoed(self, event: Any) -> int:
        return _SUCCESS if self._may_send(event.assoc) else _NOT_AUTHORISED

    def _keeper(self, association: Any, incoming: Incoming) -> Keeper:
        if not self._may_send(association):
            return Refuser(_NOT_AUTHORISED)
        if not self._has_folder():
            _LOG.error("the folder is gone, no instance can be taken in")
            return Refuser(NO_ROOM)

        def kept(path: Path, digest: str) -> None:
            title, name = association.requestor.ae_title, _name_of(association)
            self._arrivals.put(Arrived(path, title, name, digest, uid=incoming.uid))

        return DiskKeeper(self.folder, incoming, kept)

    def _stored(self, event: Any) -> int:
        """An image that came the long way."""
        request, context = event.request, event.context
        incoming = Incoming(
            request.AffectedSOPClassUID, request.AffectedSOPInstanceUID, context.transfer_syntax
        )
        keeper = self._keeper(event.assoc, incoming)
        keeper.take(request.DataSet.getvalue())
        return keeper.end()

    def _reported(self, event: Any) -> tuple[int, None]:
        return reported(self.database, event) if self._may_send(
            event.assoc
        ) else _NOT_AUTHORISED, None

    def _closed(self, event: Any) -> None:
        if event.assoc.requestor.primitive is None:
            # Else its thread waits half a minute for the request of a caller that is gone (pynetdicom 3.0.4):
            # of those who only look whether the port answers, many would gather.
            event.assoc.dul.to_user_queue.put(None)
        if (end := self._ends.pop(_name_of(event.assoc), None)) is not None:  # told twice by most
            end()
            self._arrivals.put(_name_of(event.assoc))


def _end(association: Any) -> None:
    """End an association at once; of one that was never agreed on only the connection is closed.

    pynetdicom 3.0.4 has no transition for an abort while it waits for the request, or for the close
    (PS3.8, table 9-10: only Sta3 to Sta12 take one), and its reading thread fails there.
    """
    if association.is_established:
        association.abort()
    else:
        association.dul.socket.close()
        association.kill()


def _tell_rejected(event: Any) -> None:
    """Whoever sets up a scanner looks here for what is wrong with its titles."""
    asked, answered = event.assoc.requestor, event.assoc.acceptor.primitive
    _LOG.warning(
        "an association was rejected",
        extra={
            "calling": asked.ae_title,
            "called": getattr(asked.primitive, "called_ae_title", ""),
            "address": asked.address,
            "reason": getattr(answered, "reason_str", ""),
        },
    )


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches `host`."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _name_of(association: Any) -> str:
    """A name for an association that lives in this process."""
    return f"{os.getpid()}-{id(association)}"


def _locked(folder: Path, name: str) -> int:
    """A lock that ends with this process, however it ends."""
    import fcntl

    opened = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(opened)
        raise UsageError(
            f"another receiver called {name!r} works in {folder.parents[1]}: end it, or give this one another "
            "name ([receiver] name = …)"
        ) from None
    return opened
