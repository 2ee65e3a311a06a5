"""Ray's client port, `ray://HOST:PORT`, of a real cluster on this machine's loopback interface."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path

import pytest
from filelock import FileLock
from pydicom import dcmread

from deepvein.core.errors import UsageError, WorkerError
from deepvein.core.workers import each, spread
from deepvein.node.cluster.connection import connected
from deepvein.node.cluster.versions import Versions
from deepvein.screening.bundle import BundleFolder
from unit.node.cluster.rays import Rays, needs_ray, rays
from unit.node.cluster.tasks import Noted, refuse
from unit.reports.legs import screening
from unit.reports.series import orientation_grid, write_series

pytestmark = [
    needs_ray,
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="nodes beside one another are of POSIX systems"),
    # Of Ray's own threads and sockets.
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning"),
]


@pytest.fixture(scope="module")
def nodes() -> Iterator[Rays]:
    # Ray begins to number the ports of its client servers at 23000, whoever else has them: one head at a time.
    with (
        FileLock(Path(tempfile.gettempdir()) / "deepvein-tests-ray-client.lock"),
        rays(nodes=2) as made,
    ):
        yield made


def test_work_comes_back_whole_although_workers_are_lost(nodes: Rays, tmp_path: Path) -> None:
    """Items 0 and 13 end their process; an error comes as it was raised."""
    noted = Noted(tmp_path)
    with connected(nodes.client) as cluster:
        found = dict(each(noted, [0, 1, 2, 13], cluster))
        with pytest.raises(KeyError, match="5"):
            list(spread(refuse, [5], cluster))
    assert [found[number] for number in range(3)] == [0, 1, 4]
    assert isinstance(found[3], WorkerError)
    assert [len(noted.nodes("ended", item)) for item in (0, 1, 2, 13)] == [1, 1, 1, 0]


def test_studies_are_screened(nodes: Rays, tiny_bundle: BundleFolder, tmp_path: Path) -> None:
    volume = screening(grid=orientation_grid("axial")).study.volume
    for name in "abc":
        for path in write_series(volume, tmp_path / "in" / name):
            image = dcmread(path)
            image.PatientID, image.StudyInstanceUID = name, f"1.2.3.{ord(name)}"
            image.save_as(path)
    command = [
        *(sys.executable, "-m", "deepvein", "screen", tmp_path / "in", "--out", tmp_path / "out"),
        *("--cluster", nodes.client, "--models", tiny_bundle.folder),
        *("--reports", "json", "--quiet", "--resume"),
    ]
    for status in ("done", "skipped"):
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, done.stderr
        rows = json.loads((tmp_path / "out" / "summary.json").read_text())
        assert sorted(Path(row["source"]).name for row in rows) == list("abc")
        assert {row["status"] for row in rows} == {status}


@pytest.mark.parametrize("name", [field.name for field in fields(Versions)])
def test_a_machine_with_another_version_is_refused(
    nodes: Rays, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    with connected(nodes.client) as cluster:
        other = replace(Versions.here(), **{name: "0.1"})
        monkeypatch.setattr(cluster, "_versions", other)
        with pytest.raises(UsageError, match=rf"has {name} .* in place of 0\.1; install the same"):
            list(spread(str, [1], cluster))


@pytest.mark.parametrize("mine", [("2.1.0", "3.11.7"), ("", "2.7.18")])
def test_a_client_of_another_ray_or_python_is_refused(
    nodes: Rays, monkeypatch: pytest.MonkeyPatch, mine: tuple[str, str]
) -> None:
    """The server tells its own; what this process is taken for is faked."""
    import ray
    from ray._private import utils

    ray_version, python = mine[0] or ray.__version__, mine[1]
    monkeypatch.setattr(utils, "compute_version_info", lambda: (ray_version, python))
    expected = rf"Version mismatch.*Ray: {ray_version} Python: {python}; install the same versions"
    with pytest.raises(UsageError, match=expected), connected(nodes.client):
        pass


def test_who_comes_with_another_token_or_none_is_refused(nodes: Rays) -> None:
    script = (
        "import sys\nfrom deepvein.cli.main import main\n"
        "sys.argv = ['deepvein', 'screen', '.', '--out', 'out', '--cluster', sys.argv[1]]\nmain()\n"
    )
    none = {name: text for name, text in os.environ.items() if not name.startswith("RAY_AUTH")}
    asked = [
        subprocess.Popen(
            [sys.executable, "-c", script, nodes.client],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for environment in ({**os.environ, "RAY_AUTH_TOKEN": "0" * 64}, none)
    ]
    for process, how in zip(asked, ("with this token", "without a token"), strict=True):
        told = " ".join(process.communicate(timeout=300)[0].split())
        assert process.returncode == UsageError.exit_code, told
        assert f"lets no Ray client in that comes {how}" in told
        assert "Traceback" not in told


def test_a_head_without_deepvein_is_named(
    nodes: Rays, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The cluster's processes have no such module as the worker's that they are asked for."""
    from deepvein.node.cluster import cluster as module

    (tmp_path / "only_here.py").write_text("class Elsewhere:\n    pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    worker = importlib.import_module("only_here").Elsewhere
    monkeypatch.setattr(module, "Worker", worker)
    told = r"the head .* lacks deepvein .* on all machines"
    with connected(nodes.client) as cluster, pytest.raises(UsageError, match=told):
        list(spread(str, [1], cluster))
