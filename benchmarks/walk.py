"""The walk of one study through the rooms: whom `screening` asks, in order, from reading to the reports.

    python benchmarks/walk.py STUDY

Prints each room that the main job hands the study to, with the functions it calls there, and how often the
walk turns back to a room that it had left behind. Nothing is timed.
"""

from __future__ import annotations

import sys
from itertools import groupby, pairwise
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Any

import deepvein

ROOT = Path(deepvein.__file__).parent
ORDER = ("studies", "inference", "veins", "findings", "reports")
"""The rooms on the way of the data, front to back."""


class Walk:
    """Calls out of the room `screening`, as a profile function hears them."""

    def __init__(self) -> None:
        self.steps: list[tuple[str, str]] = []

    def __call__(self, frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and frame.f_back is not None and room(frame.f_back) == "screening":
            place = room(frame)
            name = frame.f_code.co_qualname
            if place in ORDER and not name.rpartition(".")[2].startswith(("_", "<")):
                step = (place, name)
                if step not in self.steps:
                    self.steps.append(step)


def room(frame: FrameType) -> str:
    """The room of the package that a frame runs in; empty for other code."""
    path = Path(frame.f_code.co_filename)
    return path.relative_to(ROOT).parts[0] if path.is_relative_to(ROOT) else ""


def main(study: Path) -> None:
    walk = Walk()
    with TemporaryDirectory() as out:
        sys.setprofile(walk)
        try:
            deepvein.screen_many([study], Path(out) / "results")
        finally:
            sys.setprofile(None)
    rooms = []
    for place, steps in groupby(walk.steps, key=itemgetter(0)):
        rooms.append(place)
        print(f"{place}:", *(name for _, name in steps))
    back = sum(ORDER.index(later) < ORDER.index(earlier) for earlier, later in pairwise(rooms))
    print(f"{len(rooms)} rooms entered, {back} return(s)")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
