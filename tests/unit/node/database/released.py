"""Databases of earlier releases, kept as text."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import MetaData, select

from deepvein.node.database.database import FILE, Database, database_url

DUMPS = sorted(Path(__file__).with_name("releases").glob("*.sql"))

Rows = dict[str, list[dict[str, Any]]]


def restored(dump: Path, folder: Path) -> Database:
    """The database of a dump, in a file of SQLite, with the schema that it had."""
    folder.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(folder / FILE)
    connection.executescript(dump.read_text())
    connection.close()
    return Database(database_url("", folder))


def contents(database: Database) -> tuple[MetaData, Rows]:
    """All tables as the database describes them, and their rows, without that of the schema's number."""
    tables = MetaData()
    tables.reflect(database.engine)
    tables.remove(tables.tables["alembic_version"])
    with database.engine.connect() as connection:
        return tables, {
            name: [dict(row) for row in connection.execute(select(table)).mappings()]
            for name, table in tables.tables.items()
        }


def check_kept(before: Rows, after: Rows) -> None:
    """Each row of before is there, with all that it held; later columns may have come."""
    assert set(before) <= set(after)
    for name, rows in before.items():
        kept = [{column: row[column] for column in rows[0]} for row in after[name]]
        assert sorted(kept, key=str) == sorted(rows, key=str)
