"""A named collection of implementations that drives choices, contract tests and docs.

A file registers what it implements under a name. The files that come with deepvein are listed where their
registry is made, so that what exists can be read in one place and is imported only when it is asked for;
further ones are plug-ins (`core.plugins`). Nothing is found by walking folders.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from importlib import import_module
from typing import Generic, TypeVar

from deepvein.core.errors import UnknownNameError, UsageError
from deepvein.core.plugins import load_plugins

T = TypeVar("T")


class Registry(Generic[T]):
    """Maps names to implementations of one kind: those listed first, then in the order of registration.

    homes: for each name the module that enters it when it is imported.
    """

    def __init__(self, kind: str, homes: Mapping[str, str] | None = None) -> None:
        self.kind = kind
        self._homes = dict(homes or {})
        self._entries: dict[str, T] = {}

    def expect(self, name: str, home: str) -> None:
        """Say that the module `home` enters `name` when it is imported."""
        self._homes[name] = home

    def register(self, name: str) -> Callable[[T], T]:
        """Decorator that enters an implementation under `name`."""
        return lambda entry: self.add(name, entry)

    def add(self, name: str, entry: T) -> T:
        """Enter an implementation under `name` and return it; UsageError for a name that is taken."""
        home = self._homes.get(name)
        if name in self._entries or (home is not None and home not in sys.modules):
            raise UsageError(f"{self.kind} {name!r} is registered twice; choose another name")
        self._entries[name] = entry
        return entry

    def get(self, name: str) -> T:
        """The implementation called `name`; raises UnknownNameError that lists what is known."""
        known = self.names()
        if name not in known:
            close = get_close_matches(name, known, n=1)
            hint = f"; did you mean {close[0]!r}?" if close else ""
            raise UnknownNameError(
                f"unknown {self.kind} {name!r}{hint} (known: {', '.join(known) or 'none'})"
            )
        if name not in self._entries:
            import_module(self._homes[name])
        return self._entries[name]

    def name_of(self, entry: T) -> str | None:
        """The name of an implementation, None if it has none."""
        return next((name for name, one in self._entries.items() if one is entry), None)

    def names(self) -> tuple[str, ...]:
        """All names; no implementation is imported for it but plug-ins."""
        load_plugins()
        return tuple(dict.fromkeys((*self._homes, *self._entries)))

    def items(self) -> Iterator[tuple[str, T]]:
        """All names with their implementations, which are imported."""
        return ((name, self.get(name)) for name in self.names())

    def __contains__(self, name: object) -> bool:
        return name in self.names()

    def __len__(self) -> int:
        return len(self.names())
