import errno
import io
import json
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import pytest
from rich.console import Console

from deepvein.cli.terminal import Terminal, plain


class Colour(Enum):
    RED = "red"


@dataclass(frozen=True)
class Thing:
    path: Path
    colour: Colour
    sizes: tuple[float, ...] = ()


def test_plain_values_of_nested_results() -> None:
    value = {
        "things": (Thing(Path("a/b"), Colour.RED, (1.0, 2.5)),),
        "where": Path("c"),
        "none": None,
    }
    assert plain(value) == {
        "things": [{"path": "a/b", "colour": "red", "sizes": [1.0, 2.5]}],
        "where": "c",
        "none": None,
    }


def test_json_refuses_what_json_cannot_say() -> None:
    with pytest.raises(ValueError, match="JSON"):
        Terminal(as_json=True).emit({"x": float("nan")})


def test_nothing_for_people_under_json(capsys: pytest.CaptureFixture[str]) -> None:
    terminal = Terminal(as_json=True)
    terminal.show("for people")
    terminal.emit([1, 2])
    assert json.loads(capsys.readouterr().out) == [1, 2]


def test_nothing_for_machines_without_json(capsys: pytest.CaptureFixture[str]) -> None:
    terminal = Terminal()
    terminal.show("for [people]")
    terminal.emit([1, 2])
    assert capsys.readouterr().out == "for [people]\n"


def test_quiet_progress_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    with Terminal(quiet=True).progress() as progress:
        for done in range(3):
            progress("reading", done, 2)
    captured = capsys.readouterr()
    assert captured.out == captured.err == ""


def test_progress_off_a_terminal_is_a_line_now_and_then(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [0.0]
    monkeypatch.setattr("deepvein.cli.terminal.time.monotonic", lambda: clock[0])
    with Terminal().progress() as progress:
        for done in range(101):
            progress("reading", done, 100)
            clock[0] += 2.0
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == [
        "reading: 30 of 100, some 2 min left",
        "reading: 60 of 100, some 1 min left",
        "reading: 90 of 100, some 1 min left",
        "reading: 100 of 100",
    ]


def test_a_batch_off_a_terminal_does_not_tell_of_every_stage(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twenty studies of 20 seconds, in each of which three stages begin and end."""
    clock = [0.0]
    monkeypatch.setattr("deepvein.cli.terminal.time.monotonic", lambda: clock[0])
    with Terminal().progress() as progress:
        for study in range(20):
            progress("studies", study, 20)
            for stage in ("localising", "segmenting", "writing"):
                for done in range(5):
                    progress(stage, done, 4)
                    clock[0] += 4 / 3
        progress("studies", 20, 20)
    assert len(capsys.readouterr().err.splitlines()) <= 20


def test_quick_work_leaves_no_lines(capsys: pytest.CaptureFixture[str]) -> None:
    with Terminal().progress() as progress:
        for done in range(101):
            progress("reading", done, 100)
    assert capsys.readouterr().err == ""


def test_bars_on_a_terminal_follow_the_stages_and_leave_nothing_behind() -> None:
    terminal = Terminal()
    screen = io.StringIO()
    terminal.__dict__["err"] = Console(file=screen, force_terminal=True, width=80)
    with terminal.progress() as progress:
        progress("reading", 0, 4)
        progress("reading", 4, 4)
        progress("segmenting", 1, 2)
        progress("segmenting", 2, 2)
        progress("reading", 1, 4)
    assert "segmenting" in screen.getvalue() or "reading" in screen.getvalue()


def test_a_sentence_with_line_breaks_stays_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    Terminal().fail("two\n  lines " + "and much more " * 20, 3)
    err = capsys.readouterr().err
    assert len(err.splitlines()) == 1
    assert err.startswith("Error: two lines and")


def test_bytes_of_a_name_that_are_no_text_can_be_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="strict")
    monkeypatch.setattr("sys.stdout", shown)
    Terminal().show("m\udcfcller")
    shown.seek(0)
    assert shown.read() == "m\\udcfcller\n"


def test_a_remark_that_finds_no_room_costs_no_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk of a node's log is full: it starts all the same."""

    class Full(io.StringIO):
        def write(self, text: str) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("sys.stderr", Full())
    Terminal().note("DICOM: DEEPVEIN on port 11112")
