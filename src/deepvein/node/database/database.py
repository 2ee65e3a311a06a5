"""The node's database: SQLite in the node's folder, or PostgreSQL, by one setting."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sqlalchemy import create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionError
from sqlalchemy.orm import Session

from deepvein.core.errors import UsageError
from deepvein.node.database.postgresql import postgresql_engine

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.engine import Connection, Engine

FILE = "deepvein.sqlite"
_IN_MEMORY = ":memory:"

AWAY = (OperationalError, InterfaceError, NoConnectionError)
"""What is raised while a server is away or hangs, or others hold a lock: work may be tried again."""

_LOCK_WAIT_S = 30.0
"""How long SQLite waits for another writer before it gives up."""


class Database:
    """An open database; sessions are short, and each is one transaction.

        with database.writing() as session:
            session.add(row)

    Reading and writing are told apart because SQLite has one writer at a time: a transaction that reads
    first and writes afterwards could fail half-way, one that says at its beginning that it will write waits
    its turn.

    unhurried: on PostgreSQL a statement may take as long as it needs, for what reads or changes all rows.
    """

    def __init__(self, url: URL, *, unhurried: bool = False) -> None:
        self.url = url
        self.is_sqlite = url.get_backend_name() == "sqlite"
        self.engine = (
            _sqlite_engine(url) if self.is_sqlite else postgresql_engine(url, unhurried=unhurried)
        )
        self._writing = self.engine.execution_options(writing=True)
        self._file: tuple[int, int] | None = None

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that only reads; its rows stay usable afterwards."""
        self._look_at_file()
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session whose changes are committed at the end of the block, or not at all if it fails."""
        self._look_at_file()
        with Session(self._writing, expire_on_commit=False) as session, session.begin():
            yield session

    def _look_at_file(self) -> None:
        """SQLite would go on with a file that was removed, and with an empty new one; raise one of `AWAY`.

        What came meanwhile waits on the disk until the file is back, or for the next start.
        """
        path = self.url.database
        if not self.is_sqlite or not path or path == _IN_MEMORY:
            return
        try:
            told = os.stat(path)
            there = (told.st_dev, told.st_ino)
        except OSError:
            there = None
        if self._file is None:
            self._file = there
        if there is None or there != self._file:
            raise OperationalError("", {}, Exception("SQLite's file was removed, or replaced"))

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


def open_database(url: URL, *, unhurried: bool = False) -> Database:
    """The database at `url`, brought to today's schema; UsageError if it cannot be reached.

    unhurried: as for `Database`.
    """
    from deepvein.node.database.migration import is_current, migrate

    database = Database(url, unhurried=unhurried)
    try:
        if database.is_sqlite:
            migrate(database)
        else:
            # A server that hangs is told of soon; a new schema takes as long as it takes.
            with closing(Database(url)) as asked:
                current = is_current(asked)
            if not current:
                with closing(Database(url, unhurried=True)) as changed:
                    migrate(changed)
    except AWAY as error:
        database.close()
        shown = url.render_as_string(hide_password=True)
        wanted = (
            "its folder is there and can be written to"
            if database.is_sqlite
            else "its server runs, and lets this user create tables in it"
        )
        raise UsageError(
            f"the database {shown} cannot be opened ({in_words(error)}): check that {wanted}"
        ) from error
    return database


def in_words(error: BaseException) -> str:
    """Why the database is away, of one of `AWAY`; no value of a row stands in it."""
    cause = getattr(error, "orig", None) or error
    said = cause.args[0] if cause.args else ""
    return " ".join(str(said.get("M", "") if isinstance(said, dict) else cause).split())


def _unusable(setting: str) -> UsageError:
    # It may hold a password.
    kind = setting.partition(":")[0]
    return UsageError(
        f"the database setting ({kind}:…) is no URL of a database that the node works with: leave it empty for "
        "SQLite, or give postgresql://user@host/name"
    )


def _sqlite_engine(url: URL) -> Engine:
    """An engine whose errors do not tell the values, which may be patients' names."""
    if url.database and url.database != _IN_MEMORY:
        # SQLite would make an empty file where there is none.
        file = f"file:{quote(url.database)}"
        url = url.set(database=file).update_query_dict({"mode": "rw", "uri": "true"})
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
