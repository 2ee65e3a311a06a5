"""Every way into a node, and both ways out: with real peers, real screening and all objects.

Four small phantoms: one comes from DCMTK's storescu, one is pushed by Orthanc, one is pulled from it by C-MOVE,
one from another Orthanc by WADO-RS. The results of all go to the first by DIMSE and to the second by DICOMweb.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from pydicom import dcmread
from sqlalchemy import select

from deepvein.node.completeness import CompletenessSettings
from deepvein.node.database.database import Database, database_url, open_database
from deepvein.node.database.schema import DeliveryRow, ObjectRow, ResultRow, StudyRow
from deepvein.node.dicomweb import DicomwebPeer
from deepvein.node.node import Node
from deepvein.node.pull_dicom import DicomSource
from deepvein.node.pull_dicomweb import DicomwebSourceSettings
from deepvein.node.receiver import ReceiverSettings
from deepvein.node.sender import DicomPeer
from deepvein.node.settings import DestinationSettings, NodeSettings, PullSettings, WebSettings
from deepvein.node.states import DeliveryState, StudyState
from deepvein.phantoms.cohort import write_cohort
from deepvein.phantoms.ct.scanner import CtSettings
from deepvein.phantoms.phantom import PhantomSettings
from deepvein.studies.study import Modality
from peers.orthanc import Orthanc, free_ports
from peers.programs import call, find
from unit.node.instances import wait_for

pytestmark = pytest.mark.slow

KNEE = PhantomSettings(
    ct=CtSettings(matrix=160, thickness_mm=10.0, planes=1, coverage="knee", kvp=120)
)
WAYS = ("storescu", "pushed", "moved", "wado")
ALWAYS, WITH_FINDINGS = {"SEG", "SR", "DOC"}, {"KO", "PR"}


@dataclass(frozen=True)
class Round:
    """What is left when all have gone all the way.

    uids: Study Instance UIDs by way. pacs, web: archives that have the results by DIMSE and by DICOMweb.
    fetched: where `pacs` sends what "FETCHER" asks for.
    """

    folder: Path
    database: Database
    uids: dict[str, str]
    pacs: Orthanc
    web: Orthanc
    fetched: int


def dated(folder: Path, day: str) -> list[Path]:
    """The files of a study, which was made on that day."""
    paths = sorted(folder.glob("*.dcm"))
    for path in paths:
        image = dcmread(path)
        image.StudyDate = day
        image.save_as(path)
    return paths


def states(database: Database) -> tuple[list[StudyState], list[DeliveryState]]:
    with database.reading() as session:
        studies = session.scalars(select(StudyRow)).all()
        for one in studies:
            assert one.state is not StudyState.FAILED, one.reason
        deliveries = list(session.scalars(select(DeliveryRow.state)))
        return [one.state for one in studies], deliveries


@pytest.fixture(scope="module")
def gone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Round]:
    for program in ("storescu", "findscu", "movescu", "getscu", "dsrdump", "dciodvfy"):
        find(program)
    folder = tmp_path_factory.mktemp("ways")
    write_cohort(
        Modality.CT, len(WAYS), folder / "made", 5, dvt_share=1.0, settings=KNEE, write="dicom"
    )
    # What is pulled is of today; the others must come by the ways that are meant for them.
    days = ["20240102", "20240102", *[date.today().strftime("%Y%m%d")] * 2]
    made = sorted((folder / "made").glob("*/dicom"))
    images = {way: dated(one, day) for way, one, day in zip(WAYS, made, days, strict=True)}
    port, fetched = free_ports(2)
    modalities = {"node": ("DEEPVEIN", port), "fetcher": ("FETCHER", fetched)}
    with (
        Orthanc(folder / "pacs", modalities, {"DicomAlwaysAllowStore": True}) as pacs,
        Orthanc(folder / "web") as web,
    ):
        for archive, there in ((pacs, WAYS[:3]), (web, (*WAYS[:2], "wado"))):
            for path in (path for way in there for path in images[way]):
                archive.store(path)
        where = ("127.0.0.1", pacs.dicom_port, pacs.aet)
        node = Node(
            NodeSettings(
                folder / "node",
                receiver=ReceiverSettings(port=port),
                pull=PullSettings(
                    (DicomSource("pacs", *where),),
                    (DicomwebSourceSettings("web", web.dicomweb_url),),
                ),
                completeness=CompletenessSettings(quiet_s=0.5),
                destinations=DestinationSettings(
                    dicom=(DicomPeer("dimse", *where, commitment=True),),
                    dicomweb=(DicomwebPeer("dicomweb", web.dicomweb_url),),
                ),
                web=WebSettings(port=0),
            )
        )
        database = open_database(database_url("", folder / "node"))
        node.start()
        try:
            call("storescu", "127.0.0.1", str(port), *images["storescu"])
            uids = {way: str(dcmread(files[0]).StudyInstanceUID) for way, files in images.items()}
            (pushed,) = pacs.post("/tools/lookup", uids["pushed"].encode())
            pacs.post("/modalities/node/store", pushed["ID"].encode())
            done = (
                [StudyState.SCREENED] * len(WAYS),
                [DeliveryState.DELIVERED] * 2 * len(WAYS),
            )
            wait_for(lambda: states(database) == done, 600)
        finally:
            node.stop()
        yield Round(folder / "node", database, uids, pacs, web, fetched)
        database.close()


def delivered(gone: Round, way: str) -> list[Path]:
    """The objects of a study's result, which is its only one."""
    with gone.database.reading() as session:
        study = session.scalars(select(StudyRow).where(StudyRow.uid == gone.uids[way])).one()
        result = session.scalars(select(ResultRow).where(ResultRow.study_id == study.id)).one()
        objects = session.scalars(select(ObjectRow).where(ObjectRow.result_id == result.id)).all()
        # What is shown of a finding needs one.
        shown = WITH_FINDINGS if result.findings else set()
        made = [gone.folder / result.folder / one.name for one in objects]
    assert {modality for _, _, modality in identities(made)} == ALWAYS | shown
    return made


def identities(paths: list[Path]) -> list[tuple[str, str, str]]:
    """Study, SOP Instance UID and modality of files, in one order."""
    headers = [dcmread(path, stop_before_pixels=True) for path in paths]
    return sorted((one.StudyInstanceUID, one.SOPInstanceUID, one.Modality) for one in headers)


def test_each_came_by_its_way(gone: Round) -> None:
    with gone.database.reading() as session:
        callers = dict(iter(session.execute(select(StudyRow.uid, StudyRow.calling_ae))))
    assert {way: callers[uid] for way, uid in gone.uids.items()} == {
        "storescu": "STORESCU", "pushed": "ORTHANC", "moved": "ORTHANC", "wado": "web",
    }  # fmt: skip


def test_the_bundled_models_screened_all_and_every_report_is_there(gone: Round) -> None:
    with gone.database.reading() as session:
        results = session.scalars(select(ResultRow)).all()
    assert len(results) == len(WAYS)
    for one in results:
        assert (one.reason, one.superseded) == ("", False)
        assert one.models
        assert (gone.folder / one.folder / "report.html").is_file()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("archive", ["pacs", "web"])
def test_orthanc_shows_all_objects_in_the_study_once(gone: Round, way: str, archive: str) -> None:
    pacs: Orthanc = getattr(gone, archive)
    (study,) = pacs.post("/tools/lookup", gone.uids[way].encode())
    shown = Counter[str]()
    for one in pacs.get(f"/studies/{study['ID']}/series"):
        shown[one["MainDicomTags"]["Modality"]] += len(one["Instances"])
    shown.pop("CT", None)  # the images of some ways are in one archive alone
    assert shown == Counter(modality for _, _, modality in identities(delivered(gone, way)))


def test_dcmtk_finds_and_fetches_what_was_delivered(gone: Round, tmp_path: Path) -> None:
    folders = {name: tmp_path / name for name in ("findscu", "movescu", "getscu")}
    for folder in folders.values():
        folder.mkdir()
    peer = ("-aet", "FETCHER", "-aec", gone.pacs.aet, "127.0.0.1", str(gone.pacs.dicom_port))
    study = ("-S", "-k", f"StudyInstanceUID={gone.uids['storescu']}")
    series = (*study, "-k", "QueryRetrieveLevel=SERIES", "-k", "Modality")
    call("findscu", *series, "-X", "-od", folders["findscu"], *peer)
    found = {dcmread(path, force=True).Modality for path in folders["findscu"].iterdir()}
    assert found == {"CT"} | ALWAYS | WITH_FINDINGS
    whole = (*study, "-k", "QueryRetrieveLevel=STUDY")
    port = ("-aem", "FETCHER", "+P", str(gone.fetched))
    call("movescu", *whole, *port, "-od", folders["movescu"], *peer)
    call("getscu", *whole, "-od", folders["getscu"], *peer)
    for name in ("movescu", "getscu"):
        modalities = {path: dcmread(path).Modality for path in folders[name].iterdir()}
        fetched = [path for path, modality in modalities.items() if modality != "CT"]
        assert identities(fetched) == identities(delivered(gone, "storescu"))
        for path in fetched:
            said = call("dciodvfy", "-new", path)
            assert [line for line in said.splitlines() if line.startswith("Error")] == [], path
            if modalities[path] == "SR":
                assert "Comprehensive 3D SR Document" in call("dsrdump", path)
