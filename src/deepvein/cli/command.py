"""What all commands have in common: `--json`, `--quiet`, `--debug`, and how errors end them."""

from __future__ import annotations

import functools
import inspect
import logging
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from deepvein.cli.terminal import Terminal
from deepvein.core.errors import DeepveinError
from deepvein.core.files import storage_error

INTERRUPTED = 130
"""Exit code after Ctrl-C: 128 + SIGINT, as shells have it."""

INTERNAL = 5

EXIT_CODES = (
    "Exit codes: 0 done · 2 bad usage · 3 bad input · 4 nothing to screen · 5 internal error · "
    "6 results cannot be written · 130 interrupted. A batch returns the highest code among its studies."
)

_COMMON = {
    "as_json": (
        Annotated[bool, typer.Option("--json", help="Print the result as JSON on stdout.")],
        False,
    ),
    "quiet": (
        Annotated[bool, typer.Option("--quiet", "-q", help="No progress, only the result.")],
        False,
    ),
    "debug": (
        Annotated[bool, typer.Option("--debug", help="Show log messages and full tracebacks.")],
        False,
    ),
}


def command(function: Callable[..., None]) -> Callable[..., None]:
    """Make a command of a function whose first parameter is the `Terminal` that it speaks through.

    The command takes the function's other parameters and the common options; an error that the
    function raises becomes one sentence on stderr and an exit code.
    """
    own = inspect.signature(function, eval_str=True)
    _, *parameters = own.parameters.values()
    common = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)
        for name, (kind, default) in _COMMON.items()
    ]

    @functools.wraps(function)
    def run(**values: Any) -> None:
        terminal = Terminal(**{name: values.pop(name) for name in _COMMON})
        with errors_shown(terminal):
            function(terminal, **values)

    named = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in parameters]
    signature = own.replace(parameters=[*named, *common])
    run.__signature__ = signature  # type: ignore[attr-defined]
    run.__annotations__ = {name: entry.annotation for name, entry in signature.parameters.items()}
    return run


@contextmanager
def errors_shown(terminal: Terminal) -> Iterator[None]:
    """Turn errors into one sentence and an exit code; a traceback comes with `--debug` alone."""
    try:
        with _logging(terminal.debug):
            yield
    except (typer.Exit, typer.Abort, typer.BadParameter, BrokenPipeError):
        raise
    except KeyboardInterrupt:
        terminal.note("Interrupted.")
        raise typer.Exit(INTERRUPTED) from None
    except DeepveinError as error:
        raise _ended(terminal, str(error), error.exit_code) from None
    except MemoryError:
        sentence = "out of memory: close other programs, or crop the study to the legs"
        raise _ended(terminal, sentence, INTERNAL) from None
    except Exception as error:  # noqa: BLE001  (the last net: it says what happened and ends with 5)
        full = storage_error(error)
        if full is not None:
            raise _ended(terminal, str(full), full.exit_code) from None
        if isinstance(error, OSError):
            raise _ended(terminal, f"the system refused: {error}", INTERNAL) from None
        sentence = (
            f"internal error, {type(error).__name__}: {error}; "
            "run again with --debug to see where it happened"
        )
        raise _ended(terminal, sentence, INTERNAL) from None


def _ended(terminal: Terminal, sentence: str, exit_code: int) -> typer.Exit:
    if terminal.debug:
        terminal.err.print(traceback.format_exc(), markup=False, highlight=False, soft_wrap=True)
    terminal.fail(sentence, exit_code)
    return typer.Exit(exit_code)


@contextmanager
def _logging(debug: bool) -> Iterator[None]:
    """Show log messages under `--debug` alone: what users must know comes as an error or a remark.

    Libraries log and warn about every odd tag of a file; without a handler Python would print that.
    """
    handler: logging.Handler = logging.StreamHandler() if debug else logging.NullHandler()
    handler.setFormatter(logging.Formatter("%(name)s: %(message)s"))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO if debug else level)
    logging.captureWarnings(True)
    try:
        yield
    finally:
        logging.captureWarnings(False)
        root.setLevel(level)
        root.removeHandler(handler)
