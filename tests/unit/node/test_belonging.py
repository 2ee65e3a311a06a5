from __future__ import annotations

import shutil
import threading

import pytest

from deepvein.core.errors import UsageError
from deepvein.node.belonging import MARK, claim, require_database
from deepvein.node.database.database import database_url, open_database
from deepvein.node.database.schema import FolderRow
from deepvein.node.intake import Arrived, enter
from deepvein.node.store import Store
from unit.node.instances import image, save


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "folder"
    made.mkdir()
    return made


@pytest.fixture
def other(tmp_path):
    made = tmp_path / "other"
    made.mkdir()
    return made


def fill(database, folder) -> None:
    path = save(image(1, 1), Store(folder).arriving("r") / "1.dcm")
    enter(database, Store(folder), "r", [Arrived(path)])


def test_a_folder_stays_that_of_its_database_also_when_it_is_moved(database, folder, tmp_path):
    for _ in range(2):
        claim(database, folder)
    claim(database, folder.rename(tmp_path / "moved"))
    assert (tmp_path / "moved" / MARK).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("images", [False, True])
def test_another_folder_is_refused(database, folder, other, images):
    claim(database, folder)
    if images:
        fill(database, folder)
    with pytest.raises(UsageError, match=f"another folder than {other} .first used at .*{folder}."):
        claim(database, other)
    assert not (other / MARK).exists()
    (other / MARK).write_text("1" * 32)
    with pytest.raises(UsageError, match="another folder"):
        claim(database, other)


def test_an_empty_folder_is_refused_to_an_older_database_with_images(database, folder, other):
    fill(database, folder)
    with pytest.raises(UsageError, match="another folder"):
        claim(database, other)
    claim(database, folder)


def test_a_mark_that_was_cleared_away_is_written_again_where_the_images_are(
    database, folder, other
):
    claim(database, folder)
    fill(database, folder)
    (folder / MARK).unlink()
    with pytest.raises(UsageError, match="another folder"):
        claim(database, other)
    claim(database, folder)
    shutil.copytree(folder, other, dirs_exist_ok=True)
    claim(database, other)


def test_a_new_database_takes_the_folder_as_it_is_marked(database, folder):
    (folder / MARK).write_text("2" * 32 + "\n")
    claim(database, folder)
    with database.reading() as session:
        assert session.get_one(FolderRow, 1).mark == "2" * 32


def test_of_two_that_begin_at_once_one_is_refused(database, folder, other):
    refused = []

    def begin(its) -> None:
        try:
            claim(database, its)
        except UsageError as error:
            refused.append(error)

    threads = [threading.Thread(target=begin, args=(its,)) for its in (folder, other)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(refused) == 1
    assert (folder / MARK).exists() is not (other / MARK).exists()


def test_a_folder_whose_database_was_lost_is_not_begun_anew(database, folder):
    """Its images would never be screened, and nobody would hear of it."""
    (folder / "studies").mkdir()
    (folder / MARK).write_text("1" * 32)
    claim(database, folder)
    with database.writing() as session:
        session.delete(session.get_one(FolderRow, 1))
    (folder / "studies" / "1.2").mkdir()
    with pytest.raises(UsageError, match="of which the database knows none"):
        claim(database, folder)


@pytest.mark.parametrize("sign", [MARK, "studies/1.2"])
def test_a_node_that_has_lost_its_database_is_given_no_empty_one(folder, sign):
    url = database_url("", folder)
    require_database(url, folder)
    (folder / sign).mkdir(parents=True)
    with pytest.raises(UsageError, match="is gone, but .* see that its disk is there"):
        require_database(url, folder)
    require_database(database_url("postgresql://node@db/x", folder), folder)
    open_database(url).close()
    require_database(url, folder)
