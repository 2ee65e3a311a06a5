from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from deepvein.node.dicomweb import DicomwebPeer, DicomwebSender
from deepvein.node.parcel import Outgoing, Parcel
from unit.node.instances import image, save


@pytest.fixture
def server():
    """An HTTP server that answers every POST with what the test puts into `answer`."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            made.requests.append(
                (
                    self.path,
                    dict(self.headers),
                    self.rfile.read(int(self.headers["Content-Length"])),
                )
            )
            status, body = made.answer
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    made = HTTPServer(("127.0.0.1", 0), Handler)
    made.requests, made.answer = [], (200, b"{}")
    thread = threading.Thread(target=made.serve_forever)
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


def parcel(folder, *numbers: int) -> Parcel:
    objects = []
    for number in numbers:
        made = image(1, number)
        path = save(made, folder / f"{number}.dcm")
        objects.append(Outgoing(made.SOPInstanceUID, made.SOPClassUID, path))
    return Parcel(5, "1.2", "A1", "dvt", 0.9, 1, tuple(objects))


def stored(*items: Outgoing) -> dict:
    entries = [{"00081155": {"vr": "UI", "Value": [one.uid]}} for one in items]
    return {"00081199": {"vr": "SQ", "Value": entries}}


def failed(item: Outgoing, reason: int) -> dict:
    entry = {
        "00081155": {"vr": "UI", "Value": [item.uid]},
        "00081197": {"vr": "US", "Value": [reason]},
    }
    return {"00081198": {"vr": "SQ", "Value": [entry]}}


def sender(server, **settings) -> DicomwebSender:
    port = server.server_address[1]
    return DicomwebSender(DicomwebPeer("pacs", f"http://127.0.0.1:{port}/dicom-web/", **settings))


def test_the_files_go_as_they_lie_on_the_disk(server, tmp_path):
    sent = parcel(tmp_path, 1, 2)
    server.answer = (200, json.dumps(stored(*sent.objects)).encode())
    accepted: list = []
    assert sender(server).send(sent, lambda *one: accepted.append(one)) == ""
    ((path, headers, body),) = server.requests
    assert path == "/dicom-web/studies"
    assert headers["Accept"] == "application/dicom+json"
    assert "Authorization" not in headers
    for one in sent.objects:
        assert one.path.read_bytes() in body
    assert accepted == [(one.uid, 0) for one in sent.objects]


@pytest.mark.parametrize("status", [200, 202, 409])
def test_a_part_that_was_stored_is_known_whatever_the_status(server, tmp_path, status):
    sent = parcel(tmp_path, 1, 2)
    answer = {**stored(sent.objects[0]), **failed(sent.objects[1], 0xA700)}
    server.answer = (status, json.dumps(answer).encode())
    accepted: list = []
    problem = sender(server).send(sent, lambda uid, _: accepted.append(uid))
    assert accepted == [sent.objects[0].uid]
    assert problem == f"{sent.objects[1].uid} was refused (0xA700)"


@pytest.mark.parametrize("answer", [(200, b""), (200, b"<xml/>"), (503, b"busy"), (200, b"[]")])
def test_an_answer_that_tells_nothing_is_no_yes(server, tmp_path, answer):
    server.answer = answer
    accepted: list = []
    problem = sender(server).send(parcel(tmp_path, 1), lambda *one: accepted.append(one))
    assert f"answered {answer[0]} without telling" in problem
    assert accepted == []


def test_the_authorization_comes_from_its_file(server, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("Bearer abc\n")
    sender(server, authorization_file=secret).send(parcel(tmp_path, 1), lambda *_: None)
    assert server.requests[0][1]["Authorization"] == "Bearer abc"


def test_a_server_that_is_away_is_told(tmp_path):
    away = DicomwebSender(DicomwebPeer("pacs", "http://127.0.0.1:1/"))
    assert "could not be reached" in away.send(parcel(tmp_path, 1), lambda *_: None)
