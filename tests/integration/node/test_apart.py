"""Receiver, worker and web each in a process of its own, which meet in one database and one folder."""

from __future__ import annotations

import json
from http.client import HTTPConnection
from pathlib import Path

from deepvein.node.accounts import add_token, add_user
from deepvein.node.database.database import database_url, open_database
from deepvein.node.states import Role
from integration.node.processes import Process
from integration.node.whole import check, hurried, is_finished
from unit.node.archive import Archive
from unit.node.instances import ROOT, image, wait_for
from unit.node.test_receiver import send


def test_three_processes_are_one_node(tmp_path: Path) -> None:
    folder = tmp_path / "node"
    with Archive() as archive:
        settings = hurried(0, archive.port)
        parts = {only: Process(folder, settings, only) for only in ("receiver", "worker", "web")}
        database = open_database(database_url("", folder))
        try:
            ports = {only: one.wait().ports for only, one in parts.items()}
            # Each does its own part and no other.
            assert {only for only in ports if ports[only]["dicom"]} == {"receiver"}
            assert {only for only in ports if ports[only]["http"]} == {"web"}
            assert send(ports["receiver"]["dicom"], image(1, 1), image(1, 2)) == [0, 0]
            wait_for(lambda: is_finished(database, 1))
            check(database, folder, archive, {f"{ROOT}.1": 2})
            with database.writing() as session:
                user = add_user(session, "anna", "correct horse battery", Role.READER)
                session.flush()
                token, _ = add_token(session, user, "test", None)
            connection = HTTPConnection("127.0.0.1", ports["web"]["http"], timeout=120)
            connection.request("GET", "/api/studies", headers={"Authorization": f"Bearer {token}"})
            answer = connection.getresponse()
            assert answer.status == 200
            assert "dvt" in json.dumps(json.loads(answer.read()))
            connection.close()
        finally:
            for one in parts.values():
                one.stop()
            database.close()
