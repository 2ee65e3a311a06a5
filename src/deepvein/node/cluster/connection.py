"""A connection to a Ray cluster, or a cluster of this machine's own for one run."""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from deepvein.core.errors import MissingExtraError, UsageError, WorkerError
from deepvein.core.memory import available_bytes
from deepvein.core.workers import cores
from deepvein.node.cluster.address import Address
from deepvein.node.cluster.cluster import Cluster
from deepvein.node.cluster.worker import Machine

logger = logging.getLogger(__name__)

_STORE_BYTES = 80 * 2**20
"""Ray's shared memory on this machine; work and results are small, and what does not fit goes to disk."""

_WORKER_BYTES = 2.5e9
"""Memory by which the workers of a machine are counted: an ordinary study with its libraries."""

_ANSWER_S = 20.0
"""How long the head of a cluster may take to let somebody connect."""

_TRIES = 3
"""How often a head is asked whose server for a client does not start."""

_PAUSE_S = 1.0
"""How long a head is left alone before it is asked again."""

_NOT_STARTED = (
    "Starting Ray client server failed",
    "Proxy failed to Connect to backend",
    "psutil.ZombieProcess",
    "psutil.NoSuchProcess",
)
"""What a head tells whose server for a client ended as it started."""

_QUIET = {"log_to_driver": False, "logging_level": logging.ERROR, "configure_logging": True}


@contextmanager
def connected(address: str, device: str = "auto", workers: int | None = None) -> Iterator[Cluster]:
    """A cluster to work on, left at the end; one of this machine's own ends with the block and the process.

    Ray's usage statistics are off. Who may use a cluster is checked by Ray: RAY_AUTH_MODE=token and
    RAY_AUTH_TOKEN (or RAY_AUTH_TOKEN_PATH) in the environment are passed through. A cluster of this
    machine's own listens on the loopback interface alone, has a token of its own and no dashboard.

    Parameters
    ----------
    address
        As `Address.parse` takes it.
    device
        "cpu" leaves graphics processors unused.
    workers
        At a time on each machine; None for one a graphics processor, and elsewhere one a core as memory
        allows.

    Raises
    ------
    MissingExtraError
        Ray is not installed.
    UsageError
        The address is none, nobody answers there, or it does not let us in.
    """
    where = Address.parse(address)
    if where.processes and workers is not None:
        raise UsageError(
            f"{where} says how many processes there are; leave out --workers {workers}"
        )
    with _environment(where):
        try:
            import ray
        except ImportError as error:
            raise MissingExtraError("work on a cluster", "cluster") from error
        if where.processes:
            with _own(ray, where.processes):
                yield Cluster(lambda: _own_machine(ray, where.processes))
            return
        _connect(ray, where)
        try:
            yield Cluster(lambda: machines(ray.nodes(), device, workers))
        finally:
            ray.shutdown()


def machines(nodes: Sequence[Any], device: str, workers: int | None) -> list[Machine]:
    """The machines among Ray's `nodes` that are alive and have a core to give."""
    found = []
    for node in nodes:
        has = node["Resources"]
        processors, memory = int(has.get("CPU", 0)), float(has.get("memory", 0.0))
        if not node["Alive"] or not processors:
            continue
        graphics = 0 if device == "cpu" else int(has.get("GPU", 0))
        fit = max(1, int(memory / _WORKER_BYTES))
        count = min(workers or graphics or min(processors, fit), graphics or processors)
        found.append(
            Machine(
                node["NodeID"],
                node["NodeManagerHostname"],
                workers=count,
                threads=processors // count or 1,
                room=memory,
                graphics=graphics > 0,
            )
        )
    return found


def _connect(ray: Any, where: Address) -> None:
    if not where.is_loopback and os.environ.get("RAY_AUTH_MODE") != "token":
        logger.warning(
            "%s is used without a token: whoever reaches it can run anything there; start it and this with "
            "RAY_AUTH_MODE=token",
            where,
        )
    if where.url.startswith("ray://"):
        _knock(where)
    for left in reversed(range(_TRIES)):
        try:
            ray.init(where.url, namespace="deepvein", **_QUIET)
            return
        # Ray tells of refusals, other versions and silence by errors of many kinds.
        except Exception as error:
            # The head starts a server for each client, which may fail where it is busy or another program has
            # the port; it takes the next port for the next client. What it tells of that depends on the moment
            # at which it looks: Ray 2.60 quotes psutil where the server ends while it looks.
            if left and any(text in str(error) for text in _NOT_STARTED):
                time.sleep(_PAUSE_S)
                continue
            raise UsageError(
                f"cannot use the cluster at {where}: {_told(error)}{_advice(error)}"
            ) from error


def _knock(where: Address) -> None:
    """UsageError at once if nobody listens, which Ray would find out in half a minute and not tell apart."""
    host, _, port = where.url.removeprefix("ray://").rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=_ANSWER_S).close()
    except (OSError, OverflowError) as error:
        raise UsageError(
            f"cannot use the cluster at {where}: nobody answers there ({error}); start its head by "
            f"`ray start --head --ray-client-server-port {port}`"
        ) from error


def _advice(error: Exception) -> str:
    """What to do about an error of Ray's that does not say so; "" where we do not know either."""
    text = str(error)
    if text.startswith("Version mismatch"):
        return "; install the same versions on all machines"
    if "client connection timeout" in text:
        how = "with this" if os.environ.get("RAY_AUTH_MODE") == "token" else "without a"
        return (
            f"; somebody listens there, but lets no Ray client in that comes {how} token: see that "
            "it is Ray's client port, and that RAY_AUTH_MODE and RAY_AUTH_TOKEN are the same on both sides"
        )
    return ""


@contextmanager
def _own(ray: Any, processes: int) -> Iterator[None]:
    """A cluster on this machine, in a folder of its own with a short path, as sockets need it."""
    short = Path("/tmp")  # noqa: S108  (the folder below it is made for this user alone)
    folder = tempfile.mkdtemp(prefix="deepvein-", dir=short if short.is_dir() else None)
    try:
        ray.init(
            num_cpus=processes * _threads(processes),
            num_gpus=0,
            include_dashboard=False,
            object_store_memory=_STORE_BYTES,
            namespace="deepvein",
            _temp_dir=folder,
            **_QUIET,
        )
    # Ray has no kind of error for this.
    except Exception as error:
        ray.shutdown()
        shutil.rmtree(folder, ignore_errors=True)
        raise WorkerError(
            f"Ray does not start here: {_told(error)}; a machine that is busy may need a second try"
        ) from error
    try:
        yield
    finally:
        ray.shutdown()
        shutil.rmtree(folder, ignore_errors=True)


def _own_machine(ray: Any, processes: int) -> list[Machine]:
    (node,) = [one for one in ray.nodes() if one["Alive"]]
    return [
        Machine(
            node["NodeID"],
            "here",
            workers=processes,
            threads=_threads(processes),
            room=available_bytes(),
        )
    ]


def _told(error: Exception) -> str:
    """What an error of Ray's says, in one line; of one that quotes a traceback its last line."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    if any(line.startswith("Traceback") for line in lines):
        lines = lines[-1:]
    return " ".join(lines) or type(error).__name__


def _threads(processes: int) -> int:
    return max(1, cores() // processes)


@contextmanager
def _environment(where: Address) -> Iterator[None]:
    """What Ray is told by the environment, which is as it was afterwards."""
    # Ray prints what happens to its processes on standard output, where results of ours may go.
    told = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_DEDUP_LOGS_SKIP_REGEX": "."}
    if where.is_loopback:
        told["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"  # listens on the loopback interface alone
    if where.processes and "RAY_AUTH_MODE" not in os.environ:
        told |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
    before = {name: os.environ.get(name) for name in told}
    os.environ.update(told)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
