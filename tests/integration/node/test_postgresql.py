"""The node on PostgreSQL: the same schema, the same behaviour, also through a restart of the server."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import DatabaseError

from deepvein.core.errors import UsageError
from deepvein.node.audit import Deed, first_break, record
from deepvein.node.database import postgresql as limits
from deepvein.node.database.database import AWAY, Database, database_url, open_database
from deepvein.node.database.migration import migrate
from deepvein.node.database.schema import AuditRow, Base, InstanceRow, StudyRow
from deepvein.node.intake import Arrived, enter
from deepvein.node.queue import QueueSettings, enqueue, fail, take
from deepvein.node.readiness import troubles
from deepvein.node.receiver import Receiver, ReceiverSettings
from deepvein.node.retry import Retried, retry
from deepvein.node.states import Priority, StudyState
from deepvein.node.store import Store
from deepvein.node.worklist import ORDERS, STATUSES, Wanted, entries
from integration.node.processes import Process
from peers.postgresql import Postgresql
from unit.node.database.released import DUMPS, check_kept, contents, restored
from unit.node.instances import image, save, wait_for
from unit.node.test_receiver import send

ALWAYS = QueueSettings(quiet_hours=(0, 0))


@pytest.fixture(scope="module")
def server() -> Iterator[Postgresql]:
    with Postgresql() as started:
        yield started


@pytest.fixture
def database(server: Postgresql, tmp_path: Path) -> Iterator[Database]:
    opened = open_database(database_url(server.url, tmp_path))
    yield opened
    with opened.writing() as session:
        session.execute(text("DROP SCHEMA public CASCADE"))
        session.execute(text("CREATE SCHEMA public"))
    opened.close()


def together(*works) -> None:
    threads = [threading.Thread(target=one) for one in works]
    for one in threads:
        one.start()
    for one in threads:
        one.join()


def test_the_migrations_make_the_schema_that_the_code_describes(database: Database) -> None:
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


@pytest.mark.parametrize("dump", DUMPS, ids=lambda path: path.stem)
def test_a_database_of_an_earlier_release_loses_nothing(
    server: Postgresql, tmp_path: Path, dump: Path
) -> None:
    """Its rows, brought to a server that had that release's schema."""
    old = restored(dump, tmp_path)
    tables, before = contents(old)
    old.close()
    database = Database(database_url(server.url, tmp_path))
    try:
        migrate(database, dump.stem)
        with database.engine.begin() as connection:
            for table in tables.sorted_tables:
                connection.execute(insert(table), before[table.name])
        migrate(database)
        check_kept(before, contents(database)[1])
        with database.reading() as session:
            assert first_break(session) is None
    finally:
        with database.writing() as session:
            session.execute(text("DROP SCHEMA public CASCADE"))
            session.execute(text("CREATE SCHEMA public"))
        database.close()


def test_the_audit_log_is_append_only_and_one_chain(database: Database) -> None:
    def work() -> None:
        for _ in range(10):
            with database.writing() as session:
                record(session, Deed("view", "anna"))

    together(work, work, work)
    with database.reading() as session:
        assert first_break(session) is None
        assert len(session.scalars(select(AuditRow)).all()) == 30
    with pytest.raises(DatabaseError, match="append-only"), database.writing() as session:
        session.execute(delete(AuditRow))


def test_each_job_is_taken_once_by_many(database: Database) -> None:
    with database.writing() as session:
        for number in range(30):
            study = StudyRow(uid=f"1.{number}", state=StudyState.QUEUED)
            session.add(study)
            session.flush()
            enqueue(session, study, Priority.ROUTINE)
    taken: list[int] = []

    def work() -> None:
        while (job := take(database, "w", ALWAYS)) is not None:
            taken.append(job.id)

    together(work, work, work, work)
    assert sorted(taken) == sorted(set(taken))
    assert len(taken) == 30


def test_what_failed_begins_again_and_every_list_can_be_asked_for(
    database: Database, tmp_path: Path
) -> None:
    with database.writing() as session:
        study = StudyRow(uid="1.2", state=StudyState.QUEUED)
        session.add(study)
        session.flush()
        enqueue(session, study, Priority.ROUTINE)
    once = QueueSettings(attempts=1, quiet_hours=(0, 0))
    fail(database, take(database, "w", once), "no memory", once, again=True)
    assert retry(database, Store(tmp_path), ["1.2"]) == Retried(1, 0)
    assert take(database, "w", once) is not None
    with database.reading() as session:
        for order in ORDERS:
            for state in (None, *STATUSES):
                found = entries(session, Wanted(status=state, order=order, search=""))
                assert [one.study_uid for one in found] == ["1.2"] * (state in (None, "running"))


def test_one_study_through_two_receivers_at_once_is_one_study(
    database: Database, tmp_path: Path
) -> None:
    store = Store(tmp_path)

    def work(name: str) -> None:
        folder = store.arriving(name)
        for number in range(8):
            path = save(image(1, number), folder / f"{number}.dcm")
            enter(database, store, name, [Arrived(path, "SCANNER", name)])

    together(lambda: work("r1"), lambda: work("r2"))
    with database.reading() as session:
        (study,) = session.scalars(select(StudyRow))
        rows = session.scalars(select(InstanceRow)).all()
        assert len(rows) == 8
        assert study.instance_count == 8
        assert all(store.absolute(one.path).is_file() for one in rows)


def test_odd_texts_of_headers_fit(database: Database, tmp_path: Path) -> None:
    store = Store(tmp_path)
    odd = image(1, 1, PatientName="Ä" * 64, StudyDescription="x" * 64, SeriesNumber=2**31 - 1)
    enter(database, store, "r", [Arrived(save(odd, store.arriving("r") / "a.dcm"), "A" * 16)])
    with database.reading() as session:
        assert len(session.scalars(select(InstanceRow)).all()) == 1


def test_a_node_goes_on_when_the_server_was_restarted(server: Postgresql, tmp_path: Path) -> None:
    settings = {
        "database": server.url,
        "receiver": {"port": 0},
        "completeness": {"quiet_s": 0.3},
        "web": {"port": 0},
    }

    def screened() -> int:
        database = open_database(database_url(server.url, tmp_path))
        try:
            with database.reading() as session:
                states = session.scalars(select(StudyRow.state)).all()
                return states.count(StudyState.SCREENED)
        finally:
            database.close()

    with Process(tmp_path / "node", settings) as node:
        port = node.ports["dicom"]
        assert send(port, image(1, 1)) == [0]
        wait_for(lambda: screened() == 1)
        server.stop()
        # An image is taken in although the database is away.
        assert send(port, image(2, 1)) == [0]
        server.start()
        wait_for(lambda: screened() == 2)


@pytest.fixture
def impatient(server: Postgresql, database: Database, monkeypatch: pytest.MonkeyPatch):
    """A database whose waits are short."""
    for name, seconds in (
        ("LOCK_S", 0.5), ("CONNECT_S", 1.0), ("STATEMENT_S", 1.0), ("_IDLE_S", 1.0), ("ANSWER_S", 2.0),
    ):  # fmt: skip
        monkeypatch.setattr(limits, name, seconds)
    opened = Database(database.url)
    yield opened
    opened.close()


def count(database: Database) -> int:
    with database.reading() as session:
        return len(session.scalars(select(StudyRow)).all())


def test_a_lock_that_somebody_holds_is_waited_for_in_vain_and_told(
    impatient: Database, database: Database, tmp_path: Path
) -> None:
    with database.engine.connect() as other:
        other.execute(text("LOCK TABLE studies IN ACCESS EXCLUSIVE MODE"))
        with pytest.raises(AWAY, match="another session holds a lock"):
            count(impatient)
        assert "the database cannot be used (" in troubles(impatient, tmp_path)[0]
        other.rollback()
    count(impatient)
    assert "the database cannot" not in " ".join(troubles(impatient, tmp_path))


def test_a_statement_that_takes_too_long_is_ended_but_not_where_all_rows_are_changed(
    impatient: Database,
) -> None:
    sleep = text("SELECT pg_sleep(1.5)")
    with pytest.raises(AWAY, match="ended a statement"), impatient.reading() as session:
        session.execute(sleep)
    unhurried = Database(impatient.url, unhurried=True)
    with unhurried.reading() as session:
        session.execute(sleep)
    unhurried.close()


def test_locks_of_a_node_that_is_gone_are_free_again(
    impatient: Database, database: Database
) -> None:
    with database.writing() as session:
        session.add(StudyRow(uid="1.2"))
    with impatient.engine.connect() as gone:
        gone.execute(select(StudyRow).with_for_update())
        wait_for(lambda: _written(database))
        with pytest.raises(AWAY):
            gone.execute(select(StudyRow))


def _written(database: Database) -> bool:
    try:
        with database.writing() as session:
            session.execute(text("SET LOCAL lock_timeout = '100ms'"))
            session.execute(update(StudyRow).values(description="changed"))
    except AWAY:
        return False
    return True


def test_a_server_that_hangs_blocks_nobody_and_loses_nothing(
    impatient: Database, server: Postgresql, tmp_path: Path
) -> None:
    before = count(impatient)
    receiver = Receiver(ReceiverSettings(port=0), impatient, Store(tmp_path))
    receiver.start()
    try:
        with server.frozen():
            begun = time.monotonic()
            for _ in range(2):  # an open connection, and a new one
                with pytest.raises(AWAY, match="the server has not answered for [12] s"):
                    count(impatient)
            with pytest.raises(UsageError, match="has not answered"):
                open_database(impatient.url)
            assert send(receiver.port, image(1, 1)) == [0]
            assert "has not answered" in " ".join(troubles(impatient, tmp_path))
            assert time.monotonic() - begun < 60.0
        wait_for(lambda: count(impatient) == before + 1)
    finally:
        receiver.stop()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [({"database": "nonsense"}, "does not exist"), ({"username": "nobody"}, "does not exist")],
)
def test_a_server_that_lets_us_not_in_is_told_in_one_sentence(
    server: Postgresql, tmp_path: Path, wrong: dict[str, str], said: str
) -> None:
    with pytest.raises(UsageError, match=f"cannot be opened .*{said}.* check that its server runs"):
        open_database(database_url(server.url, tmp_path).set(**wrong))


def test_a_server_that_only_reads_is_one_that_is_away(database: Database) -> None:
    with database.writing() as session:
        session.execute(text("SET TRANSACTION READ ONLY"))
        session.add(StudyRow(uid="1.2"))
        with pytest.raises(AWAY, match="read-only transaction"):
            session.flush()
