"""All settings of a node, as its TOML file has them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from deepvein.core.errors import SettingsError
from deepvein.node.completeness import CompletenessSettings
from deepvein.node.delivery import DeliverySettings
from deepvein.node.dicomweb import DicomwebPeer, DicomwebSender
from deepvein.node.parcel import Destination
from deepvein.node.pull_dicom import DicomSource
from deepvein.node.pull_dicomweb import DicomwebSourceSettings
from deepvein.node.queue import QueueSettings
from deepvein.node.receiver import ReceiverSettings
from deepvein.node.rules import DEFAULT_RULES, Rule
from deepvein.node.sender import DicomPeer, DicomSender
from deepvein.node.watch import WatchSettings
from deepvein.node.webhook import Webhook, WebhookSettings
from deepvein.node.worker import WorkerSettings


@dataclass(frozen=True)
class WebSettings:
    """Where HTTP is answered; loopback unless told otherwise.

    certificate, key: PEM files for HTTPS. session_hours: after how long of rest a browser is logged out.
    proxies: addresses of reverse proxies, or networks of them, which are believed where a request comes from
    (X-Forwarded-For) and whether it came encrypted (X-Forwarded-Proto).
    """

    host: str = "127.0.0.1"
    port: int = 8042
    certificate: Path | None = None
    key: Path | None = None
    session_hours: float = 8.0
    proxies: tuple[str, ...] = ()


@dataclass(frozen=True)
class DestinationSettings:
    """Who gets every result; names are different."""

    dicom: tuple[DicomPeer, ...] = ()
    dicomweb: tuple[DicomwebPeer, ...] = ()
    webhooks: tuple[WebhookSettings, ...] = ()

    def __post_init__(self) -> None:
        names = [one.name for one in self._senders()]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise SettingsError(f"several destinations are called {', '.join(twice)}")

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all destinations."""
        return tuple(self.senders())

    def senders(self) -> dict[str, Destination]:
        """What sends to each destination, by its name."""
        return {one.name: one for one in self._senders()}

    def _senders(self) -> list[Destination]:
        made: list[Destination] = [DicomSender(one) for one in self.dicom]
        made.extend(DicomwebSender(one) for one in self.dicomweb)
        made.extend(Webhook(one) for one in self.webhooks)
        return made


@dataclass(frozen=True)
class PullSettings:
    """Archives from which studies are fetched."""

    dicom: tuple[DicomSource, ...] = ()
    dicomweb: tuple[DicomwebSourceSettings, ...] = ()


@dataclass(frozen=True)
class NodeSettings:
    """A node: its folder for images and results, its database, and its parts.

    database: empty for SQLite in the folder, or postgresql://user@host/name.
    """

    folder: Path
    database: str = ""
    receiver: ReceiverSettings = field(default_factory=ReceiverSettings)
    watch: WatchSettings = field(default_factory=WatchSettings)
    pull: PullSettings = field(default_factory=PullSettings)
    completeness: CompletenessSettings = field(default_factory=CompletenessSettings)
    rules: tuple[Rule, ...] = DEFAULT_RULES
    queue: QueueSettings = field(default_factory=QueueSettings)
    worker: WorkerSettings = field(default_factory=WorkerSettings)
    delivery: DeliverySettings = field(default_factory=DeliverySettings)
    destinations: DestinationSettings = field(default_factory=DestinationSettings)
    web: WebSettings = field(default_factory=WebSettings)
