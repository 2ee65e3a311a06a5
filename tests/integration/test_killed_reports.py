"""A process that writes reports is killed at any moment: the folder stays usable, and nobody's else."""

from __future__ import annotations

import json
import random
import signal
import time
from pathlib import Path

import pytest

from deepvein.core.provenance import sha256
from deepvein.findings.screening import Verdict
from deepvein.reports import write
from integration.forked import FORKED, write_reports_for_ever
from unit.reports.legs import screening


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_killed_at_any_moment_nothing_is_blocked_or_left(seed: int, tmp_path: Path) -> None:
    out = tmp_path / "out"
    told, ready = FORKED.Pipe(duplex=False)
    process = FORKED.Process(target=write_reports_for_ever, args=(out, ready))
    process.start()
    assert told.recv() == "ready"
    time.sleep(random.Random(seed).uniform(0.05, 0.5))  # noqa: S311  (the same damage each time is what is wanted)
    process.kill()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    write(screening(verdict=Verdict.NOT_SUSPECTED), out, ["json", "nifti"])
    manifest = json.loads((out / "manifest.json").read_text())
    for output in manifest["outputs"]:
        assert sha256(out / output["name"]) == output["sha256"]
    names = {output["name"] for output in manifest["outputs"]} | {"manifest.json"}
    assert {path.name for path in out.iterdir()} == names
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
