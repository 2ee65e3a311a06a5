"""A node's backup: all rows of the database, whichever it is, and all files that they name.

It is taken while the node works. A backup of SQLite can be restored to PostgreSQL and the other way round.
"""

from __future__ import annotations

import gzip
import json
import shutil
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Table, func, insert, select, text
from sqlalchemy.orm import Session

from deepvein.core.errors import InputError, OutputError, UsageError
from deepvein.core.files import storage_error, whole_folder, write_json
from deepvein.node.audit import first_break
from deepvein.node.database.columns import Moment
from deepvein.node.database.schema import Base, InstanceRow, QuarantinedRow, ResultRow, ReviewRow
from deepvein.node.service import MODELS

if TYPE_CHECKING:
    from deepvein.node.database.database import Database
    from deepvein.node.store import Store

ROWS, FILES, GONE = "database.jsonl.gz", "files", "gone.json"
"""gone: files that the database names, and that were removed before by the hospital's own rules."""

_MOVE_S = 2.0
_BATCH = 500
_FLEETING = {"sessions", "sending", "failed_logins", "folder"}
"""Tables that mean nothing after a restore, which is into another folder."""


def back_up(database: Database, store: Store, out: Path) -> int:
    """Write a backup into the new folder `out`; the number of files in it.

    Raises OutputError where `out` holds something or the disk is full.
    """
    if out.is_dir() and any(out.iterdir()):  # not when hours of copying are over
        raise OutputError(f"{out} holds something already: give a new folder for each backup")
    count = 0
    with whole_folder(out, private=True) as made:
        with gzip.open(made / ROWS, "wt", encoding="utf-8") as written, _snapshot(database) as rows:
            for line in rows:
                written.write(json.dumps(line, default=str) + "\n")
        # Files never change, and those of rows written since do no harm.
        with database.reading() as session:
            paths = [
                *session.scalars(select(InstanceRow.path)),
                *session.scalars(select(QuarantinedRow.path)),
                *session.scalars(select(ResultRow.folder)),
                *session.scalars(select(ReviewRow.labels).where(ReviewRow.labels != "")),
            ]
        if (store.folder / MODELS).is_dir():
            paths.append(MODELS)
        late = [path for path in paths if not store.absolute(path).exists()]
        for path in paths:
            count += _copied(store.absolute(path), made / FILES / path)
        # An image is entered first and moved to its place a moment later.
        if late:
            time.sleep(_MOVE_S)
            count += sum(_copied(store.absolute(path), made / FILES / path) for path in late)
        gone = [path for path in late if not (made / FILES / path).exists()]
        write_json(made / GONE, gone, private=True)
    return count


def restore(backup: Path, database: Database, store: Store) -> int:
    """Bring a backup back into an empty database and folder; the number of rows.

    Raises UsageError where they are not empty or the backup is of another schema, InputError where it is
    damaged, OutputError where the disk is full; the database is empty then, and it may be tried again.
    """
    lines = _lines(backup / ROWS)
    head = next(lines, {})
    with database.engine.execution_options(writing=True).begin() as connection:
        revision = _revision(connection)
        if head.get("schema") != revision:
            raise UsageError(
                f"{backup} has the schema {head.get('schema')!r}, this release has {revision!r}: restore it "
                "with the release that wrote it, then upgrade"
            )
        for table in Base.metadata.sorted_tables:
            if table.name in _FLEETING:
                continue
            if connection.scalar(select(func.count()).select_from(table)):
                raise UsageError(
                    f"the database holds {table.name} already: restore into an empty one"
                )
        count = _insert(connection, lines)
        if not database.is_sqlite:
            _go_on_counting(connection)
        # Before the rows are there for others: a node at work, or the next try where this one is killed.
        _bring_back_files(backup, store)
        with Session(connection) as session:
            _check_whole(backup, session, store)
    return count


def _bring_back_files(backup: Path, store: Store) -> None:
    try:
        if (backup / FILES).is_dir():
            shutil.copytree(backup / FILES, store.folder, dirs_exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"the files of {backup} cannot be copied to {store.folder}: {storage_error(error) or error}"
        ) from error


def _check_whole(backup: Path, session: Session, store: Store) -> None:
    known = set(json.loads((backup / GONE).read_text()) if (backup / GONE).is_file() else ())
    gone = [
        path
        for path in session.scalars(select(InstanceRow.path))
        if path not in known and not store.absolute(path).is_file()
    ]
    if gone:
        raise InputError(f"{backup} lacks {len(gone)} of its files, the first is {gone[0]}")
    broken = first_break(session)
    if broken is not None:
        raise InputError(f"the audit log of {backup} was changed at row {broken}")


class _snapshot:  # noqa: N801  (used as a function)
    """All rows as they are at one moment, the schema first."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def __enter__(self) -> Iterator[dict[str, Any]]:
        options = {} if self.database.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        self.connection = self.database.engine.connect().execution_options(**options)
        return self._rows()

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def _rows(self) -> Iterator[dict[str, Any]]:
        yield {"schema": _revision(self.connection)}
        for table in Base.metadata.sorted_tables:
            if table.name in _FLEETING:
                continue
            for row in self.connection.execute(
                select(table).order_by(*table.primary_key)
            ).mappings():
                yield {"table": table.name, "row": dict(row)}


def _revision(connection: Connection) -> str | None:
    found = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return None if found is None else str(found)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                yield json.loads(line)
    except (OSError, EOFError, ValueError) as error:
        raise InputError(f"{path} is no backup, or a damaged one: {error}") from error


def _insert(connection: Connection, lines: Iterator[dict[str, Any]]) -> int:
    count, waiting = 0, list[dict[str, Any]]()
    table: Table | None = None
    for line in lines:
        its = Base.metadata.tables[line["table"]]
        if table is not None and (its is not table or len(waiting) >= _BATCH):
            connection.execute(insert(table), waiting)
            waiting.clear()
        table = its
        waiting.append(_typed(its, line["row"]))
        count += 1
    if table is not None and waiting:
        connection.execute(insert(table), waiting)
    return count


def _typed(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: datetime.fromisoformat(value)
        if value is not None and isinstance(table.c[name].type, Moment)
        else value
        for name, value in row.items()
    }


def _go_on_counting(connection: Connection) -> None:
    """PostgreSQL counts rows apart from the table, and would begin at 1 again."""
    for name in Base.metadata.tables:
        connection.execute(
            text(
                f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), "  # noqa: S608  (our own names)
                f"COALESCE((SELECT MAX(id) FROM {name}), 0) + 1, false)"
            )
        )


def _copied(source: Path, place: Path) -> int:
    from deepvein.node.reviews.prepared import VIEW

    if source.is_dir():
        # Views hold the images once more, and are made again when they are asked for.
        shutil.copytree(source, place, dirs_exist_ok=True, ignore=shutil.ignore_patterns(VIEW))
        return sum(1 for one in place.rglob("*") if one.is_file())
    if not source.exists():
        return 0
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(source, place)
    return 1
