from __future__ import annotations

import gzip
import json
import shutil

import pytest
from sqlalchemy import select

from deepvein.core.errors import InputError, OutputError, UsageError
from deepvein.node import backup as module
from deepvein.node.accounts import add_user, log_in
from deepvein.node.audit import Deed, first_break, record
from deepvein.node.backup import ROWS, back_up, restore
from deepvein.node.database.database import FILE, Database, database_url
from deepvein.node.database.schema import (
    InstanceRow,
    ResultRow,
    ReviewRow,
    SessionRow,
    StudyRow,
    UserRow,
)
from deepvein.node.intake import Arrived, enter
from deepvein.node.queue import QueueSettings, enqueue
from deepvein.node.reviews.prepared import VIEW
from deepvein.node.states import Priority, Role, StudyState
from deepvein.node.store import Store
from deepvein.node.worker import Worker
from unit.node.instances import fast_screen, image, save

PASSWORD = "correct horse battery"


@pytest.fixture
def used(database, store):
    """A node with a screened study, a quarantined file and a user who is logged in."""
    folder = store.arriving("r")
    (save(image(1, 1), folder / "a.dcm"), save(image(1, 2), folder / "b.dcm"))
    (folder / "bad.dcm").write_bytes(b"bad")
    enter(database, store, "r", [Arrived(path) for path in sorted(folder.glob("*.dcm"))])
    with database.writing() as session:
        study = session.scalars(select(StudyRow)).one()
        study.state = StudyState.QUEUED
        enqueue(session, study, Priority.ROUTINE)
        add_user(session, "anna", PASSWORD, Role.READER)
        log_in(session, "anna", PASSWORD, "")
        record(session, Deed("log-in", "anna"))
    Worker("w", database, store, fast_screen, QueueSettings(), ("pacs",)).step()
    return database, store


@pytest.fixture
def other(tmp_path, empty_database):
    """Another node's empty database and folder."""
    folder = tmp_path / "other"
    folder.mkdir()
    shutil.copy(empty_database, folder / FILE)
    opened = Database(database_url("", folder))
    yield opened, Store(folder)
    opened.close()


def test_what_was_backed_up_comes_back(used, other, tmp_path):
    files = back_up(*used, tmp_path / "backup")
    assert files == len([one for one in (tmp_path / "backup/files").rglob("*") if one.is_file()])
    assert restore(tmp_path / "backup", *other) > 0
    database, store = other
    with database.reading() as session:
        study = session.scalars(select(StudyRow)).one()
        assert (study.state, study.patient_name) == (StudyState.SCREENED, "Doe^Jane1")
        with used[0].reading() as before:
            assert study.received == before.scalars(select(StudyRow)).one().received
        for one in session.scalars(select(InstanceRow)):
            assert store.absolute(one.path).read_bytes() == used[1].absolute(one.path).read_bytes()
        result = session.scalars(select(ResultRow)).one()
        assert (store.absolute(result.folder) / "object1.dcm").is_file()
        assert first_break(session) is None
        assert session.scalars(select(SessionRow)).all() == []
    with database.writing() as session:
        assert log_in(session, "anna", PASSWORD, "")
        session.add(StudyRow(uid="9.9"))


def test_a_backup_takes_a_folder_of_its_own_and_says_so_before_it_copies(
    used, tmp_path, monkeypatch
):
    back_up(*used, tmp_path / "backup")
    monkeypatch.setattr("deepvein.node.backup._copied", lambda *_: pytest.fail("it copied"))
    with pytest.raises(OutputError, match="holds something already: give a new folder"):
        back_up(*used, tmp_path / "backup")


def test_a_folder_that_holds_something_is_left_alone(used, other, tmp_path):
    back_up(*used, tmp_path / "backup")
    with other[0].writing() as session:
        add_user(session, "bert", PASSWORD, Role.READER)
    with pytest.raises(UsageError, match="users already"):
        restore(tmp_path / "backup", *other)
    with other[0].reading() as session:
        assert session.scalars(select(UserRow.name)).all() == ["bert"]
        assert session.scalars(select(StudyRow)).all() == []


@pytest.mark.parametrize("damage", ["cut", "text", "gone"])
def test_a_damaged_backup_is_told_and_changes_nothing(used, other, tmp_path, damage):
    back_up(*used, tmp_path / "backup")
    rows = tmp_path / "backup" / ROWS
    if damage == "cut":
        rows.write_bytes(rows.read_bytes()[:-40])
    elif damage == "text":
        rows.write_bytes(b"no backup")
    else:
        rows.unlink()
    with pytest.raises(InputError, match="no backup, or a damaged one"):
        restore(tmp_path / "backup", *other)
    with other[0].reading() as session:
        assert session.scalars(select(StudyRow)).all() == []


def test_a_backup_without_its_files_is_told(used, other, tmp_path):
    back_up(*used, tmp_path / "backup")
    shutil.rmtree(tmp_path / "backup" / "files" / "studies")
    with pytest.raises(InputError, match="lacks 2 of its files"):
        restore(tmp_path / "backup", *other)


def test_a_backup_of_another_schema_is_told(used, other, tmp_path):
    back_up(*used, tmp_path / "backup")
    with gzip.open(tmp_path / "backup" / ROWS, "wt") as rows:
        rows.write(json.dumps({"schema": "9999"}) + "\n")
    with pytest.raises(UsageError, match="the schema '9999'"):
        restore(tmp_path / "backup", *other)


def test_what_readers_drew_is_kept_and_views_are_not(used, tmp_path):
    database, store = used
    with database.writing() as session:
        result = session.scalars(select(ResultRow)).one()
        session.add(
            ReviewRow(
                result_id=result.id, uid="2.25.1", changed_by="anna", labels="reviews/1/a.npz"
            )
        )
    (store.folder / "reviews" / "1").mkdir(parents=True)
    (store.folder / "reviews" / "1" / "a.npz").write_bytes(b"drawn")
    (store.absolute(result.folder) / VIEW).mkdir()
    back_up(database, store, tmp_path / "backup")
    assert (tmp_path / "backup" / "files" / "reviews" / "1" / "a.npz").read_bytes() == b"drawn"
    assert not (tmp_path / "backup" / "files" / result.folder / VIEW).exists()
    assert (tmp_path / "backup" / "files" / result.folder).is_dir()


def test_images_that_the_hospital_removed_keep_no_backup_from_being_made(
    used, other, tmp_path, monkeypatch
):
    monkeypatch.setattr(module, "_MOVE_S", 0.0)
    database, store = used
    with database.reading() as session:
        removed, kept = session.scalars(select(InstanceRow.path).order_by(InstanceRow.id))
    store.absolute(removed).unlink()
    back_up(database, store, tmp_path / "backup")
    restore(tmp_path / "backup", *other)
    assert other[1].absolute(kept).is_file()
    assert not other[1].absolute(removed).exists()


def test_an_image_that_is_on_its_way_to_its_place_is_in_the_backup(
    used, other, tmp_path, monkeypatch
):
    """Entered in the database, moved a moment later."""
    database, store = used
    with database.reading() as session:
        place = store.absolute(session.scalars(select(InstanceRow.path)).all()[0])
    arriving = place.rename(tmp_path / "arriving.dcm")
    monkeypatch.setattr("time.sleep", lambda _: arriving.rename(place))
    back_up(database, store, tmp_path / "backup")
    restore(tmp_path / "backup", *other)
    assert other[1].absolute(store.relative(place)).is_file()


def test_a_restore_that_was_broken_off_is_done_again(used, other, tmp_path, monkeypatch):
    """Killed, or the disk full, between rows and files: nobody sees rows whose files are not there."""
    back_up(*used, tmp_path / "backup")

    def full(*_, **__):
        raise shutil.Error([("a", "b", "[Errno 28] No space left on device")])

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copytree", full)
        with pytest.raises(OutputError, match="cannot be copied"):
            restore(tmp_path / "backup", *other)
    with other[0].reading() as session:
        assert session.scalars(select(StudyRow)).all() == []
    assert restore(tmp_path / "backup", *other) > 0
    with other[0].reading() as session:
        assert len(session.scalars(select(StudyRow)).all()) == 1


def test_a_backup_whose_images_were_lost_leaves_the_database_empty(used, other, tmp_path):
    back_up(*used, tmp_path / "backup")
    next((tmp_path / "backup" / "files" / "studies").rglob("*.dcm")).unlink()
    with pytest.raises(InputError, match="lacks 1 of its files"):
        restore(tmp_path / "backup", *other)
    with other[0].reading() as session:
        assert session.scalars(select(StudyRow)).all() == []
