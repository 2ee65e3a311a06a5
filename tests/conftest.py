"""For all tests: a property takes as long as it takes, so that a busy machine fails none; the user's
cache stays as it is."""

import os
import uuid

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--record-golden",
        action="store_true",
        help="Write the records of tests/golden from what the software gives now.",
    )


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DEEPVEIN_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def the_demo(tmp_path_factory: pytest.TempPathFactory):
    """The one demo of all processes of a run, whose folders lie side by side."""
    from demo import demo

    base = tmp_path_factory.getbasetemp()
    return demo((base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "demo")


@pytest.fixture
def archive(tmp_path):
    """An Orthanc of this test alone (`peers.orthanc.Orthanc`)."""
    from peers.orthanc import Orthanc

    with Orthanc(tmp_path / "archive") as running:
        yield running


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch):
    """An empty bucket of an S3 server of this test alone, for which the environment is set.

    s3fs needs an older python-dateutil than is pinned: pip install s3fs 'moto[server]' in another environment.
    """
    s3fs = pytest.importorskip("s3fs", reason="needs s3fs")
    server = pytest.importorskip("moto.server", reason="needs moto").ThreadedMotoServer(port=0)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "moto")
    name = f"b{uuid.uuid4().hex}"
    s3fs.S3FileSystem().mkdir(name)
    yield name
    s3fs.S3FileSystem.clear_instance_cache()
    server.stop()
