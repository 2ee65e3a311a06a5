from __future__ import annotations

import dataclasses
import shutil
import subprocess
from pathlib import Path

import pydicom
import pytest
from pydicom import Dataset
from sqlalchemy import select

from deepvein.core.errors import OutputError, UsageError
from deepvein.findings.signature import Signature
from deepvein.node.database.schema import AuditRow, JobRow, ResultRow, StudyRow
from deepvein.node.export import export
from deepvein.node.intake import Arrived, enter
from deepvein.node.worker import objects_in
from deepvein.reports import write
from deepvein.studies.reading import read_study
from peers.programs import find
from unit.reports.legs import UID, screening
from unit.reports.series import orientation_grid, write_series

NAMED = {
    "PatientName": "Quibble^Zebedee",
    "PatientID": "HX-778899",
    "PatientBirthDate": "19431117",
    "AccessionNumber": "ACC-555123",
    "StudyID": "ST-31",
    "StudyDate": "20250317",
    "ReferringPhysicianName": "Wobbly^Doctor",
    "InstitutionName": "Saint Elsewhere",
    "StationName": "GANTRY7",
    "OperatorsName": "Knob^Tim",
    "StudyDescription": "leg of Zebedee",
    "SeriesDescription": "the Quibble legs",
    "PatientAddress": "Lane 7",
    "ProtocolName": "Elsewhere venous",
    "DeviceSerialNumber": "SN-424242",
    "ImageComments": "talked to Quibble",
}
WORDS = (
    "Quibble", "Zebedee", "HX-778899", "19431117", "ACC-555123", "ST-31", "20250317", "Wobbly",
    "Elsewhere", "GANTRY7", "Knob", "Lane 7", "SN-424242", "RP-9090", "Ruth", "secretly",
    f"{UID}5", f"{UID}9",  # of series and frame of reference
)  # fmt: skip


@pytest.fixture
def node(database, store, tmp_path):
    """A study with its signed result, all of whose objects name the patient in many places."""
    grid = orientation_grid("axial")
    paths = write_series(screening(grid=grid).study.volume, tmp_path / "sent")
    for path in paths:
        image = pydicom.dcmread(path)
        for name, value in NAMED.items():
            setattr(image, name, value)
        image.private_block(0x0009, "Quibble Inc", create=True).add_new(1, "LO", "secretly Zebedee")
        request, other = Dataset(), Dataset()
        request.RequestedProcedureID = "RP-9090"
        request.ScheduledProcedureStepID = "RP-9090"
        other.PatientID, other.TypeOfPatientID = "HX-778899", "TEXT"
        image.RequestAttributesSequence, image.OtherPatientIDsSequence = [request], [other]
        image.save_as(path)
    study = read_study(tmp_path / "sent")
    signature = Signature("2.25.77", "Reader^Ruth", "Saint Elsewhere", "2026-01-02T03:04:05+00:00")
    made = dataclasses.replace(screening(grid=study.volume.grid), study=study, signature=signature)
    uid = str(pydicom.dcmread(paths[0]).StudyInstanceUID)
    result = store.result(uid, 1)
    write(made, result, ("seg", "sr", "keys", "presentation", "pdf"))
    report = pydicom.dcmread(result / "sr_assessment.dcm")
    told = Dataset()
    told.RelationshipType, told.ValueType, told.TextValue = "CONTAINS", "TEXT", "ask Zebedee"
    told.ConceptNameCodeSequence = [Dataset()]
    (name,) = told.ConceptNameCodeSequence
    name.CodeValue, name.CodingSchemeDesignator, name.CodeMeaning = "121106", "DCM", "Comment"
    report.ContentSequence.append(told)
    report.save_as(result / "sr_assessment.dcm")
    arriving = store.arriving("r")
    arriving.mkdir(parents=True)
    copies = [Path(shutil.copy(path, arriving / path.name)) for path in paths]
    enter(database, store, "r", [Arrived(path) for path in copies])
    with database.writing() as session:
        row = session.scalars(select(StudyRow)).one()
        job = JobRow(study_id=row.id, revision=1, priority=1)
        session.add(job)
        session.flush()
        entered = ResultRow(
            study_id=row.id, job_id=job.id, revision=1, verdict="dvt", findings=1,
            folder=store.relative(result),
        )  # fmt: skip
        entered.objects.extend(objects_in(result))
        session.add(entered)
    return result


def test_nobody_is_named_and_all_hangs_together(database, store, node, tmp_path):
    done = export(database, store, ["1"], tmp_path / "out", b"key")
    assert [one.reason for one in done.left_out] == [
        "nobody can say what else stands in such an object"
    ]
    files = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert done.files == len(files)
    objects = [pydicom.dcmread(path) for path in files]
    assert {one.Modality for one in objects} == {"CT", "SEG", "SR", "KO", "PR"}
    for path in files:
        content = path.read_bytes() + str(path).encode()
        assert [word for word in WORDS if word.encode() in content] == []
    uids = {one.SOPInstanceUID for one in objects}
    frames = {one.FrameOfReferenceUID for one in objects if "FrameOfReferenceUID" in one}
    assert len(frames) == len({one.StudyInstanceUID for one in objects}) == 1
    assert len({one.PatientID for one in objects}) == 1
    for one in objects:
        referred = values(one, "ReferencedSOPInstanceUID")
        assert set(referred) <= uids
        assert bool(referred) is (one.Modality != "CT")
        assert one.PatientIdentityRemoved == "YES"
        assert one.DeidentificationMethodCodeSequence[0].CodeValue == "113100"
    tracked = {value for one in objects for value in values(one, "TrackingUID")}
    assert tracked
    assert tracked <= {value for one in objects for value in values(one, "UID")}
    with database.reading() as session:
        deed = session.scalars(select(AuditRow)).all()[-1]
        assert (deed.action, deed.study_uid) == ("export", f"{UID}1")


def test_pixels_segments_and_measures_stay(database, store, node, tmp_path):
    export(database, store, [f"{UID}1"], tmp_path / "out", b"key")
    after = [pydicom.dcmread(path) for path in (tmp_path / "out").rglob("*.dcm")]
    before = [
        pydicom.dcmread(path)
        for path in [*store.study(f"{UID}1").rglob("*.dcm"), *node.glob("*.dcm")]
    ]

    def told(objects, name):
        return sorted(str(value) for one in objects for value in values(one, name))

    assert told(after, "NumericValue") == told(before, "NumericValue") != []
    assert told(after, "GraphicData") == told(before, "GraphicData") != []
    kept = [one.PixelData for one in before if one.Modality in {"CT", "SEG"}]
    assert sorted(kept) == sorted(one.PixelData for one in after if "PixelData" in one)


def test_dciodvfy_finds_no_error_that_was_not_there_before(database, store, node, tmp_path):
    export(database, store, ["1"], tmp_path / "out", b"key")
    before = [*store.study(f"{UID}1").rglob("*.dcm"), *node.glob("*.dcm")]
    after = errors([*(tmp_path / "out").rglob("*.dcm")])
    assert after == {kind: found for kind, found in errors(before).items() if kind != "DOC"}
    assert {kind for kind, found in after.items() if found} == {
        "CT"
    }  # whose maker leaves things out


def errors(paths) -> dict[str, set[str]]:
    """The errors in one file of each modality."""
    first = {pydicom.dcmread(path, specific_tags=["Modality"]).Modality: path for path in paths}
    return {
        modality: {
            line
            for line in subprocess.run(
                [find("dciodvfy"), "-new", path],
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
            ).stdout.splitlines()
            if line.startswith("Error")
        }
        for modality, path in first.items()
    }  # fmt: skip


def test_the_same_key_gives_the_same_names_and_another_one_others(database, store, node, tmp_path):
    for name, key in (("a", b"key"), ("b", b"key"), ("c", b"other")):
        export(database, store, ["1"], tmp_path / name, key)
    found = [
        {path.relative_to(tmp_path / name) for path in (tmp_path / name).rglob("*.dcm")}
        for name in "abc"
    ]
    assert found[0] == found[1]
    assert not found[0] & found[2]


def test_what_is_burned_in_is_left_out(database, store, node, tmp_path):
    path = next(iter(store.study(f"{UID}1").rglob("*.dcm")))
    image = pydicom.dcmread(path)
    image.BurnedInAnnotation = "YES"
    image.save_as(path)
    left = export(database, store, ["1"], tmp_path / "out", b"key").left_out
    assert "something is burned into its pixels" in {one.reason for one in left}


def test_a_study_that_is_not_there_and_a_folder_that_is_in_use_are_told(
    database, store, node, tmp_path
):
    with pytest.raises(UsageError, match="no study '7'"):
        export(database, store, ["7"], tmp_path / "out", b"key")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").write_text("mine")
    with pytest.raises(OutputError):
        export(database, store, ["1"], tmp_path / "full", b"key")
    assert (tmp_path / "full" / "file").read_text() == "mine"


def values(dataset: Dataset, keyword: str) -> list:
    return [one.value for one in dataset.iterall() if one.keyword == keyword]
