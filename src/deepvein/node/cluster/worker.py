"""A process on a machine of the cluster: resident, so that what it has loaded serves all its studies."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from deepvein.node.cluster.versions import Versions


@dataclass(frozen=True)
class Machine:
    """What a machine of the cluster has: `workers` processes on it, with so many `threads` each.

    node: its number in Ray. name: for people. room: bytes of memory for all workers. graphics: whether each
    worker has a graphics processor of its own.
    """

    node: str
    name: str
    workers: int
    threads: int
    room: float
    graphics: bool = False


class Worker:
    """Does one item after the other. Its models stay loaded, as those of any process do."""

    def versions(self) -> Versions:
        """Of this machine; the answer tells that the worker is ready."""
        return Versions.here()

    def pid(self) -> int:
        """The number of this process on its machine."""
        return os.getpid()

    def do(self, work: Callable[[Any], Any], item: Any) -> bytes:
        """What `work` gives for the item, packed: an array that went as such would keep its place in Ray's
        shared memory for as long as it is used, until none was left."""
        from ray import cloudpickle

        packed: bytes = cloudpickle.dumps(work(item))
        return packed
