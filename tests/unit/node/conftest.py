import shutil

import pytest

from deepvein.node import accounts
from deepvein.node.database.database import FILE, Database, database_url, open_database
from deepvein.node.store import Store


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory):
    """The file of a database with today's schema and nothing in it."""
    folder = tmp_path_factory.mktemp("database")
    open_database(database_url("", folder)).close()
    return folder / FILE


@pytest.fixture
def database(tmp_path, empty_database):
    shutil.copy(empty_database, tmp_path)
    opened = Database(database_url("", tmp_path))
    yield opened
    opened.close()


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path)


@pytest.fixture(autouse=True)
def _cheap_passwords(monkeypatch):
    monkeypatch.setattr(accounts, "COST", accounts.Cost(passes=1, memory_kib=8))
