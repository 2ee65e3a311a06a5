"""Studies are fetched from Orthanc, over both protocols, and what is missing is asked for again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from deepvein.node.database.database import Database, database_url, open_database
from deepvein.node.database.schema import InstanceRow
from deepvein.node.pull import Puller
from deepvein.node.pull_dicom import DicomSource
from deepvein.node.pull_dicomweb import DicomwebSource, DicomwebSourceSettings
from deepvein.node.receiver import Receiver, ReceiverSettings
from deepvein.node.store import Store
from peers.orthanc import Orthanc, free_ports
from unit.node.instances import image, save, wait_for

TODAY = date.today().strftime("%Y%m%d")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(database_url("", tmp_path))
    yield opened
    opened.close()


def uids(database: Database) -> list[str]:
    with database.reading() as session:
        return sorted(session.scalars(select(InstanceRow.uid)))


def test_studies_of_today_are_fetched_and_missing_images_asked_for_again(
    database: Database, tmp_path: Path
) -> None:
    (port,) = free_ports(1)
    store = Store(tmp_path)
    images = [image(1, number, StudyDate=TODAY) for number in range(3)]
    others = [
        image(2, 1, StudyDate="20200101"),
        image(3, 1, StudyDate=TODAY, Modality="US"),
        image(1, 9, series=2, StudyDate=TODAY, Modality="SEG"),
    ]
    with Orthanc(tmp_path / "pacs", {"node": ("DEEPVEIN", port)}) as pacs:
        for number, one in enumerate(images[:2] + others):
            pacs.store(save(one, tmp_path / "sent" / f"{number}.dcm"))
        receiver = Receiver(ReceiverSettings(port=port), database, store)
        receiver.start()
        try:
            dicom = DicomSource("pacs", "127.0.0.1", pacs.dicom_port, pacs.aet, every_s=0.0)
            puller = Puller(dicom, database)
            assert puller.step()
            wait_for(lambda: len(uids(database)) == 2)
            assert not puller.step()
            pacs.store(save(images[2], tmp_path / "sent" / "late.dcm"))
            web = DicomwebSourceSettings("web", pacs.dicomweb_url, every_s=0.0)
            assert Puller(DicomwebSource(web, database, store), database).step()
            assert uids(database) == sorted(one.SOPInstanceUID for one in images)
            assert not puller.step()
        finally:
            receiver.stop()
