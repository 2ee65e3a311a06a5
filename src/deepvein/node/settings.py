"""All settings of a node, as its TOML file has them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class WebSettings:
    """Where HTTP is answered; loopback unless told otherwise.

    certificate, key: PEM files for HTTPS. session_hours: after how long of rest a browser is logged out.
    """

    host: str = "127.0.0.1"
    port: int = 8042
    certificate: Path | None = None
    key: Path | None = None
    session_hours: float = 8.0


@dataclass(frozen=True)
class NodeSettings:
    """A node: its folder for images and results, its database, and its parts.

    database: empty for SQLite in the folder, or postgresql://user@host/name.
    """

    folder: Path
    database: str = ""
    web: WebSettings = field(default_factory=WebSettings)
