"""Whether a worker can screen: where it cannot it says so in the node's folder, for all parts to see.

A library that is gone or a file of weights that is damaged would fail one study after the other, all night.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from deepvein.core.errors import DeepveinError, OutputError
from deepvein.core.files import write_json
from deepvein.node.store import safe_name

_LOG = logging.getLogger(__name__)

FOLDER = "unfit"
"""Of the node's folder: a file for each worker that cannot screen."""

_STALE_S = 900.0
"""A worker that says nothing for so long works for this node no more."""


@dataclass(frozen=True)
class Fitness:
    """What a worker says of itself in the node's `folder`, under the name of its `Pulse`."""

    folder: Path
    worker: str

    def deny(self, reason: str) -> None:
        """It cannot screen any study."""
        self._tell(f"cannot screen, studies wait: {reason}")

    def deny_some(self, reasons: Mapping[str, str]) -> None:
        """It cannot screen studies of these modalities, each with the reason."""
        self._tell(
            "; ".join(
                f"cannot screen {modality}, such studies wait: {reason}"
                for modality, reason in reasons.items()
            )
        )

    def _tell(self, reason: str) -> None:
        """Told in the log where it is news."""
        if unfit(self.folder).get(self.worker) != reason:
            _LOG.error("this worker cannot do all of its work", extra={"reason": reason})
        with suppress(OSError, OutputError):  # a full disk is told of elsewhere
            write_json(self._file, {"worker": self.worker, "reason": reason}, private=True)

    def confirm(self) -> None:
        """It can."""
        with suppress(OSError):  # most often it was never said otherwise
            self._file.unlink()
            _LOG.info("this worker can screen again")

    @property
    def _file(self) -> Path:
        return self.folder / FOLDER / f"{safe_name(self.worker)}.json"


def unfit(folder: Path) -> dict[str, str]:
    """The workers of the node in `folder` that cannot screen all studies: how a sentence about each ends."""
    found = {}
    for path in sorted((folder / FOLDER).glob("*.json")):
        with suppress(OSError, ValueError, KeyError, TypeError):  # it is taken away just now
            told = json.loads(path.read_text(encoding="utf-8"))
            if time.time() - path.stat().st_mtime < _STALE_S:
                found[str(told["worker"])] = str(told["reason"])
    return found


def in_words(error: Exception) -> str:
    """What stands against screening, on one line."""
    text = str(error) if isinstance(error, DeepveinError) else f"{type(error).__name__}: {error}"
    return " ".join(text.split())
