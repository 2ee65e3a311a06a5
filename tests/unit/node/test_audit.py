from __future__ import annotations

import threading

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DatabaseError

from deepvein.node.audit import Deed, first_break, record
from deepvein.node.database.schema import AuditRow


def three(database):
    with database.writing() as session:
        record(session, Deed("log-in", "anna", "10.0.0.1"))
        record(session, Deed("view", "anna", "10.0.0.1", "1.2.3"))
        record(session, Deed("deliver", study_uid="1.2.3", outcome="failure", detail="PACS"))


def test_deeds_are_kept_in_order_and_hang_together(database):
    three(database)
    with database.reading() as session:
        rows = session.scalars(select(AuditRow).order_by(AuditRow.id)).all()
        assert [(row.action, row.actor, row.outcome) for row in rows] == [
            ("log-in", "anna", "success"),
            ("view", "anna", "success"),
            ("deliver", "node", "failure"),
        ]
        assert len({row.hash for row in rows}) == 3
        assert first_break(session) is None


@pytest.mark.parametrize("change", [delete(AuditRow), update(AuditRow).values(actor="other")])
def test_the_database_refuses_to_change_or_delete(database, change):
    three(database)
    with pytest.raises(DatabaseError, match="append-only"), database.writing() as session:
        session.execute(change)
    with database.reading() as session:
        assert len(session.scalars(select(AuditRow)).all()) == 3


@pytest.mark.parametrize(
    ("tampering", "found"),
    [
        ("UPDATE audit SET detail = 'x' WHERE id = 2", 2),
        ("DELETE FROM audit WHERE id = 1", 2),
        ("DELETE FROM audit WHERE id = 2", 3),
    ],
)
def test_a_row_that_was_changed_or_taken_out_is_found(database, tampering, found):
    three(database)
    with database.writing() as session:
        for event in ("UPDATE", "DELETE"):
            session.execute(text(f"DROP TRIGGER audit_{event}"))
        session.execute(text(tampering))
    with database.reading() as session:
        assert first_break(session) == found


def test_many_at_once_make_one_chain(database):
    def work(name: str) -> None:
        for _ in range(10):
            with database.writing() as session:
                record(session, Deed("view", name))

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    with database.reading() as session:
        assert first_break(session) is None
        assert len(session.scalars(select(AuditRow)).all()) == 40
