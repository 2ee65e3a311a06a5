"""A whole node with real peers: sent by DCMTK, screened, delivered to Orthanc."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from deepvein.node.completeness import CompletenessSettings
from deepvein.node.database.database import database_url, open_database
from deepvein.node.database.schema import DeliveryRow, StudyRow
from deepvein.node.delivery import DeliverySettings
from deepvein.node.node import Node
from deepvein.node.receiver import ReceiverSettings
from deepvein.node.sender import DicomPeer
from deepvein.node.settings import DestinationSettings, NodeSettings, WebSettings
from deepvein.node.states import DeliveryState, StudyState
from peers.orthanc import Orthanc
from peers.programs import call
from unit.node.instances import fast_screen, wait_for, write_study


def settings(folder: Path, *archives: DicomPeer) -> NodeSettings:
    return NodeSettings(
        folder,
        receiver=ReceiverSettings(port=0),
        completeness=CompletenessSettings(quiet_s=0.5),
        delivery=DeliverySettings(first_wait_s=0.5),
        destinations=DestinationSettings(dicom=archives),
        web=WebSettings(port=0),
    )


def peer(pacs: Orthanc) -> DicomPeer:
    return DicomPeer("pacs", "127.0.0.1", pacs.dicom_port, pacs.aet)


def states(folder: Path) -> tuple[list[StudyState], list[DeliveryState]]:
    database = open_database(database_url("", folder))
    try:
        with database.reading() as session:
            return (
                list(session.scalars(select(StudyRow.state).order_by(StudyRow.id))),
                list(session.scalars(select(DeliveryRow.state).order_by(DeliveryRow.id))),
            )
    finally:
        database.close()


def test_a_study_that_dcmtk_sends_comes_back_to_orthanc(tmp_path: Path) -> None:
    files = write_study(tmp_path / "sent")
    with Orthanc(tmp_path / "pacs") as pacs:
        node = Node(settings(tmp_path / "node", peer(pacs)), screen=fast_screen)
        node.start()
        try:
            call("storescu", "127.0.0.1", str(node.receiver.port), *files)
            done = ([StudyState.SCREENED], [DeliveryState.DELIVERED])
            wait_for(lambda: states(tmp_path / "node") == done)
            (study,) = pacs.get("/studies?expand")
            assert study["MainDicomTags"]["AccessionNumber"] == "A1"
            assert len(pacs.get("/instances")) == 2
        finally:
            node.stop()
