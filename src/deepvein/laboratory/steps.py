"""A published study as steps, each done once: an interrupted study goes on where it was.

A finished step leaves `done.json` in its folder, with everything that its result depends on. A step of
other settings or of an older generation is refused, so that no table ever mixes two of them and no days of
training are thrown away unasked.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from deepvein.core.errors import UsageError
from deepvein.core.files import write_json
from deepvein.core.kept import Terms
from deepvein.core.progress import Progress, silent
from deepvein.core.provenance import now, provenance
from deepvein.core.settings import to_dict

log = logging.getLogger(__name__)

DONE = "done.json"
_BEGUN = "begun.json"
_TOLD = 3
"""Differences that an error names."""

Work = Callable[[Path, float | None, Progress], bool]
"""Called with the step's folder, the seconds left (None for no limit) and a progress; True once finished.

A step that is out of time keeps what it has in its folder, returns False and is called again later.
"""


@dataclass(frozen=True)
class Step:
    """name: its folder below the study's, such as "training/gn-unet/fold-0".

    terms: what the result depends on.
    """

    name: str
    terms: Terms
    work: Work


@dataclass(frozen=True)
class Standing:
    """How far a study is: numbers of finished and of all steps, and seconds spent in finished ones."""

    finished: int
    steps: int
    seconds: float

    @property
    def complete(self) -> bool:
        return self.finished == self.steps


def run_steps(
    steps: Sequence[Step],
    folder: Path,
    *,
    stop_after_s: float | None = None,
    progress: Progress = silent,
) -> Standing:
    """Do the steps in order, leaving out those that are done, until all are or the time is over.

    Raises UsageError, before anything is done, if a finished step was made with other settings.
    """
    begun = monotonic()
    check(steps, folder)
    for number, step in enumerate(steps):
        own = folder / step.name
        if (own / DONE).exists():
            continue
        progress(step.name, number, len(steps))
        left = None if stop_after_s is None else stop_after_s - (monotonic() - begun)
        if left is not None and left <= 0:
            break
        own.mkdir(parents=True, exist_ok=True)
        started, before = monotonic(), _spent(own)
        finished = step.work(own, left, progress)
        seconds = round(before + monotonic() - started, 1)
        _record(own, step, seconds, finished)
        log.info("%s: %s after %.0f s", step.name, "done" if finished else "unfinished", seconds)
        if not finished:
            break
    return standing(steps, folder)


def standing(steps: Sequence[Step], folder: Path) -> Standing:
    """How far the study in `folder` is; an empty or missing folder has finished nothing."""
    done = [step for step in steps if (folder / step.name / DONE).exists()]
    return Standing(len(done), len(steps), sum(_spent(folder / step.name) for step in done))


def check(steps: Sequence[Step], folder: Path) -> None:
    """Raise UsageError if two steps share a name or a finished or begun step has other settings."""
    names = [step.name for step in steps]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise UsageError(f"steps need names of their own, got {', '.join(sorted(twice))} twice")
    for step in steps:
        for name in (DONE, _BEGUN):
            path = folder / step.name / name
            if path.exists():
                found = json.loads(path.read_text(encoding="utf-8")).get("terms")
                if found != step.terms.record:
                    told = "; ".join(step.terms.differences(found)[:_TOLD])
                    raise UsageError(
                        f"{path.parent} was made with other settings ({told}); choose another --out, or "
                        "delete that folder to make it again"
                    )


def _record(folder: Path, step: Step, seconds: float, finished: bool) -> None:
    record = {
        "terms": step.terms.record,
        "seconds": seconds,
        "when": now(),
        "provenance": to_dict(provenance()),
    }
    target = folder / (DONE if finished else _BEGUN)
    write_json(target, record)
    if finished:
        (folder / _BEGUN).unlink(missing_ok=True)


def _spent(folder: Path) -> float:
    for name in (DONE, _BEGUN):
        path = folder / name
        if path.exists():
            return float(json.loads(path.read_text(encoding="utf-8"))["seconds"])
    return 0.0
