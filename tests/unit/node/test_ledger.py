from __future__ import annotations

import pytest
from sqlalchemy import event, select

from deepvein.node.database.schema import InstanceRow, SendingRow, SeriesRow, StudyRow
from deepvein.node.instance import read_instance
from deepvein.node.intake import Arrived, enter
from deepvein.node.ledger import Ledger
from unit.node.instances import image, save


@pytest.fixture
def found(tmp_path):
    paths = [save(image(1, number), tmp_path / f"{number}.dcm") for number in range(3)]
    return [read_instance(path) for path in paths]


def test_it_knows_what_is_there_and_what_was_added(database, found):
    with database.writing() as session:
        ledger = Ledger(session, found)
        assert (ledger.studies, ledger.series, ledger.instances) == ({}, {}, {})
        study = StudyRow(uid=found[0].study_uid)
        ledger.add_study(study)
        series = SeriesRow(study_id=study.id, uid=found[0].series_uid)
        ledger.add_series(series)
        row = InstanceRow(
            study_id=study.id, series_id=series.id, uid=found[0].uid, sop_class="1", path="a",
            transfer_syntax="1", bytes=1, sha256="0",
        )  # fmt: skip
        ledger.add_instance(row)
        assert ledger.instances[study.id, found[0].uid] is row
        ledger.write()
    with database.writing() as session:
        ledger = Ledger(session, found)
        assert list(ledger.studies) == [found[0].study_uid]
        assert list(ledger.series) == [(1, found[0].series_uid)]
        assert list(ledger.instances) == [(1, found[0].uid)]


def test_an_association_is_noted_once(database, found):
    for _ in range(2):
        with database.writing() as session:
            ledger = Ledger(session, found)
            if not ledger.studies:
                ledger.add_study(StudyRow(uid=found[0].study_uid))
            for _ in range(2):
                ledger.note_sending("r", "a", ledger.studies[found[0].study_uid])
    with database.reading() as session:
        assert len(session.scalars(select(SendingRow)).all()) == 1


def test_many_files_ask_no_more_than_few(database, store):
    asked: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    counts = []
    for study, images in ((1, 2), (2, 40)):
        folder = store.arriving("r")
        paths = [save(image(study, n), folder / f"{n}.dcm") for n in range(images)]
        asked.clear()
        enter(database, store, "r", [Arrived(path, "SCANNER", "a") for path in paths])
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_what_is_withdrawn_never_came(database, store):
    folder = store.arriving("r")
    images = [image(1, n) for n in range(3)]
    paths = [save(one, folder / f"{n}.dcm") for n, one in enumerate(images)]
    enter(database, store, "r", [Arrived(path) for path in paths[:2]])
    second = read_instance(save(images[1], folder / "again.dcm"))
    third = read_instance(paths[2])
    with database.writing() as session:
        Ledger(session, [second, third]).withdraw([second, third])
    with database.reading() as session:
        (row,) = session.scalars(select(InstanceRow))
        study, series = session.scalars(select(StudyRow)).one(), session.scalars(select(SeriesRow))
        assert (study.instance_count, study.bytes) == (1, row.bytes)
        assert series.one().instance_count == 1
