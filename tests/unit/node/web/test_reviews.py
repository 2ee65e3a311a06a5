"""A review over HTTP: from the study to the signed result."""

from __future__ import annotations

import gzip
import zlib

import numpy as np
import pytest
from fastapi.testclient import TestClient
from pydicom import dcmread
from sqlalchemy import select

from deepvein.findings.screening import Verdict
from deepvein.node.accounts import add_user
from deepvein.node.database.schema import (
    AuditRow,
    DeliveryRow,
    ObjectRow,
    ResultRow,
    ReviewRow,
)
from deepvein.node.reviews import view as views
from deepvein.node.reviews.view import RAS_ORDER
from deepvein.node.sender import DicomPeer
from deepvein.node.settings import DestinationSettings, NodeSettings
from deepvein.node.states import DeliveryState, ReviewState, Role
from deepvein.node.web.app import create_app
from deepvein.studies.nifti import read_nifti
from deepvein.volumes.orient import orient
from deepvein.volumes.volume import Volume
from unit.node.screened import enter_result, write_result
from unit.reports.series import ORIENTATIONS, seg_points

PASSWORD = "correct horse battery"
YES = {"1": {"choice": "accepted"}}


class Reader:
    """A browser that is logged in."""

    def __init__(self, app, name):
        self.client = TestClient(app)
        answer = self.client.post("/api/session", json={"name": name, "password": PASSWORD})
        self.client.headers["x-csrf-token"] = answer.json()["csrf"]

    def __getattr__(self, name):
        return getattr(self.client, name)


@pytest.fixture
def app(database, tmp_path):
    with database.writing() as session:
        for name in ("anna", "ben"):
            add_user(session, name, PASSWORD, Role.READER)
    pacs = DestinationSettings(dicom=(DicomPeer("pacs", "localhost", 104, "PACS"),))
    return create_app(NodeSettings(tmp_path, destinations=pacs), database)


@pytest.fixture
def made(tmp_path):
    return write_result(tmp_path / "a")


@pytest.fixture
def study(database, tmp_path, made):
    return enter_result(database, tmp_path, "a", made)


@pytest.fixture
def anna(app):
    return Reader(app, "anna")


@pytest.fixture
def url(study):
    return f"/api/studies/{study}"


def put_marks(reader, url, version, first, slab, grid):
    asked = {"version": version, "first": first, "last": first + len(slab), "grid": grid}
    packed = zlib.compress(np.ascontiguousarray(slab).tobytes())
    return reader.put(f"{url}/review/marks", params=asked, content=packed)


def test_the_study_shows_its_findings_and_nobody_has_begun(anna, url, made):
    told = anna.get(url).json()
    assert told["result"]["findings"][0]["place"] == made.findings[0].place
    assert told["review"]["version"] == 0
    assert told["age"] == 65
    assert told["view"]["steps"] == [1, 1, 1]


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_image_and_marks_are_the_file_s_voxels(database, tmp_path, app, orientation):
    made = write_result(tmp_path / "x", orientation=orientation)
    url = f"/api/studies/{enter_result(database, tmp_path, 'x', made)}"
    reader = Reader(app, "anna")
    (tmp_path / "got.nii").write_bytes(reader.get(f"{url}/image.nii").content)
    got = read_nifti(tmp_path / "got.nii")
    wanted = orient(made.study.volume, RAS_ORDER)
    assert got.grid.matches(wanted.grid)
    assert (got.array == wanted.array).all()
    assert got.array.dtype == np.int16
    marks = reader.get(f"{url}/marks/thrombi").content
    labels = np.zeros(made.study.volume.grid.shape, np.uint8)
    labels[tuple(made.findings[0].indices.T)] = 1
    shown = orient(Volume(labels, made.study.volume.grid), RAS_ORDER).array
    assert (np.frombuffer(marks, np.uint8).reshape(shown.shape) == shown).all()
    slab = reader.get(f"{url}/image.nii", params={"first": 3, "last": 6}).content
    (tmp_path / "slab.nii").write_bytes(slab)
    part = read_nifti(tmp_path / "slab.nii")
    assert (part.array == wanted.array[3:6]).all()
    assert np.allclose(
        part.grid.to_world([(0, 0, 0)]), wanted.grid.to_world([(3, 0, 0)]), atol=1e-3
    )


def test_two_readers_do_not_overwrite_one_another(app, anna, url):
    ben = Reader(app, "ben")
    first = anna.put(f"{url}/review", json={"version": 0, "decisions": YES})
    assert (first.status_code, first.json()["version"]) == (200, 1)
    late = ben.put(f"{url}/review", json={"version": 0, "comment": "mine"})
    assert late.status_code == 409
    assert late.json()["review"]["changed_by"] == "anna"
    assert "anna" in late.json()["detail"]
    again = ben.put(f"{url}/review", json={"version": 1, "decisions": YES, "comment": "mine"})
    assert again.json()["version"] == 2
    grid = anna.get(url).json()["view"]["grid"]
    shape = anna.get(url).json()["view"]["shape"]
    slab = np.zeros((1, *shape[1:]), np.uint8)
    assert put_marks(anna, url, 1, 0, slab, grid).status_code == 409
    assert put_marks(anna, url, 2, 0, slab, grid).json()["version"] == 3


@pytest.mark.parametrize("kind", ["other grid", "short", "long", "no zlib", "beyond"])
def test_marks_that_do_not_fit_are_refused(anna, url, database, kind):
    view = anna.get(url).json()["view"]
    asked = {"version": 0, "first": 0, "last": 1, "grid": view["grid"]}
    size = view["shape"][1] * view["shape"][2]
    content = zlib.compress(bytes(size + {"short": -1, "long": 1}.get(kind, 0)))
    if kind == "other grid":
        asked["grid"] = "0" * 32
    elif kind == "no zlib":
        content = b"x" * 100
    elif kind == "beyond":
        asked["last"] = view["shape"][0] + 1
    answer = anna.put(f"{url}/review/marks", params=asked, content=content)
    assert answer.status_code == (409 if kind == "other grid" else 422)
    with database.reading() as session:
        assert session.scalars(select(ReviewRow)).all() == []


def test_a_signed_correction_is_written_and_handed_to_delivery(
    anna, url, database, tmp_path, made, study
):
    view = anna.get(url).json()["view"]
    shape = tuple(view["shape"])
    original = np.frombuffer(anna.get(f"{url}/marks/review").content, np.uint8).reshape(shape)
    slices = np.flatnonzero(original.any(axis=(1, 2)))
    cut = np.zeros((2, *shape[1:]), np.uint8)
    version = put_marks(anna, url, 0, int(slices[0]), cut, view["grid"]).json()["version"]
    added = np.zeros((3, *shape[1:]), np.uint8)
    added[:, 12:15, 6:9] = 2
    version = put_marks(anna, url, version, 0, added, view["grid"]).json()["version"]
    body = {"version": version, "decisions": YES, "comment": "seen"}
    version = anna.put(f"{url}/review", json=body).json()["version"]
    who = {"family_name": "Doe", "given_name": "Anna", "organization": "Hospital"}
    answer = anna.post(f"{url}/review/sign", json={"version": version, **who})
    assert answer.status_code == 200, answer.text
    assert answer.json()["state"] == "signed"
    with database.reading() as session:
        base, result = session.scalars(select(ResultRow).order_by(ResultRow.id)).all()
        assert (base.superseded, result.superseded, result.job_id) == (True, False, None)
        assert result.findings == 2
        (delivery,) = session.scalars(select(DeliveryRow).where(DeliveryRow.result_id == result.id))
        assert (delivery.destination, delivery.state) == ("pacs", DeliveryState.WAITING)
        objects = session.scalars(select(ObjectRow).where(ObjectRow.result_id == result.id)).all()
        actions = session.scalars(select(AuditRow.action).order_by(AuditRow.id)).all()
    assert actions[-1] == "sign"
    folder = tmp_path / result.folder
    assert {one.name for one in objects} == {path.name for path in folder.glob("*.dcm")}
    report = dcmread(folder / "sr_thrombi.dcm")
    assert report.VerificationFlag == "VERIFIED"
    before = dcmread(tmp_path / "a" / "result" / "sr_thrombi.dcm")
    followed = report.PredecessorDocumentsSequence[0].ReferencedSeriesSequence[0]
    assert followed.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == before.SOPInstanceUID
    seg = dcmread(folder / "thrombi.dcm")
    assert [one.SegmentAlgorithmType for one in seg.SegmentSequence] == ["SEMIAUTOMATIC", "MANUAL"]
    wanted = original.copy()
    wanted[slices[0] : slices[0] + 2] = 0
    wanted[:3] = 0
    wanted[:3, 12:15, 6:9] = 2
    grid = orient(made.study.volume, RAS_ORDER).grid
    drawn = np.zeros(shape, np.uint8)
    for number, points in seg_points(folder / "thrombi.dcm").items():
        drawn[tuple(np.rint(grid.to_index(points)).astype(int).T)] = number
    assert (drawn == wanted).all()
    # The original stays as it was.
    kept = np.frombuffer(anna.get(f"{url}/marks/thrombi").content, np.uint8).reshape(shape)
    assert (kept == original).all()
    listed = anna.get("/api/studies").json()[0]
    assert (listed["status"], listed["reviewer"]) == ("reviewed", "anna")
    late = anna.put(f"{url}/review", json={"version": answer.json()["version"]})
    assert late.status_code == 409


def test_what_was_signed_can_be_amended_and_stays(anna, url, database, tmp_path):
    version = anna.put(f"{url}/review", json={"version": 0, "decisions": YES}).json()["version"]
    who = {"family_name": "Doe", "organization": "Hospital"}
    signed = anna.post(f"{url}/review/sign", json={"version": version, **who}).json()
    again = anna.post(f"{url}/review/reopen", json={"version": signed["version"]}).json()
    assert (again["state"], again["number"], again["decisions"]["1"]["choice"]) == (
        "draft", 2, "accepted",
    )  # fmt: skip
    assert again["version"] > signed["version"]
    no = {"1": {"choice": "rejected", "reason": "mixing"}}
    body = {"version": again["version"], "decisions": no}
    version = anna.put(f"{url}/review", json=body).json()["version"]
    assert anna.post(f"{url}/review/sign", json={"version": version, **who}).status_code == 200
    with database.reading() as session:
        reviews = session.scalars(select(ReviewRow).order_by(ReviewRow.number)).all()
        _, first, second = session.scalars(select(ResultRow).order_by(ResultRow.id)).all()
    assert [one.state for one in reviews] == [ReviewState.SIGNED] * 2
    assert (second.verdict, first.superseded) == ("no DVT found", True)
    earlier, later = (
        dcmread(tmp_path / one.folder / "sr_assessment.dcm") for one in (first, second)
    )
    followed = later.PredecessorDocumentsSequence[0].ReferencedSeriesSequence[0]
    assert followed.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == earlier.SOPInstanceUID


def test_nothing_is_signed_before_all_is_decided(anna, url):
    who = {"family_name": "Doe", "organization": "Hospital"}
    assert anna.post(f"{url}/review/sign", json={"version": 0, **who}).status_code == 409
    version = anna.put(f"{url}/review", json={"version": 0}).json()["version"]
    answer = anna.post(f"{url}/review/sign", json={"version": version, **who})
    assert answer.status_code == 409
    assert "finding 1 has no decision" in answer.json()["detail"]
    for no in ({"choice": "rejected"}, {"choice": "rejected", "reason": ""}):
        said = {"version": 1, "decisions": {"1": no}}
        assert anna.put(f"{url}/review", json=said).status_code == 422


@pytest.mark.parametrize(
    "said", [b'{"version": NaN}', b'{"version": 0, "decisions": {"\\udc00": 1}}', b"\xff", b"{"]
)
def test_odd_bodies_are_refused(anna, url, said):
    answer = anna.put(f"{url}/review", content=said, headers={"content-type": "application/json"})
    assert answer.status_code in {400, 422}
    assert answer.json()["detail"]


@pytest.mark.parametrize("number", [0, 2**63, 10**30])
def test_numbers_that_no_study_has_are_refused(anna, study, number):
    assert anna.get(f"/api/studies/{number}").status_code == 422
    assert anna.get(f"/api/studies/{number}/overview.png").status_code == 422
    assert anna.get(f"/api/studies/{study + 1}").status_code == 404


def test_a_study_without_findings_can_be_signed(database, tmp_path, app):
    made = write_result(tmp_path / "b", Verdict.NOT_SUSPECTED)
    url = f"/api/studies/{enter_result(database, tmp_path, 'b', made)}"
    reader = Reader(app, "anna")
    version = reader.put(f"{url}/review", json={"version": 0}).json()["version"]
    who = {"family_name": "Doe", "organization": "Hospital"}
    answer = reader.post(f"{url}/review/sign", json={"version": version, **who})
    assert answer.status_code == 200, answer.text
    assert not (tmp_path / "reviews" / "1" / "1" / "thrombi.dcm").exists()


def test_a_study_that_went_is_told(anna, url, tmp_path):
    (tmp_path / "a" / "study").rename(tmp_path / "gone")
    answer = anna.get(url)
    assert answer.status_code == 409
    assert "does not exist" in answer.json()["detail"]


@pytest.mark.parametrize(
    "path", ["", "/image.nii", "/marks/review", "/overview.png", "/findings/1/straight"]
)
def test_strangers_see_nothing(app, url, path):
    assert TestClient(app).get(url + path).status_code == 401


@pytest.mark.parametrize(
    "path", ["", "/image.nii", "/marks/review", "/overview.png", "/findings/1/straight"]
)
def test_unknown_studies_are_not_found(anna, study, path):
    assert anna.get(f"/api/studies/{study + 1}{path}").status_code == 404


def test_the_vein_of_a_finding_is_pulled_straight(anna, url, made):
    view = anna.get(url).json()["view"]
    about = view["straight"]["1"]
    planes, rows, columns = about["shape"]
    content = anna.get(f"{url}/findings/1/straight").content
    values = np.frombuffer(content[: 2 * planes * rows * columns], "<i2").reshape(about["shape"])
    labels = np.frombuffer(content[values.nbytes :], np.uint8).reshape(about["shape"])
    points = np.array(about["points_mm"])
    assert len(points) == rows
    # What stands in the middle of a row is what the study shows at its point.
    volume = made.study.volume
    index = tuple(np.rint(volume.grid.to_index(points)).astype(int).T)
    assert np.abs(values[0, :, columns // 2] - volume.array[index]).max() <= 60
    marked = points[(labels == 1).any(axis=(0, 2)), 2]
    finding = made.findings[0]
    assert marked.min() == pytest.approx(finding.start_mm, abs=8)
    assert marked.max() == pytest.approx(finding.end_mm, abs=8)
    assert anna.get(f"{url}/findings/9/straight").status_code == 404


def test_marks_travel_small(anna, url):
    answer = anna.get(f"{url}/marks/veins", headers={"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert len(gzip.compress(answer.content, 1)) < len(answer.content) / 10


def test_overview_is_a_picture(anna, url):
    assert anna.get(f"{url}/overview.png").content[:4] == b"\x89PNG"


def test_a_large_study_has_a_preview_and_a_review_volume(anna, database, tmp_path, monkeypatch):
    monkeypatch.setattr(views, "MOST_VOXELS", 20_000)
    monkeypatch.setattr(views, "PREVIEW_FROM", 4_000)
    monkeypatch.setattr(views, "PREVIEW_VOXELS", 1_000)
    url = f"/api/studies/{enter_result(database, tmp_path, 'c', write_result(tmp_path / 'c'))}"
    told = anna.get(url).json()["view"]
    shapes = {}
    for preview in (False, True):
        asked = {"preview": preview}
        path = tmp_path / "image.nii"
        path.write_bytes(anna.get(f"{url}/image.nii", params=asked).content)
        grid = read_nifti(path).grid
        shapes[preview] = grid.shape
        steps = told["preview" if preview else "steps"]
        assert grid.shape == tuple(n // step for n, step in zip(told["shape"], steps, strict=True))
        for kind in ("veins", "thrombi", "review"):
            marks = anna.get(f"{url}/marks/{kind}", params=asked).content
            assert len(marks) == np.prod(grid.shape)
            assert any(marks)
    assert np.prod(shapes[True]) <= 1_000
    assert 4_000 < np.prod(shapes[False]) <= 20_000
    # What was drawn is on both.
    slab = np.full((1, *told["shape"][1:]), 7, np.uint8)
    assert put_marks(anna, url, 0, 8, slab, told["grid"]).status_code == 200
    for preview in (False, True):
        assert 7 in anna.get(f"{url}/marks/review", params={"preview": preview}).content
