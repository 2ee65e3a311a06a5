"""Orthanc as a test's own PACS: DIMSE, REST and DICOMweb on loopback ports, in a folder of the test."""

from __future__ import annotations

import json
import socket
import subprocess
import time
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest

from peers.programs import find

DICOMWEB = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")
PATIENCE_SECONDS = 60.0
ATTEMPTS = 5


class Orthanc:
    """A server that runs between `start` and `stop`, or within `with`; what it stored outlives a stop.

    Parameters
    ----------
    folder
        Where it keeps configuration, log and everything that it stores; made if not there.
    modalities
        AE title and loopback port of peers that it may send to, under the names of its REST interface.
    settings
        More of its configuration, as its manual names them.
    """

    def __init__(
        self,
        folder: Path,
        modalities: Mapping[str, tuple[str, int]] | None = None,
        settings: Mapping[str, object] | None = None,
        aet: str = "ORTHANC",
    ) -> None:
        self.program = find("Orthanc")
        if not DICOMWEB.exists():
            pytest.skip(f"{DICOMWEB.name} is missing: it comes with orthanc-dicomweb (Debian)")
        self.folder, self.aet = folder, aet
        self.modalities, self.settings = dict(modalities or {}), dict(settings or {})
        self.http_port = self.dicom_port = 0
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http_port}"

    @property
    def dicomweb_url(self) -> str:
        return f"{self.url}/dicom-web"

    @property
    def log(self) -> str:
        return (self.folder / "orthanc.log").read_text(errors="replace")

    def start(self) -> None:
        """Start it and wait until it answers; after a stop on the same ports."""
        chosen = bool(self.http_port)
        for _ in range(ATTEMPTS):
            if not chosen:
                self.http_port, self.dicom_port = free_ports(2)
            self._launch()
            if self._answers():
                return
            # Somebody may have taken a port between its choice and its use.
            self.stop()
        pytest.fail(f"Orthanc does not start: {self.log[-2000:]}")

    def stop(self) -> None:
        """End it by its own process; nothing if it does not run."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def request(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        """Status and body of the answer to a request such as ("GET", "/instances")."""
        connection = HTTPConnection("127.0.0.1", self.http_port, timeout=PATIENCE_SECONDS)
        try:
            connection.request(method, path, body)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def get(self, path: str) -> Any:
        """The JSON at a path of the REST interface; the test fails where there is none."""
        return json.loads(self.read(path))

    def read(self, path: str) -> bytes:
        """The bytes at a path of the REST interface; the test fails where there are none."""
        status, body = self.request("GET", path)
        assert status == 200, f"GET {path} gave {status}: {body[:500]!r}"
        return body

    def post(self, path: str, body: object) -> Any:
        """The JSON that answers to another, or to bytes; the test fails where it is refused."""
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        status, answer = self.request("POST", path, sent)
        assert status == 200, f"POST {path} gave {status}: {answer[:500]!r}"
        return json.loads(answer)

    def store(self, path: Path) -> str:
        """Put a DICOM file in and return the name of the instance in the REST interface."""
        return str(self.post("/instances", path.read_bytes())["ID"])

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _launch(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        configuration = self.folder / "orthanc.json"
        configuration.write_text(json.dumps(self._configuration(), indent=2))
        with (self.folder / "orthanc.log").open("ab") as log:
            self.process = subprocess.Popen(
                [self.program, "--verbose", configuration], cwd=self.folder, stdin=subprocess.DEVNULL,
                stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip

    def _configuration(self) -> dict[str, object]:
        return {
            "Name": "test",
            "StorageDirectory": str(self.folder / "storage"),
            "IndexDirectory": str(self.folder / "storage"),
            "Plugins": [str(DICOMWEB)],
            "DicomWeb": {"Enable": True, "Root": "/dicom-web/"},
            "HttpPort": self.http_port,
            "DicomPort": self.dicom_port,
            "DicomAet": self.aet,
            "RemoteAccessAllowed": False,
            "AuthenticationEnabled": False,
            "DicomCheckCalledAet": False,
            "DicomModalities": {
                name: [aet, "127.0.0.1", port] for name, (aet, port) in self.modalities.items()
            },
            "ConcurrentJobs": 1,
            **self.settings,
        }

    def _answers(self) -> bool:
        """Wait for both servers; False if the process ended instead."""
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end and self.process is not None and self.process.poll() is None:
            try:
                status, _ = self.request("GET", "/system")
                with socket.create_connection(("127.0.0.1", self.dicom_port), 1):
                    return status == 200 and self.process.poll() is None
            except (OSError, HTTPException):
                time.sleep(0.05)
        return False


def free_ports(count: int) -> tuple[int, ...]:
    """So many loopback ports that nobody listens on at this moment, all different."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return tuple(one.getsockname()[1] for one in sockets)
    finally:
        for one in sockets:
            one.close()
