"""Who can make files that a folder promises but does not hold yet.

A folder with a plan (`cohort.json`, which names its maker) needs no files until somebody asks for them.
The rooms that ask and the rooms that make do not know each other; they meet here. The package itself
enters the makers (`deepvein/__init__.py`), each as a function that brings it in when it is first needed.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from deepvein.core.registry import Registry


class Maker(Protocol):
    """A module or object that makes the files of cases from a plan."""

    def key(self, plan: Path, case: str) -> str:
        """A digest of all that the files of `case` depend on; as a file name.

        CohortError if the plan does not hold the case, or if it cannot be followed any more.
        """

    def make(self, plan: Path, case: str, folder: Path) -> None:
        """Write the files of `case` into the empty folder `folder`, named as they would be in place."""


MAKERS: Registry[Callable[[], Maker]] = Registry("maker of files")
