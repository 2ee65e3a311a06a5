import pytest
from typer.testing import CliRunner

from deepvein.cli.main import app

runner = CliRunner()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["inspect", "x", "--modality", "xray"], "'xray' is not one of 'ct', 'mr'"),
        (["phantom", "cohort", "xr"], "'xr' is not one of 'ct', 'mr'"),
        (["train", "x", "--fold", "two"], "'two' is not a whole number"),
        (["screen", "x", "--workers", "0"], "0 is too small; 1 or more is needed"),
    ],
)
def test_values_that_do_not_fit_are_told_in_plain_words(arguments: list[str], told: str) -> None:
    done = runner.invoke(app, arguments, env={"COLUMNS": "200"})
    assert done.exit_code == 2
    assert told in done.stderr
    assert "Value error" not in done.stderr
    assert "Input should" not in done.stderr
