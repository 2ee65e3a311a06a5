"""What workers of the test cluster are given: each notes who did what, so that nothing is done twice unseen."""

from __future__ import annotations

import os
import signal
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Noted:
    """Notes in `folder` that it began and ended an item, at which node of the cluster.

    Item 0 ends its process the first time, item 13 always; item 7 waits until the file `go` is there.
    """

    folder: Path

    def __call__(self, item: int) -> int:
        begun = self._note("begun", item)
        if item == 13 or (item == 0 and begun == 1):
            os.kill(os.getpid(), signal.SIGKILL)
        deadline = time.monotonic() + 300
        while item == 7 and not (self.folder / "go").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        self._note("ended", item)
        return item * item

    def _note(self, what: str, item: int) -> int:
        import ray

        node = ray.get_runtime_context().get_node_id()
        (self.folder / f"{what}-{item}-{node}-{uuid.uuid4().hex}").touch()
        return len(self.nodes(what, item))

    def nodes(self, what: str, item: int) -> list[str]:
        """The node of each time that an item has begun or ended, the oldest first."""
        notes = sorted(
            self.folder.glob(f"{what}-{item}-*"), key=lambda path: path.stat().st_mtime_ns
        )
        return [note.name.split("-")[2] for note in notes]


def large(megabytes: int) -> NDArray[np.uint8]:
    return np.arange(megabytes * 2**20, dtype=np.uint64).astype(np.uint8)


def refuse(item: int) -> int:
    raise KeyError(item)
