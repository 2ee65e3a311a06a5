"""A database belongs to one folder, which bears its mark: two nodes would take each other's images for lost."""

from __future__ import annotations

import socket
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select, text

from deepvein.core.errors import UsageError
from deepvein.core.files import write_text
from deepvein.node.database.schema import FolderRow, InstanceRow

if TYPE_CHECKING:
    from sqlalchemy.engine import URL
    from sqlalchemy.orm import Session

    from deepvein.node.database.database import Database

MARK = "node.id"
"""File in the folder that holds the mark."""

_LOCK = 0x6465657077
"""Number of the lock under which one node at a time looks and marks (PostgreSQL; SQLite has one writer)."""


def require_database(url: URL, folder: Path) -> None:
    """Raise UsageError where SQLite's file is gone from a node that was in use: an empty one would be made."""
    file = Path(url.database or "")
    is_file = url.get_backend_name() == "sqlite" and url.database != ":memory:"
    if is_file and not file.exists() and (_is_used(folder) or (folder / MARK).exists()):
        raise UsageError(
            f"{file} is gone, but {folder} belongs to a node that was in use: see that its disk is there and "
            f"put the file back, restore a backup (deepvein restore), or move {folder / 'studies'} and "
            f"{folder / MARK} away to begin anew"
        )


def claim(database: Database, folder: Path) -> None:
    """Let the database belong to a folder, if it belongs to none.

    Raises UsageError where it belongs to another one, or the folder holds images and the database knows none;
    OutputError where the mark cannot be written.
    """
    with database.writing() as session:
        if not database.is_sqlite:
            session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        row, mark = session.get(FolderRow, 1), _mark_in(folder)
        if row is not None and row.mark == mark:
            return
        holds = _holds_images(session, folder)
        if row is None and holds is None and _is_used(folder):
            raise UsageError(
                f"{folder} holds images, of which the database knows none: give it its own database, restore a "
                f"backup (deepvein restore), or move {folder / 'studies'} away to begin anew"
            )
        if row is None and holds is not False:
            mark = mark or uuid.uuid4().hex
            place = f"{socket.gethostname()}:{folder.resolve()}"
            session.add(FolderRow(id=1, mark=mark, place=place[:512]))
            write_text(folder / MARK, mark + "\n", private=True)
        elif row is not None and not mark and holds:
            # Its files were copied without the mark, or somebody has cleared it away.
            write_text(folder / MARK, row.mark + "\n", private=True)
        else:
            known = "" if row is None else f" (first used at {row.place})"
            raise UsageError(
                f"the database belongs to another folder than {folder}{known}: all nodes of one database share "
                "one folder; give that one, or a database of its own"
            )


def _mark_in(folder: Path) -> str:
    try:
        return (folder / MARK).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ""
    except (OSError, ValueError) as error:
        raise UsageError(f"{folder / MARK} cannot be read: let the node's user read it") from error


def _is_used(folder: Path) -> bool:
    studies = folder / "studies"
    return studies.is_dir() and any(studies.iterdir())


def _holds_images(session: Session, folder: Path) -> bool | None:
    """Whether the folder holds images that the database names; None if it names none.

    The hospital may have removed some: a folder with studies is believed.
    """
    if session.scalar(select(InstanceRow.id).limit(1)) is None:
        return None
    return (folder / "studies").is_dir()
