from __future__ import annotations

from datetime import date, timedelta

import pytest

from deepvein.node.pull import Puller, SourceError


class Archive:
    """An archive of three studies, of which it cannot give one."""

    name, days, every_s = "archive", 1, 300.0

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.fetched: list[str] = []

    def studies(self, dates: str) -> list[str]:
        self.asked.append(dates)
        return ["1.1", "1.2", "1.3"]

    def instances(self, study_uid: str) -> list[tuple[str, str]]:
        if study_uid == "1.1":
            raise SourceError("it did not answer")
        return [("9", f"{study_uid}.1")]

    def fetch(self, study_uid: str, instances: list[tuple[str, str]]) -> None:
        self.fetched.append(study_uid)
        if study_uid == "1.2":
            raise SourceError("it broke off")


@pytest.fixture
def archive():
    return Archive()


def test_a_study_that_an_archive_cannot_give_keeps_no_other_out(database, archive, caplog):
    puller = Puller(archive, database)
    while puller.step():
        pass
    assert archive.fetched == ["1.2", "1.3"]
    (told,) = caplog.records
    assert (told.source, told.failed) == ("archive", 2)


def test_each_step_fetches_one_study_so_that_a_node_ends_between_them(archive, database):
    puller = Puller(archive, database)
    steps = [(puller.step(), list(archive.fetched)) for _ in range(4)]
    assert steps == [(True, []), (True, ["1.2"]), (True, ["1.2", "1.3"]), (False, ["1.2", "1.3"])]
    assert len(archive.asked) == 1


def test_studies_of_tomorrow_are_asked_for_where_the_archive_stands_further_east(database, archive):
    Puller(archive, database).step()
    today = date.today()
    dates = [f"{today + timedelta(days=one):%Y%m%d}" for one in (-1, 1)]
    assert archive.asked == ["-".join(dates)]
