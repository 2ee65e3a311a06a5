from __future__ import annotations

import signal
import subprocess
import sys

import pytest

SETTINGS = "[web]\nport = 0\n"


def serve(folder, *arguments, **options):
    folder.mkdir(exist_ok=True)
    (folder / "deepvein.toml").write_text(options.pop("settings", SETTINGS))
    return subprocess.Popen(
        [sys.executable, "-m", "deepvein", "serve", "--only", "web", "--folder", folder, *arguments],
        stderr=subprocess.PIPE, text=True, **options,
    )  # fmt: skip


@pytest.fixture(autouse=True)
def nohup_is_over():
    """Where the tests run under nohup, a node would rightly ignore SIGHUP, and a test would wait for ever."""
    before = signal.signal(
        signal.SIGHUP, lambda *_: None
    )  # of which a program that is started knows nothing
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_as_it_should(tmp_path, number):
    with serve(tmp_path / "node") as process:
        lines = iter(process.stderr)
        assert any("HTTP: port" in line for line in lines)
        process.send_signal(number)
        assert "the node has ended" in "".join(lines)
    assert process.returncode == 0


def test_files_that_cannot_be_read_keep_it_from_starting(tmp_path):
    settings = (
        SETTINGS + "certificate = 'gone.crt'\n[[destinations.webhooks]]\nname = 'w'\n"
        "url = 'https://x.example'\nsecret_file = 'gone'\n"
    )
    with serve(tmp_path / "node", settings=settings) as process:
        told = " ".join(process.stderr.read().split())
    assert process.returncode == 2
    for name in ("destinations.webhooks[0].secret_file gone", "web.certificate gone.crt"):
        assert f"{name} cannot be read (No such file or directory)" in told
