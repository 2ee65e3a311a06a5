"""Several Ray nodes on this machine that lose workers, nodes and their driver; every item is done once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread

from deepvein.core.errors import UsageError, WorkerError
from deepvein.core.workers import each, spread
from deepvein.node.cluster import cluster as module
from deepvein.node.cluster.cluster import Cluster
from deepvein.node.cluster.connection import connected
from deepvein.screening.bundle import BundleFolder
from unit.node.cluster.rays import Rays, needs_ray, rays
from unit.node.cluster.tasks import Noted, large, refuse
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
    with rays(nodes=2) as made:
        yield made


@pytest.fixture
def cluster(nodes: Rays) -> Iterator[Cluster]:
    with connected(nodes.address) as joined:
        yield joined


def wait_for(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + 240
    while not condition():
        assert time.monotonic() < deadline, f"{what} never came"
        time.sleep(0.05)


def test_lost_workers_cost_nothing_but_what_ends_them_twice(
    cluster: Cluster, nodes: Rays, tmp_path: Path
) -> None:
    noted = Noted(tmp_path)
    found = dict(each(noted, [*range(7), 13], cluster))
    assert [found[number] for number in range(7)] == [x * x for x in range(7)]
    assert isinstance(found[7], WorkerError)
    assert all(len(noted.nodes("begun", item)) == 1 for item in range(1, 7))
    for item in (0, 13):
        assert sorted(noted.nodes("begun", item)) == [node.node_id for node in nodes.nodes]
    assert [len(noted.nodes("ended", item)) for item in (*range(7), 13)] == [1] * 7 + [0]


def test_results_larger_than_the_object_store_all_come_whole(cluster: Cluster) -> None:
    sizes = [50, 50, 100]  # of a store of 80
    found = list(spread(large, sizes, cluster))
    assert [len(one) // 2**20 for one in found] == sizes
    assert all(one[-1] == 255 and np.array_equal(one[:256], range(256)) for one in found)


def test_an_error_comes_as_it_was_raised_and_the_cluster_goes_on(cluster: Cluster) -> None:
    with pytest.raises(KeyError, match="5"):
        list(spread(refuse, [5], cluster))
    assert list(spread(str, [1, 2, 3], cluster)) == ["1", "2", "3"]


def test_a_machine_with_other_versions_is_refused(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "_versions", replace(cluster._versions, torch="1.0"))
    with pytest.raises(UsageError, match=r"torch .* in place of 1\.0"):
        list(spread(str, [1], cluster))


def test_killed_nodes_lose_their_items_to_others_and_a_new_one_gets_work(
    cluster: Cluster, nodes: Rays, tmp_path: Path
) -> None:
    """Both nodes are killed, and another one joins in between."""
    noted, items = Noted(tmp_path), [7, *range(20, 26)]
    first, second = (node.node_id for node in nodes.nodes)
    given = each(noted, items, cluster)
    found = dict([next(given)])
    wait_for(lambda: noted.nodes("begun", 7), "the item that waits")
    if noted.nodes("begun", 7) == [second]:
        first, second = second, first
    nodes.kill(first)
    nodes.join()
    nodes.kill(second)
    nodes.join()
    (tmp_path / "go").touch()
    found |= dict(given)
    assert found == dict(enumerate(item * item for item in items))
    assert noted.nodes("begun", 7)[0] == first
    assert len(noted.nodes("ended", 7)) == 1
    new = {node.node_id for node in nodes.nodes}
    assert new & {node for item in items for node in noted.nodes("ended", item)}
    # Only what was under way when its node was killed is done again.
    assert all(len(noted.nodes("ended", item)) == 1 for item in items if item not in (20, 21))


def test_a_cluster_without_machines_is_given_up_in_time(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "_ask", list)
    monkeypatch.setattr(cluster, "_patience_s", 0.1)
    monkeypatch.setattr(module, "_GLANCE_S", 0.1)
    with pytest.raises(WorkerError, match=r"no machine to work on .* --resume"):
        list(spread(str, [1], cluster))


def test_who_lacks_the_token_is_refused(nodes: Rays) -> None:
    script = (
        "import sys\nfrom deepvein.node.cluster.connection import connected\n"
        "with connected(sys.argv[1]):\n    print('inside')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, nodes.address],
        env={**os.environ, "RAY_AUTH_TOKEN": "0" * 64},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode != 0
    assert "inside" not in done.stdout


def test_a_killed_driver_goes_on_with_resume(
    nodes: Rays, tiny_bundle: BundleFolder, tmp_path: Path
) -> None:
    """Every study has one row and one folder of results, and what was done is not done again."""
    volume = screening(grid=orientation_grid("axial")).study.volume
    for name in "abcd":
        for path in write_series(volume, tmp_path / "in" / name):
            image = dcmread(path)
            image.PatientID, image.StudyInstanceUID = name, f"1.2.3.{ord(name)}"
            image.save_as(path)
    out = tmp_path / "out"
    command = [
        *(sys.executable, "-m", "deepvein", "screen", tmp_path / "in", "--out", out),
        *("--cluster", nodes.address, "--models", tiny_bundle.folder),
        *("--reports", "json", "--quiet", "--resume"),
    ]

    def rows() -> dict[str, str]:
        path = out / "summary.json"
        told = json.loads(path.read_text()) if path.exists() else []
        return {Path(row["source"]).name: row["status"] for row in told}

    with (tmp_path / "told").open("wb") as told:
        driver = subprocess.Popen(command, stdout=told, stderr=told)
    try:
        wait_for(lambda: rows() or driver.poll() is not None, "the first row")
    finally:
        driver.kill()
        driver.wait()
    before = rows()
    assert 1 <= len(before) <= 4, (tmp_path / "told").read_text()
    kept = {name: (out / name / "manifest.json").stat().st_mtime_ns for name in before}
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert sorted(rows()) == list("abcd")
    assert {rows()[name] for name in before} == {"skipped"}
    assert {name: (out / name / "manifest.json").stat().st_mtime_ns for name in before} == kept
    assert sorted(path.name for path in out.iterdir() if path.is_dir()) == list("abcd")
