from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from deepvein.cli.main import app
from deepvein.cli.reproduce import numbers, words
from deepvein.core.errors import UsageError
from deepvein.studies.study import Modality
from unit.cohorts.tiny_cohort import make


def test_lists_on_the_command_line() -> None:
    assert numbers("0,2-4, 2") == (0, 2, 3, 4)
    assert numbers("") == ()
    assert words(" gn-unet, gcn ") == ("gn-unet", "gcn")
    for wrong in ("a", "1-", "-1", "1-b"):
        with pytest.raises(UsageError, match="not a list of numbers"):
            numbers(wrong)


def test_help_names_the_profiles() -> None:
    result = CliRunner().invoke(app, ["reproduce", "huang2019", "--help"])
    assert result.exit_code == 0
    for word in ("quick", "gpu", "paper", "--cohort", "--minutes"):
        assert word in result.stdout


def test_bad_folds_are_bad_usage(tmp_path_factory: pytest.TempPathFactory) -> None:
    out = str(tmp_path_factory.mktemp("study"))
    result = CliRunner().invoke(app, ["reproduce", "huang2019", "--folds", "x", "--out", out])
    assert result.exit_code == 2


@pytest.mark.parametrize(
    ("paper", "modality", "says"),
    [
        ("kozemzak2019", Modality.MR, "has no CT case"),
        ("huang2019", Modality.CT, "has no MR case"),
    ],
)
def test_a_dry_run_refuses_what_the_run_would(
    tmp_path: Path, paper: str, modality: Modality, says: str
) -> None:
    cohort = make(tmp_path / "cohort", n=2, modality=modality)
    given = ["--cohort", str(cohort.root), "--out", str(tmp_path / "out"), "--dry-run"]
    result = CliRunner().invoke(app, ["reproduce", paper, *given])
    assert result.exit_code == 3
    assert says in " ".join(result.output.split())
