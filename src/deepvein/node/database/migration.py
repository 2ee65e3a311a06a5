"""Older databases become today's: Alembic's steps in `migrations/versions`, one after the other."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from deepvein.core.errors import UsageError

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from deepvein.node.database.database import Database

_LOCK = 0x6465657076
"""Number of the lock under which PostgreSQL lets one process at a time change the schema."""


def migrate(database: Database, revision: str = "head") -> None:
    """Bring the schema to `revision`; nothing happens to one that is there already.

    Several processes may try at once. UsageError for a database of a later release.
    """
    if database.is_sqlite and database.url.database:
        file = Path(database.url.database)
        file.parent.mkdir(parents=True, exist_ok=True)
        _make_private(file)
    with database.engine.execution_options(writing=True).begin() as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        _check_known(connection)
        command.upgrade(config(connection), revision)


def is_current(database: Database) -> bool:
    """Whether the schema is today's; UsageError for a database of a later release."""
    with database.engine.connect() as connection:
        there = _check_known(connection)
        return there == ScriptDirectory.from_config(config(connection)).get_current_head()


def config(connection: Connection) -> Config:
    """Alembic's configuration for work on an open connection."""
    made = Config()
    made.set_main_option(
        "script_location", str(Path(__file__).parent / "migrations").replace("%", "%%")
    )
    made.attributes["connection"] = connection
    return made


def _make_private(file: Path) -> None:
    """Nobody but its owner reads it; SQLite's files beside it take over its mode."""
    with contextlib.suppress(OSError):  # SQLite will say what is wrong with the place
        file.touch(0o600)
        file.chmod(0o600)


def _check_known(connection: Connection) -> str | None:
    """The schema's revision; UsageError if it is not known."""
    there = MigrationContext.configure(connection).get_current_revision()
    known = {
        step.revision for step in ScriptDirectory.from_config(config(connection)).walk_revisions()
    }
    if there is not None and there not in known:
        raise UsageError(
            f"the database has the schema {there!r} of a later release of deepvein: install that release, or "
            "restore a backup of this one"
        )
    return there
