"""How long work tells its caller how far it is."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Called with (stage, done, total); stages are short texts for people, done counts from 0 to total."""


def silent(stage: str, done: int, total: int) -> None:
    """The progress that nobody watches."""
