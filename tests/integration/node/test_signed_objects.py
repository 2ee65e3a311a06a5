"""What a reader signed, seen by others: validators, and an archive that gives it back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread
from sqlalchemy import select

from deepvein.node.database.database import database_url, open_database
from deepvein.node.database.schema import DeliveryRow, ResultRow
from deepvein.node.delivery import Delivery, DeliverySettings
from deepvein.node.reviews.prepared import view_of
from deepvein.node.reviews.signing import Signer, sign
from deepvein.node.reviews.store import Changes, Drawn, save, save_slab
from deepvein.node.reviews.view import RAS_ORDER
from deepvein.node.sender import DicomPeer
from deepvein.node.settings import DestinationSettings, NodeSettings
from deepvein.node.states import DeliveryState
from deepvein.node.store import Store
from deepvein.volumes.orient import orient
from peers.programs import call
from unit.node.instances import wait_for
from unit.node.screened import enter_result, write_result
from unit.reports.series import seg_points

ANNA = Signer("anna", ("Doe", "Anna"), "Hospital")


@dataclass(frozen=True)
class Signed:
    """A node in whose study finding 1 was corrected and a thrombus 2 was added, before and after signing.

    images: the study's; base, folder: what the software wrote, and what was signed. labels: as corrected.
    """

    node: Path
    images: tuple[Path, ...]
    base: Path
    folder: Path
    labels: np.ndarray
    grid: object

    @property
    def objects(self) -> list[Path]:
        return sorted(self.folder.glob("*.dcm"))


@pytest.fixture(scope="module")
def signed(tmp_path_factory) -> Signed:
    node = tmp_path_factory.mktemp("node")
    database = open_database(database_url("", node))
    made = write_result(node / "a")
    study = enter_result(database, node, "a", made)
    with database.reading() as session:
        base = session.scalars(select(ResultRow).where(ResultRow.study_id == study)).one()
    view = view_of(node, base)
    labels = view.marks("thrombi").slab(0, view.grid.shape[0])
    labels[int(np.flatnonzero(labels.any(axis=(1, 2)))[0])] = 0
    labels[:3, 12:15, 6:9] = 2
    row = save_slab(database, node, base, 0, Drawn(view, 0, labels), "anna")
    with database.writing() as session:
        row = save(session, base, row.version, Changes({"1": {"choice": "accepted"}}), "anna")
    pacs = DestinationSettings(dicom=(DicomPeer("archive", "127.0.0.1", 104, "ORTHANC"),))
    sign(database, NodeSettings(node, destinations=pacs), row.id, row.version, ANNA)
    with database.reading() as session:
        result = session.scalars(select(ResultRow).where(ResultRow.job_id.is_(None))).one()
    database.close()
    return Signed(
        node,
        made.study.origin.paths,
        node / base.folder,
        node / result.folder,
        labels,
        orient(made.study.volume, RAS_ORDER).grid,
    )


def drawn_in(seg: Path, signed: Signed) -> np.ndarray:
    """The labels that a SEG shows, by plain arithmetic on its attributes."""
    labels = np.zeros_like(signed.labels)
    for number, points in seg_points(seg).items():
        labels[tuple(np.rint(signed.grid.to_index(points)).astype(int).T)] = number
    return labels


def test_dciodvfy_finds_no_error_in_what_was_signed(signed):
    assert {"sr_assessment", "sr_thrombi", "thrombi", "veins"} <= {
        one.stem for one in signed.objects
    }
    for path in signed.objects:
        said = call("dciodvfy", "-new", path)
        assert [line for line in said.splitlines() if line.startswith("Error")] == [], path.name


def test_dcentvfy_finds_no_contradiction(signed):
    before = sorted(signed.base.glob("*.dcm"))
    said = call("dcentvfy", *signed.images, *before, *signed.objects)
    assert [line for line in said.splitlines() if line.startswith("Error")] == []


def test_pixelmed_finds_no_error_in_the_verified_reports(signed):
    for path in signed.objects:
        if path.stem.startswith("sr_"):
            said = call("DicomSRValidator", path)
            assert "Error" not in said, said


def test_dcmtk_reads_who_verified_the_report(signed):
    for path in signed.objects:
        if path.stem.startswith("sr_"):
            said = call("dsrdump", path)
            assert "VERIFIED" in said
            assert "Doe, Anna" in said or "Doe^Anna" in said


def test_an_archive_gives_back_what_was_signed(signed, archive, tmp_path):
    for path in (*signed.images, *sorted(signed.base.glob("*.dcm"))):
        archive.store(path)
    peer = DicomPeer("archive", "127.0.0.1", archive.dicom_port, archive.aet)
    database = open_database(database_url("", signed.node))
    settings = DestinationSettings(dicom=(peer,))
    delivery = Delivery("d", database, Store(signed.node), settings.senders(), DeliverySettings())

    def delivered() -> bool:
        delivery.step()
        with database.reading() as session:
            states = session.scalars(
                select(DeliveryRow.state).where(DeliveryRow.destination == "archive")
            ).all()
        return list(states) == [DeliveryState.DELIVERED]

    wait_for(delivered, 120)
    database.close()
    given = {}
    for path in signed.objects:
        uid = str(dcmread(path, stop_before_pixels=True).SOPInstanceUID)
        (found,) = archive.post("/tools/lookup", uid.encode())
        given[path.stem] = tmp_path / path.name
        given[path.stem].write_bytes(archive.read(f"/instances/{found['ID']}/file"))
    # All in one study: the images, what the software wrote, and what the reader signed.
    (study,) = archive.get("/studies")
    count = len(signed.images) + len(list(signed.base.glob("*.dcm"))) + len(signed.objects)
    assert archive.get(f"/studies/{study}/statistics")["CountInstances"] == count
    assert (drawn_in(given["thrombi"], signed) == signed.labels).all()
    kinds = [one.SegmentAlgorithmType for one in dcmread(given["thrombi"]).SegmentSequence]
    assert kinds == ["SEMIAUTOMATIC", "MANUAL"]
    for stem in ("sr_assessment", "sr_thrombi"):
        report, before = dcmread(given[stem]), dcmread(signed.base / f"{stem}.dcm")
        assert (report.CompletionFlag, report.VerificationFlag) == ("COMPLETE", "VERIFIED")
        (observer,) = report.VerifyingObserverSequence
        assert str(observer.VerifyingObserverName) == "Doe^Anna"
        (series,) = report.PredecessorDocumentsSequence[0].ReferencedSeriesSequence
        followed = [one.ReferencedSOPInstanceUID for one in series.ReferencedSOPSequence]
        assert before.SOPInstanceUID in followed
        # Every image that it refers to can be fetched from the same archive.
        for referenced in report.CurrentRequestedProcedureEvidenceSequence[
            0
        ].ReferencedSeriesSequence:
            for one in referenced.ReferencedSOPSequence:
                assert archive.post("/tools/lookup", str(one.ReferencedSOPInstanceUID).encode())
