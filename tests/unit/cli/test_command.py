import json
import logging
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from deepvein.cli.command import command
from deepvein.cli.terminal import Terminal
from deepvein.core.errors import NothingToScreenError, StudyError, UsageError

runner = CliRunner()


def app_of(error: BaseException | None = None) -> typer.Typer:
    app = typer.Typer()

    def work(
        terminal: Terminal, name: str, times: Annotated[int, typer.Option("--times")] = 1
    ) -> None:
        """Do some work."""
        if error is not None:
            raise error
        terminal.show("done " * times)
        terminal.note("by the way")
        terminal.emit({"name": name, "times": times})

    app.command()(command(work))
    return app


def test_own_parameters_and_common_options_reach_the_command() -> None:
    done = runner.invoke(app_of(), ["leg", "--times", "2"])
    assert done.exit_code == 0
    assert done.stdout == "done done \n"
    assert "by the way" in done.stderr


def test_help_shows_the_docstring_and_the_common_options() -> None:
    text = runner.invoke(app_of(), ["--help"]).stdout
    for word in ("Do some work", "--times", "--json", "--quiet", "--debug"):
        assert word in text
    assert "terminal" not in text.lower()


def test_json_leaves_only_json_on_stdout() -> None:
    done = runner.invoke(app_of(), ["leg", "--json"])
    assert json.loads(done.stdout) == {"name": "leg", "times": 1}


def test_quiet_keeps_the_result_and_drops_the_notes() -> None:
    done = runner.invoke(app_of(), ["leg", "-q"])
    assert done.stdout == "done \n"
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("error", "exit_code"),
    [
        (UsageError("no such thing"), 2),
        (StudyError("no such thing"), 3),
        (NothingToScreenError("no such thing"), 4),
        (ZeroDivisionError("no such thing"), 5),
        (OSError("no such thing"), 5),
        (MemoryError(), 5),
    ],
)
def test_an_error_is_one_sentence_and_its_exit_code(error: Exception, exit_code: int) -> None:
    done = runner.invoke(app_of(error), ["leg"])
    assert done.exit_code == exit_code
    assert done.stdout == ""
    assert done.stderr.startswith("Error: ")
    assert len(done.stderr.splitlines()) == 1
    assert "Traceback" not in done.stderr


def test_an_unexpected_error_names_its_type_and_the_way_to_learn_more() -> None:
    done = runner.invoke(app_of(ZeroDivisionError("by zero")), ["leg"])
    assert "ZeroDivisionError: by zero" in done.stderr
    assert "--debug" in done.stderr


def test_debug_shows_the_traceback() -> None:
    done = runner.invoke(app_of(StudyError("torn")), ["leg", "--debug"])
    assert done.exit_code == 3
    assert "Traceback" in done.stderr
    assert "Error: torn" in done.stderr


def test_errors_are_json_too() -> None:
    done = runner.invoke(app_of(StudyError("torn [bold]file[/bold]")), ["leg", "--json"])
    assert json.loads(done.stdout) == {"error": "torn [bold]file[/bold]", "exit_code": 3}
    assert "torn [bold]file[/bold]" in done.stderr


def test_interrupt_ends_with_130() -> None:
    done = runner.invoke(app_of(KeyboardInterrupt()), ["leg"])
    assert done.exit_code == 130
    assert done.stderr == "Interrupted.\n"


def test_bad_usage_ends_with_2() -> None:
    assert runner.invoke(app_of(), []).exit_code == 2
    assert runner.invoke(app_of(), ["leg", "--times", "many"]).exit_code == 2


def app_that_logs() -> typer.Typer:
    app = typer.Typer()

    def work(terminal: Terminal) -> None:
        logging.getLogger("some.library").info("an odd tag")
        logging.getLogger("some.library").error("a very odd tag")

    app.command()(command(work))
    return app


def test_log_messages_come_with_debug_alone() -> None:
    assert runner.invoke(app_that_logs(), []).stderr == ""
    shown = runner.invoke(app_that_logs(), ["--debug"]).stderr
    assert "some.library: an odd tag" in shown
    assert "some.library: a very odd tag" in shown


def test_logging_is_left_as_it_was() -> None:
    root = logging.getLogger()
    before = (list(root.handlers), root.level)
    runner.invoke(app_that_logs(), ["--debug"])
    assert (list(root.handlers), root.level) == before
