"""A cohort of a few kilobytes is trained on and measured like any other; its cases come into being alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deepvein.cli.main import app

TINY = ("ct.matrix=64", "ct.thickness_mm=30", "ct.planes=1", 'ct.coverage="pelvis to knee"')
SHORT = (
    "training.epochs=1",
    "training.steps_per_epoch=2",
    "network.base=2",
    "examples.patch=[32, 32]",
    "examples.sampling.epoch=4",
    "examples.sampling.validation=4",
)


def deepvein(*arguments: object) -> str:
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert done.exit_code == 0, done.output
    return done.stdout


def changes(pairs: tuple[str, ...]) -> list[str]:
    return [word for pair in pairs for word in ("--set", pair)]


@pytest.mark.slow
def test_training_and_evaluation_make_the_cases_that_they_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEEPVEIN_CACHE", str(tmp_path / "cache"))
    cohort, run = tmp_path / "cohort", tmp_path / "run"
    deepvein("phantom", "cohort", "ct", "--n", 3, "--out", cohort, *changes(TINY))
    assert not (tmp_path / "cache").exists()
    common = ("--device", "cpu", "--cohort", cohort)
    deepvein("train", "deepvein/ct-segmenter", "--out", run, *common, *changes(SHORT), "--quiet")
    assert json.loads((run / "model.json").read_text())
    measured = json.loads(deepvein("evaluate", run, *common, "--json"))
    assert measured["cases"] == 3
    made = [path for path in (tmp_path / "cache" / "cases").iterdir() if path.is_dir()]
    assert len(made) == 3
    assert not [path for path in cohort.iterdir() if path.is_dir() and path.name != ".cache"]
