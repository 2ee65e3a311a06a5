"""A real cluster of several Ray nodes on this machine, on the loopback interface alone, with a token."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil
import pytest

import deepvein

_TESTS = Path(__file__).parents[3]
_SOURCES = Path(deepvein.__file__).parents[1]
STORE_BYTES = 80 * 2**20

ENVIRONMENT = {
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_DEDUP_LOGS_SKIP_REGEX": ".",
    "RAY_AUTH_MODE": "token",
    "PYTHONPATH": os.pathsep.join(map(str, (_SOURCES, _TESTS))),
    "RAY_AUTH_TOKEN": secrets.token_hex(32),
    "OMP_NUM_THREADS": "1",
}
"""What all processes of the cluster are told; Ray reads some of it when it is first imported, never again."""

needs_ray = pytest.mark.skipif(find_spec("ray") is None, reason="needs the extra cluster (ray)")


class Rays:
    """The cluster; its head has no core to give, and serves clients at `client`."""

    def __init__(self, cluster: Any, folder: str) -> None:
        self._cluster = cluster
        port = _free_port()
        self.client = f"ray://127.0.0.1:{port}"
        self._add = {
            "node_ip_address": "127.0.0.1",
            "object_store_memory": STORE_BYTES,
            "temp_dir": folder,
            "include_dashboard": False,
            "include_log_monitor": False,
            "no_monitor": True,
        }
        self._start(num_cpus=0, ray_client_server_port=port)

    @property
    def address(self) -> str:
        address: str = self._cluster.gcs_address
        return address

    @property
    def nodes(self) -> list[Any]:
        return sorted(self._cluster.worker_nodes, key=lambda node: node.node_id)

    def join(self) -> None:
        self._start(num_cpus=1)

    def _start(self, num_cpus: int, **more: int) -> None:
        """Ray gives a node 30 s to start, which a busy machine may not keep the first time."""
        for attempt in range(6):
            before = _processes()
            try:
                self._cluster.add_node(num_cpus=num_cpus, **more, **self._add)
            except Exception as error:
                for process in _processes() - before:
                    process.kill()
                if attempt == 5 or "timed out during startup" not in str(error):
                    raise
            else:
                return

    def kill(self, node_id: str) -> None:
        (node,) = [one for one in self.nodes if one.node_id == node_id]
        self._cluster.remove_node(node, allow_graceful=False)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
    return port


def _processes() -> set[psutil.Process]:
    return set(psutil.Process().children(recursive=True))


@contextmanager
def rays(nodes: int) -> Iterator[Rays]:
    """A cluster with so many nodes of one core; all its processes are ended, whatever happens."""
    before, others = dict(os.environ), _processes()
    os.environ.update(ENVIRONMENT)
    folder = tempfile.mkdtemp(prefix="dv-", dir="/tmp")  # sockets need a short path
    os.environ["RAY_TMPDIR"] = folder
    Path(folder, "ray").mkdir()  # where Ray's test cluster writes its address
    cluster = None
    try:
        import ray
        from ray.cluster_utils import Cluster

        cluster = Cluster()
        made = Rays(cluster, folder)
        for _ in range(nodes):
            made.join()
        yield made
    finally:
        started = _processes() - others  # agents are nobody's children once their node is gone
        if "ray" in sys.modules:
            ray.shutdown()
        if cluster is not None:
            for node in cluster.list_all_nodes():
                node.kill_all_processes(check_alive=False, allow_graceful=False, wait=True)
        for process in started:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(started, timeout=60)
        os.environ.clear()
        os.environ.update(before)
        shutil.rmtree(folder, ignore_errors=True)
