"""A node in a process of its own, which a test may kill: `python -m` of this file, with a folder."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

TESTS = Path(__file__).parents[2]


class Process:
    """A node with a fast screening; `ports` are those of DICOM and HTTP, once it listens."""

    def __init__(self, folder: Path, settings: dict, only: str = "") -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._ready = folder / f"ready-{only or 'all'}.json"
        self._ready.unlink(missing_ok=True)
        environment = {**os.environ, "PYTHONPATH": f"{TESTS}:{TESTS.parent / 'src'}"}
        with (folder / "log.jsonl").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, __file__, json.dumps({**settings, "folder": str(folder)}), only],
                env=environment, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    def wait(self) -> Process:
        """Until it listens."""
        end = time.monotonic() + 120
        while not self._ready.exists():
            if self.process.poll() is not None or time.monotonic() > end:
                raise AssertionError((self.folder / "log.jsonl").read_text()[-3000:])
            time.sleep(0.02)
        return self

    @property
    def ports(self) -> dict[str, int]:
        return json.loads(self._ready.read_text())

    def kill(self) -> None:
        """As `kill -9`: this process alone, not its workers."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(60)

    def __enter__(self) -> Process:
        return self.wait()

    def __exit__(self, *_: object) -> None:
        self.stop()


def main() -> None:
    import threading

    from deepvein.core.settings import from_dict
    from deepvein.node.logs import log_as_json
    from deepvein.node.node import Node, Part
    from deepvein.node.settings import NodeSettings
    from unit.node.instances import slow_screen

    settings = from_dict(NodeSettings, json.loads(sys.argv[1]))
    only = sys.argv[2]
    log_as_json()
    node = Node(settings, [Part(only)] if only else tuple(Part), slow_screen)
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    node.start()
    ports = {
        "dicom": node.receiver.port if node.receiver else 0,
        "http": node.web.port if node.web else 0,
    }
    part = settings.folder / f"ready-{only or 'all'}.part"
    part.write_text(json.dumps(ports))
    part.rename(settings.folder / f"ready-{only or 'all'}.json")
    ended.wait()
    node.stop()


if __name__ == "__main__":
    main()
