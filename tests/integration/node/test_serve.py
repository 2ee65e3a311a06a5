"""A node that delivers to one archive by two ways, and asks it to commit itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sqlalchemy import select

from deepvein.node.completeness import CompletenessSettings
from deepvein.node.database.database import database_url, open_database
from deepvein.node.database.schema import AcceptedRow, DeliveryRow, StudyRow
from deepvein.node.delivery import DeliverySettings
from deepvein.node.dicomweb import DicomwebPeer
from deepvein.node.node import Node
from deepvein.node.receiver import ReceiverSettings
from deepvein.node.sender import DicomPeer
from deepvein.node.settings import DestinationSettings, NodeSettings, WebSettings
from deepvein.node.states import DeliveryState, StudyState
from peers.orthanc import Orthanc, free_ports
from unit.node.instances import fast_screen, wait_for, write_study


def settings(folder: Path, port: int = 0, **destinations: tuple) -> NodeSettings:
    return NodeSettings(
        folder,
        receiver=ReceiverSettings(port=port),
        completeness=CompletenessSettings(quiet_s=0.5),
        delivery=DeliverySettings(first_wait_s=0.5),
        destinations=DestinationSettings(**destinations),
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


def test_a_study_that_orthanc_pushes_comes_back_by_dicomweb_and_is_committed(
    tmp_path: Path,
) -> None:
    """The archive gets the result twice, over both protocols, and holds it once, within the study."""
    (port,) = free_ports(1)
    modalities = {"node": ("DEEPVEIN", port)}
    with Orthanc(tmp_path / "pacs", modalities, {"DicomAlwaysAllowStore": True}) as pacs:
        dicom = replace(peer(pacs), commitment=True)
        web = DicomwebPeer("web", pacs.dicomweb_url)
        node = Node(
            settings(tmp_path / "node", port, dicom=(dicom,), dicomweb=(web,)), screen=fast_screen
        )
        for path in write_study(tmp_path / "sent"):
            pacs.store(path)
        node.start()
        try:
            (study,) = pacs.get("/studies")
            pacs.post("/modalities/node/store", study.encode())
            done = ([StudyState.SCREENED], [DeliveryState.DELIVERED] * 2)
            wait_for(lambda: states(tmp_path / "node") == done, 120)
        finally:
            node.stop()
        assert pacs.get("/studies") == [study]
        assert len(pacs.get(f"/studies/{study}/instances")) == 5
        database = open_database(database_url("", tmp_path / "node"))
        with database.reading() as session:
            rows = session.scalars(select(DeliveryRow).order_by(DeliveryRow.id)).all()
            assert [one.reason for one in rows] == ["", ""]
            kept = session.scalars(
                select(AcceptedRow.committed).where(AcceptedRow.delivery_id == rows[0].id)
            )
            assert list(kept) == [True, True]
        database.close()
