from __future__ import annotations

from sqlalchemy import select

from deepvein.node.database.schema import QuarantinedRow
from deepvein.node.quarantine import quarantine


def test_the_same_bytes_are_listed_once(database, store):
    for reason in ("it is odd", "it is still odd"):
        with database.writing() as session:
            place = quarantine(session, store, "f" * 64, reason, calling_ae="X" * 99)
    assert place == store.quarantined("f" * 64)
    with database.reading() as session:
        (row,) = session.scalars(select(QuarantinedRow))
    assert (row.path, row.reason, row.calling_ae) == (
        store.relative(place),
        "it is odd",
        "X" * 64,
    )
