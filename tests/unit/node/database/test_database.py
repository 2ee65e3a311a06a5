from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, StatementError

from deepvein.core.errors import UsageError
from deepvein.node.audit import first_break
from deepvein.node.database.database import (
    AWAY,
    FILE,
    Database,
    database_url,
    in_words,
    open_database,
)
from deepvein.node.database.migration import migrate
from deepvein.node.database.schema import Base, SeriesRow, StudyRow
from unit.node.database.released import DUMPS, check_kept, contents, restored


def test_the_migrations_make_the_schema_that_the_code_describes(database):
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, Base.metadata) == []


def test_only_its_owner_reads_the_file_also_one_of_an_earlier_release(tmp_path):
    (tmp_path / FILE).touch(0o644)
    database = open_database(database_url("", tmp_path))
    with database.writing() as session:
        session.add(StudyRow(uid="1.2.3"))
        files = list(tmp_path.glob(f"{FILE}*"))
        assert len(files) > 1  # SQLite's log beside it
        assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    database.close()


def test_opening_again_keeps_what_is_there(tmp_path):
    url = database_url("", tmp_path / "new" / "folder")
    first = open_database(url)
    with first.writing() as session:
        session.add(StudyRow(uid="1.2.3"))
    first.close()
    again = open_database(url)
    migrate(again)
    with again.reading() as session:
        assert session.scalars(select(StudyRow.uid)).all() == ["1.2.3"]
    again.close()
    assert (tmp_path / "new" / "folder" / FILE).is_file()


def test_a_failed_block_changes_nothing(database):
    def fail() -> None:
        with database.writing() as session:
            session.add(StudyRow(uid="1.2.3"))
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with database.reading() as session:
        assert session.scalars(select(StudyRow)).all() == []


def test_a_series_needs_its_study(database):
    with pytest.raises(IntegrityError), database.writing() as session:
        session.add(SeriesRow(study_id=7, uid="1.2"))


def test_writers_take_turns_and_lose_no_update(database):
    """Read, then write: without a lock from the beginning one of two such transactions fails or is lost."""
    with database.writing() as session:
        session.add(StudyRow(uid="1.2"))

    def count() -> None:
        for _ in range(20):
            with database.writing() as session:
                study = session.scalars(select(StudyRow)).one()
                study.arrivals += 1

    threads = [threading.Thread(target=count) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    with database.reading() as session:
        assert session.scalars(select(StudyRow.arrivals)).one() == 80


def test_moments_come_back_in_utc(database):
    elsewhere = datetime(2024, 1, 2, 3, tzinfo=timezone(timedelta(hours=2)))
    with database.writing() as session:
        session.add(StudyRow(uid="1.2", received=elsewhere))
    with database.reading() as session:
        found = session.scalars(select(StudyRow)).one().received
    assert (found, found.tzinfo) == (elsewhere, UTC)


def test_a_word_that_is_no_state_is_refused(database):
    with pytest.raises(StatementError, match="nonsense"), database.writing() as session:
        session.add(StudyRow(uid="1.2", state="nonsense"))


def test_a_database_of_a_later_release_is_refused(database):
    with database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(UsageError, match="'9999' of a later release"):
        migrate(database)


@pytest.mark.parametrize(
    ("setting", "driver"),
    [
        ("", "sqlite"),
        ("postgresql://node@db.example/deepvein", "postgresql+pg8000"),
        ("postgresql+psycopg://node@db.example/deepvein", "postgresql+psycopg"),
    ],
)
def test_one_setting_chooses_the_database(setting, driver, tmp_path):
    assert database_url(setting, tmp_path).drivername == driver


@pytest.mark.parametrize("setting", ["mysql://root:secret@db/deepvein", "a secret"])
def test_other_settings_are_refused_without_telling_passwords(setting, tmp_path):
    with pytest.raises(UsageError, match="postgresql://user@host/name") as caught:
        database_url(setting, tmp_path)
    assert "root:secret" not in str(caught.value)


def test_a_server_that_is_away_is_told_in_one_sentence(tmp_path):
    url = database_url("postgresql://node:secret@127.0.0.1:1/deepvein", tmp_path)
    with pytest.raises(UsageError, match="cannot be opened") as caught:
        open_database(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("dump", DUMPS, ids=lambda path: path.stem)
def test_a_database_of_an_earlier_release_loses_nothing(dump, tmp_path):
    database = restored(dump, tmp_path)
    _, before = contents(database)
    assert all(before.values())
    migrate(database)
    _, after = contents(database)
    check_kept(before, after)
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    with database.reading() as session:
        assert first_break(session) is None
        for mapper in Base.registry.mappers:  # each row is read as today's code sees it
            assert len(session.scalars(select(mapper.class_)).all()) == len(
                after[mapper.local_table.name]
            )
    database.close()


def test_a_file_that_is_removed_under_a_node_at_work_is_no_new_database(tmp_path):
    database = open_database(database_url("", tmp_path))
    with database.writing() as session:
        session.add(StudyRow(uid="1.2.3"))
    (tmp_path / "away").mkdir()
    kept = [path.rename(tmp_path / "away" / path.name) for path in tmp_path.glob(f"{FILE}*")]
    for session in (database.writing, database.reading):
        with pytest.raises(AWAY, match="removed, or replaced"), session():
            pass
    assert list(tmp_path.glob(f"{FILE}*")) == []
    (tmp_path / FILE).touch()
    with pytest.raises(AWAY, match="removed, or replaced"), database.reading():
        pass
    for path in kept:
        path.rename(tmp_path / path.name)
    with database.writing() as again:
        assert again.scalars(select(StudyRow.uid)).all() == ["1.2.3"]
    database.close()


def test_a_file_that_is_away_is_not_made_by_who_does_not_open_the_node(tmp_path):
    database = Database(database_url("", tmp_path))
    for session in (database.writing, database.reading):
        with pytest.raises(AWAY, match="removed, or replaced"), session():
            pass
    with pytest.raises(AWAY), database.engine.connect():
        pass
    assert list(tmp_path.iterdir()) == []
    database.close()


@pytest.mark.parametrize("name", ["a folder?x=1", "100%", "ä#b"])
def test_folders_have_any_name(tmp_path, name):
    database = open_database(database_url("", tmp_path / name))
    with database.writing() as session:
        session.add(StudyRow(uid="1.2"))
    database.close()
    assert (tmp_path / name / FILE).stat().st_size > 0
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_why_it_is_away_is_said_in_words():
    pg8000_like = AWAY[1]("SELECT 1", {}, Exception({"C": "28P01", "M": "no\nsuch user"}))
    assert in_words(pg8000_like) == "no such user"
    assert in_words(AWAY[2]("no connection is free")) == "no connection is free"
