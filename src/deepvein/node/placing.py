"""Files go from the receiver's folder to their places; what lies at one is not believed by its name."""

from __future__ import annotations

import contextlib
import logging
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from deepvein.core.errors import OutputError
from deepvein.core.files import move
from deepvein.core.provenance import sha256
from deepvein.node.quarantine import quarantine

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from deepvein.node.database.database import Database
    from deepvein.node.store import Store

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Placing:
    """A file and where it belongs, None if it is not needed; SHA-256 and size of its bytes."""

    file: Path
    place: Path | None
    sha256: str
    bytes: int


def placed(database: Database, store: Store, files: Sequence[Placing]) -> dict[Path, OSError]:
    """Move files to their places; those that could not be moved, with what the system says.

    Where the same bytes lie already, the file goes. Other bytes at a place are older or newer than the
    database, which knows nothing of them (it was restored from a backup), or were damaged by the disk: they
    go into quarantine, for somebody may have been told that they are here.
    """
    moved: dict[Path, Path] = {}
    troubles: dict[Path, OSError] = {}
    for one in files:
        try:
            if one.place is None or one.place in moved or _holds(one.place, one):
                one.file.unlink(missing_ok=True)
                continue
            if one.place.exists():
                _set_aside(database, store, one.place)
            moved[one.place] = one.file
        except OutputError as error:
            troubles[one.file] = _cause(error)
        except OSError as error:
            troubles[one.file] = error
    troubles.update(_moved([(file, place) for place, file in moved.items()]))
    return troubles


def _moved(pairs: Sequence[tuple[Path, Path]]) -> dict[Path, OSError]:
    """Move files at once, or one by one where that does not go; those that could not be moved."""
    try:
        move(pairs)
    except OutputError:
        troubles: dict[Path, OSError] = {}
        for pair in pairs:
            try:
                if _is_there(pair[0]):
                    move([pair])
            except OutputError as error:
                troubles[pair[0]] = _cause(error)
            except OSError as error:
                troubles[pair[0]] = error
        return troubles
    return {}


def _holds(place: Path, one: Placing) -> bool:
    """Whether the same bytes lie at a place already."""
    try:
        return place.stat().st_size == one.bytes and sha256(place) == one.sha256
    except OSError:  # nothing is there, or nothing that can be read
        return False


def _set_aside(database: Database, store: Store, place: Path) -> None:
    name = uuid.uuid4().hex
    with contextlib.suppress(OSError):
        name = sha256(place)
    reason = "it lay at the place of an instance whose content is another"
    with database.writing() as session:
        aside = quarantine(session, store, name, reason)
    move([(place, aside)])
    _LOG.warning("a file lay at the place of an instance, and had other content")


def _is_there(path: Path) -> bool:
    try:
        path.stat()
    except FileNotFoundError:
        return False
    return True


def _cause(error: OutputError) -> OSError:
    cause = error.__cause__
    return cause if isinstance(cause, OSError) else OSError(str(error))
