"""What a command says: results on stdout, progress and errors on stderr."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, is_dataclass
from functools import cached_property
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any

from deepvein.core.progress import Progress, silent

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

_PLAIN_WIDTH = 120
"""Columns of output that does not go to a terminal, where nobody can say how wide it may be."""

_PLAIN_INTERVAL = 60.0
"""Seconds between two lines of progress where stderr is not a terminal."""


@dataclass
class Terminal:
    """The two streams of one command.

    as_json: stdout carries one JSON document and nothing else.
    quiet: no progress and no remarks; results and errors still come.
    debug: errors come with their traceback.
    """

    as_json: bool = False
    quiet: bool = False
    debug: bool = False
    _has_bars: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        # A file's name may hold bytes that are no text; one such name must not cost a batch its end.
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")

    @cached_property
    def out(self) -> Console:
        from rich.console import Console

        return Console(width=None if sys.stdout.isatty() else _PLAIN_WIDTH)

    @cached_property
    def err(self) -> Console:
        from rich.console import Console

        return Console(stderr=True, width=None if sys.stderr.isatty() else _PLAIN_WIDTH)

    def show(self, *parts: RenderableType) -> None:
        """Show a result to people; nothing under `--json`."""
        if self.as_json:
            return
        # While bars stand on the same screen, only their own console can write above them.
        console = self.err if self._has_bars and self.out.is_terminal else self.out
        for part in parts:
            console.print(part, highlight=False, markup=False, soft_wrap=isinstance(part, str))

    def emit(self, result: object) -> None:
        """Write a result for machines: one JSON document; nothing without `--json`.

        result: plain values, or dataclasses of them, also inside lists and dictionaries.
        """
        if self.as_json:
            text = json.dumps(plain(result), indent=2, allow_nan=False, ensure_ascii=False)
            sys.stdout.write(text + "\n")
            sys.stdout.flush()

    def note(self, text: str) -> None:
        """A remark beside the result, on stderr; nothing under `--quiet`, or where its disk is full."""
        if not self.quiet:
            with suppress(OSError):  # work that goes well must not fail for it
                self.err.print(text, highlight=False, markup=False, soft_wrap=True)

    def fail(self, sentence: str, exit_code: int) -> None:
        """One sentence about what ended the command; under `--json` stdout says it too."""
        self.complain("Error: ", sentence)
        self.emit({"error": sentence, "exit_code": exit_code})

    def complain(self, head: str, sentence: str) -> None:
        """One red line on stderr, whatever the sentence holds."""
        from rich.text import Text

        text = Text.assemble((head, "bold red"), (" ".join(sentence.split()), "red"))
        self.err.print(text, highlight=False, soft_wrap=True)

    @contextmanager
    def progress(self) -> Iterator[Progress]:
        """A Progress to hand to long work: a bar on a terminal, a line now and then elsewhere."""
        if self.quiet:
            yield silent
        elif self.err.is_terminal:
            with self._bars() as report:
                yield report
        else:
            yield self._lines()

    @contextmanager
    def _bars(self) -> Iterator[Progress]:
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bars

        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(compact=True, elapsed_when_finished=True),
        )
        bars = Bars(
            *columns,
            console=self.err,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        with bars, self._showing_bars():
            tasks: dict[str, Any] = {}

            def report(stage: str, done: int, total: int) -> None:
                kind = _kind(stage)
                if kind not in tasks:
                    tasks[kind] = bars.add_task(stage, total=total)
                bars.update(tasks[kind], completed=done, total=total, description=stage)
                if done >= total:
                    bars.remove_task(tasks.pop(kind))

            yield report

    @contextmanager
    def _showing_bars(self) -> Iterator[None]:
        self._has_bars = True
        try:
            yield
        finally:
            self._has_bars = False

    def _lines(self) -> Progress:
        shown, last = "", time.monotonic()
        begun: dict[str, float] = {}

        def report(stage: str, done: int, total: int) -> None:
            nonlocal shown, last
            first = begun.setdefault(_kind(stage), time.monotonic())
            ended = done >= total and _kind(stage) == shown
            if ended or time.monotonic() - last >= _PLAIN_INTERVAL:
                last = time.monotonic()
                shown = "" if ended else _kind(stage)
                self.note(f"{stage}: {done} of {total}{_left(done, total, first)}")

        return report


def _left(done: int, total: int, begun: float) -> str:
    """How long the rest of a stage that began then will take, in words; empty while nobody can say."""
    seconds = time.monotonic() - begun
    if not 0 < done < total or seconds < _PLAIN_INTERVAL:
        return ""
    return f", some {max(1, round(seconds / done * (total - done) / 60))} min left"


def _kind(stage: str) -> str:
    """Stages that begin alike, such as `writing json` and `writing html`, share one bar."""
    return stage.split(maxsplit=1)[0]


def plain(value: object) -> Any:
    """Plain JSON values of a result: dataclasses become objects, paths and enums texts."""
    from deepvein.core.settings import to_dict

    if is_dataclass(value) and not isinstance(value, type):
        return to_dict(value)
    if isinstance(value, dict):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return str(value)
