from __future__ import annotations

from types import SimpleNamespace

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from deepvein.node.accounts import FAILURES, add_token, add_user
from deepvein.node.audit import first_break
from deepvein.node.database.columns import now
from deepvein.node.database.schema import (
    AuditRow,
    DeliveryRow,
    JobRow,
    ResultRow,
    SessionRow,
    StudyRow,
    TokenRow,
)
from deepvein.node.fitness import Fitness
from deepvein.node.settings import NodeSettings
from deepvein.node.states import DeliveryState, JobState, Role, StudyState
from deepvein.node.web.app import create_app

PASSWORD = "correct horse battery"


@pytest.fixture
def client(database, tmp_path):
    with database.writing() as session:
        add_user(session, "anna", PASSWORD, Role.READER)
    with TestClient(create_app(NodeSettings(tmp_path), database)) as opened:
        yield opened


def log_in(client) -> str:
    answer = client.post("/api/session", json={"name": "anna", "password": PASSWORD})
    assert answer.status_code == 200
    return answer.json()["csrf"]


def add_screened(session, uid: str, probability: float) -> None:
    study = StudyRow(
        uid=uid, state=StudyState.SCREENED, patient_name="Doe^Jane", urgency=probability
    )
    session.add(study)
    session.flush()
    job = JobRow(study_id=study.id, revision=1, priority=1, state=JobState.DONE)
    session.add(job)
    session.flush()
    result = ResultRow(
        study_id=study.id, job_id=job.id, revision=1, verdict="dvt", probability=probability,
        findings=1, places="left femoral", folder="x",
    )  # fmt: skip
    session.add(result)
    session.flush()
    session.add(DeliveryRow(result_id=result.id, destination="pacs", state=DeliveryState.DELIVERED))


def test_health_needs_no_log_in(client):
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ready"}


def test_a_node_without_its_folder_or_database_is_not_ready(client, tmp_path, database):
    tmp_path.rename(tmp_path.with_name("gone"))
    assert client.get("/readyz").status_code == 503
    database.close()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "the database cannot be used (SQLite's file was removed" in answer.json()["status"]
    assert "the node's folder is gone" in answer.json()["status"]


def test_a_node_whose_disk_is_full_is_not_ready(client, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=2**20))
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"status": "the disk is full"})
    assert "deepvein_disk_free_bytes 1.048576e+06" in client.get("/metrics").text


def test_a_node_that_cannot_screen_is_not_ready(client, tmp_path):
    Fitness(tmp_path, "node-1").deny("weights are damaged")
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (
        503, {"status": "node-1 cannot screen, studies wait: weights are damaged"},
    )  # fmt: skip
    Fitness(tmp_path, "node-1").confirm()
    assert client.get("/readyz").status_code == 200


def test_metrics_count_and_name_no_patient(client, database):
    with database.writing() as session:
        add_screened(session, "1.2.3", 0.9)
    text = client.get("/metrics").text
    assert 'deepvein_studies{state="screened"} 1.0' in text
    assert 'deepvein_results_total{verdict="dvt"} 1.0' in text
    assert "1.2.3" not in text
    assert "Doe" not in text


def test_the_list_is_for_those_who_logged_in(client):
    assert client.get("/api/studies").status_code == 401
    log_in(client)
    assert client.get("/api/studies").json() == []


def test_the_list_shows_the_most_urgent_first(client, database):
    with database.writing() as session:
        for uid, probability in (("1.1", 0.2), ("1.2", 0.9)):
            add_screened(session, uid, probability)
        session.add(StudyRow(uid="1.3"))
    log_in(client)
    listed = client.get("/api/studies").json()
    assert [one["study_uid"] for one in listed] == ["1.2", "1.1", "1.3"]
    assert listed[0]["deliveries"] == {"pacs": "delivered"}
    assert listed[2]["verdict"] is None
    page = client.get("/api/studies", params={"order": "newest", "limit": 1, "offset": 1}).json()
    assert [one["study_uid"] for one in page] == ["1.2"]
    waiting = client.get("/api/studies", params={"status": "receiving"}).json()
    assert [one["study_uid"] for one in waiting] == ["1.3"]


@pytest.mark.parametrize("query", ["order=name", "limit=0", "limit=9999", "status=x", "offset=-1"])
def test_odd_questions_are_refused(client, query):
    log_in(client)
    assert client.get(f"/api/studies?{query}").status_code == 422


def test_the_cookie_is_for_this_site_and_for_no_script(client):
    answer = client.post("/api/session", json={"name": "anna", "password": PASSWORD})
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie


def test_a_change_needs_the_session_s_token(client, database):
    csrf = log_in(client)
    assert client.delete("/api/session").status_code == 403
    assert client.delete("/api/session", headers={"x-csrf-token": "é".encode()}).status_code == 403
    assert client.delete("/api/session", headers={"x-csrf-token": csrf}).status_code == 204
    with database.reading() as session:
        assert session.scalars(select(SessionRow)).all() == []
    assert client.get("/api/session").status_code == 401


def test_wrong_passwords_close_the_door(client):
    wrong = {"name": "anna", "password": "wrong"}
    codes = [client.post("/api/session", json=wrong).status_code for _ in range(FAILURES + 1)]
    assert codes == [401] * FAILURES + [429]
    right = {"name": "anna", "password": PASSWORD}
    assert client.post("/api/session", json=right).status_code == 429


def test_a_program_comes_in_with_its_token(client, database):
    with database.writing() as session:
        admin = add_user(session, "root", PASSWORD, Role.ADMINISTRATOR)
        key, _ = add_token(session, admin, "script")
    answer = client.get("/api/session", headers={"authorization": f"Bearer {key}"})
    assert answer.json() == {"name": "root", "role": "administrator", "csrf": ""}
    assert client.get("/api/session", headers={"authorization": "Bearer x"}).status_code == 401
    with database.reading() as session:
        assert (now() - session.scalars(select(TokenRow)).one().used).total_seconds() < 60.0


def test_what_was_done_stands_in_the_audit_log(client, database):
    client.post("/api/session", json={"name": "anna", "password": "wrong"})
    log_in(client)
    client.get("/api/studies")
    with database.reading() as session:
        rows = session.scalars(select(AuditRow).order_by(AuditRow.id)).all()
        assert [(row.actor, row.action, row.outcome) for row in rows] == [
            ("anna", "log-in", "failure"),
            ("anna", "log-in", "success"),
            ("anna", "list", "success"),
        ]
        assert first_break(session) is None


@pytest.mark.parametrize("path", ["/healthz", "/api/studies", "/nowhere"])
def test_every_answer_tells_browsers_to_trust_nothing_else(client, path):
    headers = client.get(path).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"


def test_over_https_browsers_are_told_to_stay_there(client):
    given = {"name": "anna", "password": PASSWORD}
    plain = client.post("/api/session", json=given)
    assert "Secure" not in plain.headers["set-cookie"]
    assert "strict-transport-security" not in plain.headers
    safe = client.post("https://testserver/api/session", json=given)
    assert "Secure" in safe.headers["set-cookie"]
    assert safe.headers["strict-transport-security"].startswith("max-age=")


@pytest.mark.parametrize("told", [True, False])
def test_a_body_that_would_fill_the_memory_is_refused(client, told):
    pieces = (b" " * 2**20 for _ in range(100))
    content = b"".join(pieces) if told else pieces
    answer = client.post(
        "/api/session", content=content, headers={"content-type": "application/json"}
    )
    assert answer.status_code == 413


def test_an_address_with_a_slash_more_leads_nowhere(client):
    # A redirection would go to whatever host the request names.
    assert client.get("/api/studies/", follow_redirects=False).status_code == 404


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json"])
def test_strangers_are_not_told_what_there_is(client, path):
    assert client.get(path).status_code == 404
    assert client.get("/api/openapi.json").status_code == 401


def test_those_who_logged_in_are_told_what_there_is(client):
    log_in(client)
    described = client.get("/api/openapi.json").json()
    assert described["openapi"].startswith("3.1")
    assert set(described["paths"]["/api/studies"]["get"]["responses"]) == {"200", "401", "422"}


@pytest.mark.parametrize("name", [b"a\\u0000b", b"\\ud800"])
def test_names_that_no_database_holds_are_refused(client, name):
    said = b'{"name": "%s", "password": "%s"}' % (name, PASSWORD.encode())
    answer = client.post("/api/session", content=said, headers={"content-type": "application/json"})
    assert answer.status_code == 422
    assert PASSWORD not in answer.text
