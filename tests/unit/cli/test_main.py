import pytest
from typer.testing import CliRunner

from deepvein._version import __version__
from deepvein.cli.main import app

runner = CliRunner()
COMMANDS = ("screen", "inspect", "phantom", "train", "evaluate", "bundle", "models", "recipes")


def test_version() -> None:
    done = runner.invoke(app, ["--version"])
    assert done.exit_code == 0
    assert done.stdout == f"deepvein {__version__}\n"


def test_help_lists_commands_and_exit_codes() -> None:
    text = runner.invoke(app, ["--help"]).stdout
    for word in (*COMMANDS, "not a medical device", "3 bad input", "4 nothing to screen"):
        assert word in text


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name: str) -> None:
    done = runner.invoke(app, [name, "--help"])
    assert done.exit_code == 0
    assert "Exit codes" in done.stdout


def test_an_unknown_command_is_bad_usage() -> None:
    done = runner.invoke(app, ["scren"])
    assert done.exit_code == 2
    assert "scren" in done.stderr
