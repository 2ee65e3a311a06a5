"""One new file is enough: what `own_parts.py` alone defines is used from the command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from deepvein.studies.study import Modality
from unit.cohorts.tiny_cohort import make
from unit.screening.tiny_models import write_bundle

OWN = Path(__file__).with_name("own_parts.py")

PROGRAM = """
import json, sys
from typer.testing import CliRunner
from deepvein.cli.main import app

for line in sys.stdin:
    done = CliRunner().invoke(app, json.loads(line))
    print(json.dumps([done.exit_code, done.stdout, done.stderr]), flush=True)
"""


@pytest.fixture(scope="module")
def deepvein():
    """Runs a command in a process that alone knows the plug-in, the same one for all; gives what it prints."""
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:

        def run(*arguments: object) -> str:
            process.stdin.write(json.dumps(["--import", str(OWN), *map(str, arguments)]) + "\n")
            process.stdin.flush()
            code, said, errors = json.loads(process.stdout.readline())
            assert code == 0, errors
            return said

        yield run
        process.stdin.close()


def test_a_network_and_a_loss_are_trained(tmp_path: Path, deepvein: Callable[..., str]) -> None:
    make(tmp_path / "cohort", n=6, modality=Modality.MR)
    changes = ("training.epochs=1", "training.steps_per_epoch=2", "examples.patch=[16, 16]",
               "examples.sampling.validation=8", "loss.power=3.0")  # fmt: skip
    deepvein(
        "train", "deepvein/mr-segmenter", "--network", "own-network", "--loss", "own-loss",
        "--cohort", tmp_path / "cohort", "--out", tmp_path / "run", "--device", "cpu",
        *(word for change in changes for word in ("--set", change)),
    )  # fmt: skip
    model = json.loads((tmp_path / "run" / "model.json").read_text())
    assert model["network"]["name"] == "own-network"
    assert model["network"]["settings"]["in_channels"] == 3
    assert model["loss"] == {"name": "own-loss", "settings": {"power": 3.0}}
    measured = deepvein("evaluate", tmp_path / "run", "--cohort", tmp_path / "cohort", "--json")
    assert {"veins Dice", "thrombus Dice"} <= {
        metric["name"] for metric in json.loads(measured)["metrics"]
    }


def test_a_recipe_and_a_network_are_listed(deepvein: Callable[..., str]) -> None:
    recipes = {row["name"]: row for row in json.loads(deepvein("recipes", "--json"))}
    assert recipes["own/recipe"]["network"] == "own-network"
    networks = {row["name"]: row for row in json.loads(deepvein("networks", "--json"))}
    assert networks["own-network"]["parameters"] == 10


def test_a_reader_and_a_writer_are_used(tmp_path: Path, deepvein: Callable[..., str]) -> None:
    study = tmp_path / "study.npy"
    np.save(study, np.zeros((40, 40, 40), np.int16))
    write_bundle(tmp_path / "bundle")
    deepvein(
        "screen", study, "--modality", "ct", "--out", tmp_path / "out",
        "--models", tmp_path / "bundle", "--reports", "own-writer,json",
    )  # fmt: skip
    assert (tmp_path / "out" / "study.npy" / "verdict.txt").read_text() == "cannot be assessed"
    findings = json.loads((tmp_path / "out" / "study.npy" / "findings.json").read_text())
    assert findings["study"]["format"] == "other"
