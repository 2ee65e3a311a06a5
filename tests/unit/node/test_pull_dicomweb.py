from __future__ import annotations

import pytest
from requests import HTTPError
from sqlalchemy import select

from deepvein.node.database.schema import InstanceRow
from deepvein.node.pull import SourceError
from deepvein.node.pull_dicomweb import DicomwebSource, DicomwebSourceSettings
from unit.node.instances import image


@pytest.fixture
def source(database, store, monkeypatch):
    """An archive that has lost its first image, and cannot decode its second."""

    class Client:
        def retrieve_instance(self, study: str, series: str, uid: str):
            del study, series
            number = int(uid.rpartition(".")[2])
            if number == 1:
                raise HTTPError("404")
            made = image(1, number)
            if number == 2:
                del made.file_meta
            return made

    monkeypatch.setattr(DicomwebSource, "_client", lambda self: Client())
    settings = DicomwebSourceSettings("archive", "http://127.0.0.1:1/dicom-web")
    return DicomwebSource(settings, database, store)


def uids(database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(InstanceRow.uid).order_by(InstanceRow.id)))


def test_an_image_that_an_archive_cannot_give_keeps_no_other_out(database, store, source):
    images = [image(1, number) for number in range(1, 5)]
    wanted = [(str(one.SeriesInstanceUID), str(one.SOPInstanceUID)) for one in images]
    with pytest.raises(SourceError):
        source.fetch("1", wanted)
    assert uids(database) == [uid for _, uid in wanted[2:]]
    assert list(source._entrance.folder.iterdir()) == []
