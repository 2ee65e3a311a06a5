"""The node's database: SQLite in the node's folder, or PostgreSQL, by one setting."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, InterfaceError, OperationalError
from sqlalchemy.orm import Session

from deepvein.core.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.engine import Connection, Engine

FILE = "deepvein.sqlite"

AWAY = (OperationalError, InterfaceError)
"""What is raised while a server is away or another process holds SQLite's lock: work may be tried again."""

_LOCK_WAIT_S = 30.0
"""How long SQLite waits for another writer before it gives up."""


class Database:
    """An open database; sessions are short, and each is one transaction.

        with database.writing() as session:
            session.add(row)

    Reading and writing are told apart because SQLite has one writer at a time: a transaction that reads
    first and writes afterwards could fail half-way, one that says at its beginning that it will write waits
    its turn.
    """

    def __init__(self, url: URL) -> None:
        self.url = url
        self.is_sqlite = url.get_backend_name() == "sqlite"
        self.engine = _engine(url)
        self._writing = self.engine.execution_options(writing=True)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that only reads; its rows stay usable afterwards."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session whose changes are committed at the end of the block, or not at all if it fails."""
        with Session(self._writing, expire_on_commit=False) as session, session.begin():
            yield session

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def database_url(setting: str, folder: Path) -> URL:
    """Where the database is: `setting` as a URL, or SQLite in the node's folder if it is empty.

    Raises UsageError for what is neither SQLite nor PostgreSQL.
    """
    if not setting:
        return URL.create("sqlite", database=str(folder / FILE))
    try:
        url = make_url(setting)
    except ArgumentError:
        raise _unusable(setting) from None
    backend = url.get_backend_name()
    if backend == "postgresql" and url.drivername == "postgresql":
        return url.set(drivername="postgresql+pg8000")
    if backend not in {"sqlite", "postgresql"}:
        raise _unusable(setting)
    return url


def open_database(url: URL) -> Database:
    """The database at `url`, brought to today's schema; UsageError if it cannot be reached."""
    from deepvein.node.database.migration import migrate

    database = Database(url)
    try:
        migrate(database)
    except AWAY as error:
        database.close()
        shown = url.render_as_string(hide_password=True)
        raise UsageError(
            f"the database {shown} cannot be opened ({error.orig}): check that its server runs and that its "
            "folder can be written to"
        ) from error
    return database


def _unusable(setting: str) -> UsageError:
    # It may hold a password.
    kind = setting.partition(":")[0]
    return UsageError(
        f"the database setting ({kind}:…) is no URL of a database that the node works with: leave it empty for "
        "SQLite, or give postgresql://user@host/name"
    )


def _engine(url: URL) -> Engine:
    """An engine whose errors do not tell the values, which may be patients' names."""
    if url.get_backend_name() != "sqlite":
        # A server that was restarted is found out before a connection is used again.
        return create_engine(
            url, hide_parameters=True, pool_pre_ping=True, pool_size=10, max_overflow=20
        )
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": _LOCK_WAIT_S})

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, record: Any) -> None:
        del record
        # Transactions are begun below; the driver would begin them too late.
        connection.isolation_level = None
        for setting in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {setting}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writing", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
