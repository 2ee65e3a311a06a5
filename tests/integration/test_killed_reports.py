"""A process that writes reports is killed at any moment: the folder stays usable, and nobody's else."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from deepvein.core.provenance import sha256
from deepvein.findings.screening import Verdict
from deepvein.reports import write
from unit.reports.legs import screening

TESTS = Path(__file__).parents[1]

PROGRAM = """
import itertools, sys
from pathlib import Path
from deepvein.findings.screening import Verdict
from deepvein.reports import write
from unit.reports.legs import screening

made = [screening(verdict=verdict) for verdict in (Verdict.SUSPECTED, Verdict.NOT_SUSPECTED)]
print("ready", flush=True)
for result in itertools.cycle(made):
    write(result, Path(sys.argv[1]), ["json", "nifti"])
"""


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_killed_at_any_moment_nothing_is_blocked_or_left(seed: int, tmp_path: Path) -> None:
    out = tmp_path / "out"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([*sys.path, str(TESTS)])}
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(out)],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(random.Random(seed).uniform(0.05, 0.5))  # noqa: S311  (the same damage each time is what is wanted)
        process.send_signal(signal.SIGKILL)
    write(screening(verdict=Verdict.NOT_SUSPECTED), out, ["json", "nifti"])
    manifest = json.loads((out / "manifest.json").read_text())
    for output in manifest["outputs"]:
        assert sha256(out / output["name"]) == output["sha256"]
    names = {output["name"] for output in manifest["outputs"]} | {"manifest.json"}
    assert {path.name for path in out.iterdir()} == names
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
