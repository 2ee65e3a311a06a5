"""A small phantom goes the whole way with the models that come with deepvein."""

from __future__ import annotations

from pathlib import Path

import pydicom
import pytest
from sqlalchemy import select

from deepvein.node.completeness import CompletenessSettings
from deepvein.node.database.database import database_url, open_database
from deepvein.node.database.schema import DeliveryRow, ObjectRow, ResultRow, StudyRow
from deepvein.node.node import Node
from deepvein.node.receiver import ReceiverSettings
from deepvein.node.sender import DicomPeer
from deepvein.node.settings import DestinationSettings, NodeSettings, WebSettings
from deepvein.node.states import DeliveryState, StudyState
from deepvein.phantoms.cohort import write_cohort
from deepvein.studies.study import Modality
from unit.conftest import SMALL
from unit.node.archive import Archive
from unit.node.instances import wait_for
from unit.node.test_receiver import send

STRUCTURED_REPORT = "1.2.840.10008.5.1.4.1.1.88."


@pytest.mark.slow
def test_a_phantom_is_received_screened_and_delivered(tmp_path: Path) -> None:
    write_cohort(Modality.CT, 1, tmp_path / "sent", 3, settings=SMALL, write="dicom")
    images = [pydicom.dcmread(path) for path in sorted((tmp_path / "sent").rglob("*.dcm"))]
    folder = tmp_path / "node"
    database = open_database(database_url("", folder))
    with Archive() as archive:
        peer = DicomPeer("pacs", "127.0.0.1", archive.port, "ARCHIVE")
        node = Node(
            NodeSettings(
                folder,
                receiver=ReceiverSettings(port=0),
                completeness=CompletenessSettings(quiet_s=0.5),
                destinations=DestinationSettings(dicom=(peer,)),
                web=WebSettings(port=0),
            )
        )
        node.start()
        try:
            assert set(send(node.receiver.port, *images)) == {0}

            def delivered() -> bool:
                with database.reading() as session:
                    study = session.scalars(select(StudyRow)).one_or_none()
                    if study is not None:
                        assert study.state is not StudyState.FAILED, study.reason
                    return (
                        DeliveryState.DELIVERED in session.scalars(select(DeliveryRow.state)).all()
                    )

            wait_for(delivered, 240)
        finally:
            node.stop()
    with database.reading() as session:
        result = session.scalars(select(ResultRow)).one()
        objects = session.scalars(select(ObjectRow)).all()
        assert result.reason == ""
        assert result.models
        assert (folder / result.folder / "report.html").is_file()
        assert {one.uid for one in objects} == set(archive.stored)
        assert any(one.sop_class.startswith(STRUCTURED_REPORT) for one in objects)
    database.close()
