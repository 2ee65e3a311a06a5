from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deepvein.cli.main import app
from deepvein.cli.tune import range_of
from deepvein.core.errors import UsageError
from deepvein.training import search
from deepvein.training.search import Range, Search, Setting
from unit.cohorts.tiny_cohort import make


def test_ranges_are_read() -> None:
    key = "training.optimiser.learning_rate"
    assert range_of(f"{key}=1e-5..1e-2:log") == Range(key, 1e-5, 1e-2, log=True)
    assert range_of("examples.augmentation.rotation_deg=0..90") == Range(
        "examples.augmentation.rotation_deg", 0.0, 90.0
    )


@pytest.mark.parametrize("text", ["a", "a=1", "a=1..x", "a=1..2:sqrt", "=.."])
def test_what_is_no_range_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="KEY=LOW"):
        range_of(text)


def test_the_command_that_trains_with_what_was_found_says_all_that_was_given(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found = Search(0.5, (Setting("network.base", 12), Setting("training.optimiser.learning_rate", 0.001234567)),
                   1, 0, 0, 1)  # fmt: skip
    monkeypatch.setattr(search, "tune", lambda *_, **__: found)
    cohort = make(tmp_path / "legs of 2026", 4)
    dealt = replace(
        cohort, cases=tuple(replace(case, fold=n % 2) for n, case in enumerate(cohort.cases))
    )
    folder = dealt.save().parent
    given = ["--fold", "1", "--pretrained", "none", "--set", "training.epochs=3"]
    words = ["tune", "deepvein/ct-localiser", "--cohort", str(folder), *given]
    done = CliRunner().invoke(app, [*words, "--out", str(tmp_path / "out")])
    assert done.exit_code == 0
    assert "2 cases to train on, 2 to validate on" in done.stderr
    line = next(one for one in done.stdout.splitlines() if one.startswith("Train with it: "))
    assert shlex.split(line.removeprefix("Train with it: ")) == [
        "deepvein", "train", "deepvein/ct-localiser", "--cohort", str(folder), "--set=training.epochs=3",
        "--set=network.base=12", "--set=training.optimiser.learning_rate=0.00123457",
        "--fold=1", "--pretrained=none",
    ]  # fmt: skip
