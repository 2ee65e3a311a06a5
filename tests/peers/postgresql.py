"""PostgreSQL as a test's own server: in a temporary folder, on a loopback port, as an unprivileged user."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import psutil
import pytest

from peers.orthanc import free_ports

_PATIENCE_S = 60.0


class Postgresql:
    """Runs within `with`, and between `start` and `stop`; `url` leads to an empty database."""

    def __init__(self) -> None:
        self.initdb, self.server = _program("initdb"), _program("postgres")
        self.user = _unprivileged()
        self.folder = Path(tempfile.mkdtemp(prefix="postgresql-"))
        (self.port,) = free_ports(1)
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgresql://test@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start and wait until it takes connections."""
        settings = {
            "port": self.port, "listen_addresses": "127.0.0.1", "unix_socket_directories": "",
            "max_connections": 60, "shared_buffers": "16MB",
        }  # fmt: skip
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [self.server, "-D", self.folder / "data", *options],
                stdout=log, stderr=log, **self._as_user(),
            )  # fmt: skip
        end = time.monotonic() + _PATIENCE_S
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > end:
                pytest.fail((self.folder / "log").read_text()[-2000:])
            time.sleep(0.05)

    def stop(self) -> None:
        """End it as its administrator would in a hurry: connections are cut."""
        if self.process is not None:
            self.process.send_signal(2)  # SIGINT is PostgreSQL's fast shutdown
            self.process.wait(_PATIENCE_S)
            self.process = None

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Let it hang within `with`: it takes connections, and answers nobody."""
        assert self.process is not None
        server = psutil.Process(self.process.pid)
        all_of_it = [server, *server.children(recursive=True)]
        for one in all_of_it:
            one.suspend()
        try:
            yield
        finally:
            for one in all_of_it:
                one.resume()

    def __enter__(self) -> Self:
        if self.user is not None:
            os.chown(self.folder, self.user.pw_uid, self.user.pw_gid)
        subprocess.run(
            [self.initdb, "-D", self.folder / "data", "-U", "test", "--auth=trust", "--no-sync"],
            check=True, capture_output=True, **self._as_user(),
        )  # fmt: skip
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _answers(self) -> bool:
        import pg8000.native

        try:
            pg8000.native.Connection(
                "test", host="127.0.0.1", port=self.port, database="postgres"
            ).close()
        except (pg8000.native.InterfaceError, pg8000.native.DatabaseError):
            return False
        return True

    def _as_user(self) -> dict[str, Any]:
        if self.user is None:
            return {"cwd": self.folder}
        return {
            "user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": [], "cwd": self.folder,
        }  # fmt: skip


def _unprivileged() -> pwd.struct_passwd | None:
    """Who runs the server where root runs the tests: it refuses to run as root."""
    if os.getuid() != 0:
        return None
    names = {one.pw_name: one for one in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


def _program(name: str) -> Path:
    # Debian keeps each version's programs where users do not look.
    places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    if places:
        return places[-1]
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed: it comes with postgresql (Debian)")
    return Path(found)
