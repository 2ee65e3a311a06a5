from __future__ import annotations

import errno
from pathlib import Path

import pytest
from sqlalchemy import select

from deepvein.core.provenance import sha256
from deepvein.node.database.schema import InstanceRow, QuarantinedRow
from deepvein.node.intake import Arrived, enter
from deepvein.node.placing import Placing, placed
from unit.node.instances import image, save


@pytest.fixture
def arrive(database, store):
    def work(one, name: str = "a") -> None:
        path = save(one, store.arriving("r") / f"{name}.dcm")
        assert enter(database, store, "r", [Arrived(path)]) == []
        assert not path.exists()

    return work


def there(database, store) -> tuple[InstanceRow, bytes]:
    with database.reading() as session:
        row = session.scalars(select(InstanceRow)).one()
    return row, store.absolute(row.path).read_bytes()


def aside(database, store) -> list[bytes]:
    with database.reading() as session:
        return [
            store.absolute(one.path).read_bytes() for one in session.scalars(select(QuarantinedRow))
        ]


@pytest.mark.parametrize("same_size", [True, False])
def test_what_an_older_database_does_not_know_is_kept_beside_what_came(
    database, store, arrive, tmp_path, same_size
):
    """A file of later date than a restored database lies where a new one belongs."""
    older = image(1, 1, pixels=16 if same_size else 20, PatientName="Doe^Older")
    place = store.instance(older.StudyInstanceUID, older.SeriesInstanceUID, older.SOPInstanceUID)
    save(older, place)
    before = place.read_bytes()
    new = image(1, 1, PatientName="Doe^Newer")
    sent = save(new, tmp_path / "sent.dcm").read_bytes()
    assert (len(sent) == len(before)) is same_size
    arrive(new)
    row, content = there(database, store)
    assert (content, row.sha256) == (sent, sha256(tmp_path / "sent.dcm"))
    assert aside(database, store) == [before]


def test_the_same_bytes_at_their_place_are_taken_over(database, store, arrive):
    one = image(1, 1)
    save(one, store.instance(one.StudyInstanceUID, one.SeriesInstanceUID, one.SOPInstanceUID))
    arrive(one)
    assert there(database, store)[0].uid == one.SOPInstanceUID
    assert aside(database, store) == []


def test_a_file_that_the_disk_has_damaged_is_replaced_when_it_is_sent_again(
    database, store, arrive
):
    arrive(image(1, 1))
    row, whole = there(database, store)
    store.absolute(row.path).write_bytes(whole[:-1] + b"x")
    arrive(image(1, 1))
    assert there(database, store)[1] == whole
    assert aside(database, store) == [whole[:-1] + b"x"]


def test_what_cannot_be_read_at_a_place_is_no_reason_to_drop_what_came(
    database, store, arrive, monkeypatch
):
    arrive(image(1, 1))
    row, whole = there(database, store)
    read = Path.open

    def sometimes(self, *arguments, **options):
        if self == store.absolute(row.path):
            raise OSError(errno.EIO, "Input/output error")
        return read(self, *arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", sometimes)
        arrive(image(1, 1))
    assert there(database, store)[1] == whole
    assert aside(database, store) == [whole]


def test_a_damaged_file_in_quarantine_is_replaced_too(database, store, arrive):
    arrive(image(1, 1))
    other = image(1, 1, PatientName="Doe^Other")
    arrive(other)
    (kept,) = (store.folder / "quarantine").iterdir()
    whole = kept.read_bytes()
    kept.write_bytes(whole[:100])
    arrive(other)
    assert sorted(map(len, aside(database, store))) == [100, len(whole)]


def test_files_that_cannot_be_moved_are_told_and_the_others_go(database, store, tmp_path):
    files = []
    for name in ("a", "b", "c"):
        (tmp_path / name).write_text(name)
        place = store.folder / "places" / name / "x"
        files.append(Placing(tmp_path / name, place, sha256(tmp_path / name), 1))
    (store.folder / "places").mkdir()
    (store.folder / "places" / "b").write_text("a file where a folder should be")
    troubles = placed(database, store, files)
    assert list(troubles) == [tmp_path / "b"]
    assert [one.place.exists() for one in files] == [True, False, True]
