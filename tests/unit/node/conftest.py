import pytest

from deepvein.node import accounts
from deepvein.node.database.database import database_url, open_database
from deepvein.node.store import Store


@pytest.fixture
def database(tmp_path):
    opened = open_database(database_url("", tmp_path))
    yield opened
    opened.close()


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path)


@pytest.fixture(autouse=True)
def _cheap_passwords(monkeypatch):
    monkeypatch.setattr(accounts, "COST", accounts.Cost(passes=1, memory_kib=8))
