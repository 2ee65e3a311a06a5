"""A named collection of implementations that drives choices, contract tests and docs.

A folder that owns a registry imports its implementations in its `__init__`, one line each, so that
what exists can be read in one place; nothing is found by walking folders.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from difflib import get_close_matches
from typing import Generic, TypeVar

from deepvein.core.errors import UnknownNameError

T = TypeVar("T")


class Registry(Generic[T]):
    """Maps names to implementations of one kind, in the order of registration."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._entries: dict[str, T] = {}

    def register(self, name: str) -> Callable[[T], T]:
        """Decorator that enters an implementation under `name`; a name taken twice is an error."""

        def enter(entry: T) -> T:
            self.add(name, entry)
            return entry

        return enter

    def add(self, name: str, entry: T) -> None:
        if name in self._entries:
            raise ValueError(f"{self.kind} {name!r} is registered twice")
        self._entries[name] = entry

    def get(self, name: str) -> T:
        """The implementation called `name`; raises UnknownNameError that lists what is known."""
        if name in self._entries:
            return self._entries[name]
        close = get_close_matches(name, self._entries, n=1)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        known = ", ".join(self._entries) or "none"
        raise UnknownNameError(f"unknown {self.kind} {name!r}{hint} (known: {known})")

    def names(self) -> tuple[str, ...]:
        return tuple(self._entries)

    def items(self) -> Iterator[tuple[str, T]]:
        return iter(self._entries.items())

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __len__(self) -> int:
        return len(self._entries)
