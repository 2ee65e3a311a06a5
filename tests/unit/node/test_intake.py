from __future__ import annotations

import errno
import shutil
import threading
from pathlib import Path

import pytest
from sqlalchemy import func, select

from deepvein.core.errors import OutputError
from deepvein.core.provenance import sha256
from deepvein.node import intake
from deepvein.node.database.schema import (
    InstanceRow,
    JobRow,
    ObjectRow,
    QuarantinedRow,
    ResultRow,
    SendingRow,
    SeriesRow,
    StudyRow,
)
from deepvein.node.intake import Arrived, ended, enter
from deepvein.node.queue import enqueue
from deepvein.node.states import JobState, Priority, StudyState
from unit.node.instances import image, save


@pytest.fixture
def arrive(database, store):
    """Put images into the receiver's folder and enter them."""

    def work(*images, association: str = "", name: str = "f") -> None:
        folder = store.arriving("receiver")
        paths = [save(one, folder / f"{name}{number}.dcm") for number, one in enumerate(images)]
        enter(
            database, store, "receiver", [Arrived(path, "SCANNER", association) for path in paths]
        )
        assert list(folder.glob("*.dcm")) == []

    return work


def one(database, table):
    with database.reading() as session:
        return session.scalars(select(table)).one()


def count(database, table) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(table))


def test_instances_are_entered_and_moved_to_their_places(database, store, arrive):
    arrive(image(1, 1), image(1, 2), image(1, 1, series=2), image(2, 1))
    with database.reading() as session:
        studies = session.scalars(select(StudyRow).order_by(StudyRow.id)).all()
        assert [(row.patient_id, row.instance_count, row.state) for row in studies] == [
            ("P1", 3, StudyState.RECEIVING),
            ("P2", 1, StudyState.RECEIVING),
        ]
        assert [row.instance_count for row in session.scalars(select(SeriesRow))] == [2, 1, 1]
        for row in session.scalars(select(InstanceRow)):
            path = store.absolute(row.path)
            assert path.stat().st_size == row.bytes
            assert path.stat().st_mode & 0o077 == 0
        assert studies[0].bytes == sum(
            row.bytes for row in session.scalars(select(InstanceRow).filter_by(study_id=1))
        )


def test_the_same_instance_again_changes_nothing(database, arrive):
    arrive(image(1, 1))
    before = one(database, StudyRow)
    arrive(image(1, 1))
    after = one(database, StudyRow)
    assert (after.arrivals, after.instance_count) == (before.arrivals, 1)
    assert count(database, InstanceRow) == 1
    assert count(database, QuarantinedRow) == 0


def test_other_content_under_the_same_uid_is_kept_apart(database, store, arrive):
    arrive(image(1, 1))
    kept = store.absolute(one(database, InstanceRow).path).read_bytes()
    for _ in range(2):
        arrive(image(1, 1, PixelData=b"\7\0" * 256))
    row = one(database, QuarantinedRow)
    assert "other content" in row.reason
    assert store.absolute(row.path).is_file()
    assert store.absolute(one(database, InstanceRow).path).read_bytes() == kept


def test_two_patients_never_share_a_study(database, arrive):
    arrive(image(1, 1), image(1, 2, PatientID="another"))
    assert "another Patient ID" in one(database, QuarantinedRow).reason
    assert one(database, StudyRow).instance_count == 1


def test_what_is_no_dicom_is_kept_with_the_reason_and_costs_the_others_nothing(
    database, store, arrive
):
    folder = store.arriving("receiver")
    folder.mkdir(parents=True)
    (folder / "bad.dcm").write_bytes(b"nothing")
    save(image(1, 1), folder / "good.dcm")
    enter(database, store, "receiver", [Arrived(folder / "bad.dcm"), Arrived(folder / "good.dcm")])
    row = one(database, QuarantinedRow)
    assert store.absolute(row.path).read_bytes() == b"nothing"
    assert one(database, StudyRow).instance_count == 1


def test_a_late_image_opens_the_study_again(database, arrive):
    arrive(image(1, 1))
    with database.writing() as session:
        study = session.scalars(select(StudyRow)).one()
        study.state = StudyState.QUEUED
        enqueue(session, study, Priority.ROUTINE)
    arrive(image(1, 2))
    study = one(database, StudyRow)
    assert (study.state, study.revision) == (StudyState.RECEIVING, 2)
    assert one(database, JobRow).state is JobState.SUPERSEDED
    arrive(image(1, 3))
    assert one(database, StudyRow).revision == 2


def test_a_late_report_opens_nothing(database, arrive):
    arrive(image(1, 1))
    with database.writing() as session:
        session.scalars(select(StudyRow)).one().state = StudyState.SCREENED
    arrive(image(1, 2, SOPClassUID="1.2.840.10008.5.1.4.1.1.88.33", Modality="SR"))
    study = one(database, StudyRow)
    assert (study.state, study.revision, study.instance_count) == (StudyState.SCREENED, 1, 2)


def test_a_result_of_ours_that_comes_back_is_not_an_image(database, arrive):
    arrive(image(1, 1))
    back = image(1, 99)
    with database.writing() as session:
        study = session.scalars(select(StudyRow)).one()
        job = enqueue(session, study, Priority.ROUTINE)
        result = ResultRow(
            study_id=study.id, job_id=job.id, revision=1, verdict="dvt", findings=0, folder="x"
        )
        result.objects.append(ObjectRow(uid=back.SOPInstanceUID, sop_class="1.2", name="a.dcm"))
        session.add(result)
        study.state = StudyState.SCREENED
    arrive(back)
    assert one(database, StudyRow).revision == 1
    assert count(database, InstanceRow) == 1


def test_an_open_association_is_noted_until_it_ends(database, arrive):
    arrive(image(1, 1), image(1, 2), image(2, 1), association="a")
    arrive(image(1, 3), association="b")
    assert count(database, SendingRow) == 3
    ended(database, "receiver", "a")
    assert one(database, SendingRow).association == "b"
    ended(database, "receiver")
    assert count(database, SendingRow) == 0


def test_killed_between_database_and_move_the_file_finds_its_place_later(
    database, store, arrive, monkeypatch
):
    path = save(image(1, 1), store.arriving("receiver") / "a.dcm")
    with monkeypatch.context() as patch:
        patch.setattr(intake, "placed", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            enter(database, store, "receiver", [Arrived(path)])
    assert path.exists()
    enter(database, store, "receiver", [Arrived(path)])
    assert store.absolute(one(database, InstanceRow).path).is_file()
    assert not path.exists()
    assert one(database, StudyRow).arrivals == 1


def test_a_full_disk_is_told_and_the_file_stays(database, store, monkeypatch):
    path = save(image(1, 1), store.arriving("receiver") / "a.dcm")

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("pathlib.Path.replace", full)
        with pytest.raises(OutputError, match="no room"):
            enter(database, store, "receiver", [Arrived(path)])
    enter(database, store, "receiver", [Arrived(path)])
    assert store.absolute(one(database, InstanceRow).path).is_file()


def test_a_file_that_breaks_the_database_is_kept_apart(database, store, arrive, monkeypatch):
    add = intake._add

    def broken(ledger, study, looked, instance, path):
        if instance.uid.endswith(".2"):
            raise ValueError("the database does not take it")
        add(ledger, study, looked, instance, path)

    monkeypatch.setattr(intake, "_add", broken)
    arrive(image(1, 1), image(1, 2), image(1, 3))
    assert one(database, QuarantinedRow).reason == "internal error, ValueError"
    assert one(database, StudyRow).instance_count == 2


def test_one_study_in_two_associations_at_once_is_one_study(database, store, tmp_path):
    source = [save(image(1, number), tmp_path / "in" / f"{number}.dcm") for number in range(12)]

    def send(name: str) -> None:
        folder = store.arriving(name)
        folder.mkdir(parents=True)
        for path in source:
            enter(
                database, store, name,
                [Arrived(shutil.copy(path, folder / path.name), "SCANNER", name)],
            )  # fmt: skip

    threads = [threading.Thread(target=send, args=(name,)) for name in ("r1", "r2")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    study = one(database, StudyRow)
    assert (study.instance_count, study.arrivals) == (12, 12)
    assert count(database, QuarantinedRow) == 0
    assert [path for name in ("r1", "r2") for path in store.arriving(name).glob("*.dcm")] == []


def test_a_file_that_cannot_be_moved_keeps_no_other_out_and_counts_as_not_here(
    database, store, arrive
):
    """When it can be, it is a new image: the study that was complete without it is opened again."""
    folder = store.arriving("receiver")
    bad, good = (save(image(1, n, series=n), folder / f"{n}.dcm") for n in (1, 2))
    in_the_way = store.study(image(1, 1).StudyInstanceUID) / image(1, 1).SeriesInstanceUID
    in_the_way.parent.mkdir(parents=True)
    in_the_way.write_text("a file where a folder should be")
    (stuck,) = enter(database, store, "receiver", [Arrived(bad), Arrived(good)])
    assert stuck.arrived.path == bad
    assert "cannot be moved to its place (" in stuck.reason
    assert (bad.exists(), good.exists()) == (True, False)
    study = one(database, StudyRow)
    assert (study.instance_count, one(database, InstanceRow).bytes) == (1, study.bytes)
    with database.writing() as session:
        session.scalars(select(StudyRow)).one().state = StudyState.SCREENED
    in_the_way.unlink()
    assert enter(database, store, "receiver", [Arrived(bad)]) == []
    study = one(database, StudyRow)
    assert (study.instance_count, study.state) == (2, StudyState.RECEIVING)
    assert study.revision == 2


@pytest.mark.parametrize("known", [False, True])
def test_a_file_that_cannot_be_read_is_not_taken_for_damaged(database, store, monkeypatch, known):
    folder = store.arriving("receiver")
    bad, good = (save(image(1, n), folder / f"{n}.dcm") for n in (1, 2))
    digest = sha256(bad) if known else ""
    read = Path.open

    def sometimes(self, *arguments, **options):
        if self == bad:
            raise OSError(errno.EIO, "Input/output error")
        return read(self, *arguments, **options)

    monkeypatch.setattr(Path, "open", sometimes)
    (stuck,) = enter(database, store, "receiver", [Arrived(bad, sha256=digest), Arrived(good)])
    assert stuck.reason == "its file cannot be read (Input/output error)"
    assert count(database, QuarantinedRow) == 0
    assert one(database, StudyRow).instance_count == 1
    monkeypatch.setattr(Path, "open", read)
    assert enter(database, store, "receiver", [Arrived(bad)]) == []
    assert one(database, StudyRow).instance_count == 2


def test_a_file_that_went_its_way_before_is_no_trouble(database, store):
    store.arriving("receiver").mkdir(parents=True)
    assert enter(database, store, "receiver", [Arrived(store.arriving("receiver") / "x.dcm")]) == []


def test_a_file_that_somebody_removed_is_told_until_it_is_sent_again(database, store):
    """Its sender was told yes: nothing is lost in silence."""
    path = save(image(1, 1), store.arriving("receiver") / "1.dcm")
    content = path.read_bytes()
    digest = sha256(path)
    one_way = Arrived(path, "SCANNER", sha256=digest, uid=image(1, 1).SOPInstanceUID)
    path.unlink()
    (stuck,) = enter(database, store, "receiver", [one_way])
    assert "it was removed before it could be taken in: send its study again" in stuck.reason
    path.write_bytes(content)
    assert enter(database, store, "receiver", [one_way]) == []
    assert not path.exists()
    assert enter(database, store, "receiver", [one_way]) == []


@pytest.mark.parametrize("state", [StudyState.FAILED, StudyState.QUEUED, StudyState.SCREENED])
def test_an_image_that_was_removed_and_comes_again_opens_a_study_that_was_not_screened(
    database, store, state
):
    """Of one that was screened images may be removed by the hospital's own rules."""

    def receive(*numbers: int) -> None:
        paths = [save(image(1, n), store.arriving("receiver") / f"{n}.dcm") for n in numbers]
        enter(database, store, "receiver", [Arrived(path, "SCANNER", "a") for path in paths])

    receive(1, 2)
    with database.writing() as session:
        study = session.scalars(select(StudyRow)).one()
        study.state, study.reason = state, "why not"
    (first, _) = sorted(store.study(image(1, 1).StudyInstanceUID).rglob("*.dcm"))
    receive(1, 2)  # they are there
    assert (one(database, StudyRow).state, one(database, StudyRow).revision) == (state, 1)
    first.unlink()
    receive(1, 2)
    opened = state is not StudyState.SCREENED
    study = one(database, StudyRow)
    assert study.state is (StudyState.RECEIVING if opened else state)
    assert (study.revision, study.instance_count) == (1 + opened, 2)
    assert first.is_file()
