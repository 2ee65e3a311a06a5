"""Work shared out to processes, of this machine or of many: who does what next, and what becomes of an item
whose process is lost."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from itertools import islice, repeat
from math import inf
from typing import Any, Protocol, TypeVar

from deepvein.core.errors import WorkerError

T = TypeVar("T")
R = TypeVar("R")

_AHEAD = 100
"""Items among which one is sought that fits, so that the sizes of a million are not asked for at once."""


class ProcessLostError(Exception):
    """A process was ended from outside while it worked on an item; the text says how."""


@dataclass(frozen=True)
class Place:
    """A machine: so many `slots`, processes that work at the same time, share `room`, such as bytes. None
    are ready yet where a machine is about to begin."""

    name: str
    slots: int
    room: float = inf


class Executor(Protocol):
    """Processes that work on items: of this machine (`core.processes`) or of several (`node.cluster`)."""

    def places(self) -> Sequence[Place]:
        """The machines that there are now; they may come and go between two calls."""
        ...

    def begin(self, place: str, work: Callable[[Any], Any], item: Any) -> Any:
        """Have a free process of a place do `work(item)`; gives what stands for it, which is hashable."""
        ...

    def first_ended(self, running: Collection[Any]) -> Collection[Any]:
        """Wait until some of what runs has ended, or the places may have changed; () for the latter.

        WorkerError if nothing runs and no place will come.
        """
        ...

    def result(self, ended: Any) -> Any:
        """What the work gave. Raises its error as it was raised there, and ProcessLostError."""
        ...

    def give_up(self, running: Collection[Any]) -> None:
        """End the processes of what still runs."""
        ...


@dataclass
class _Lost:
    """What is known of an item whose process was lost: the places where that was, and how."""

    places: set[str] = field(default_factory=set)
    reasons: list[str] = field(default_factory=list)


def each_on(
    executor: Executor,
    work: Callable[[T], R],
    items: Sequence[T],
    sizes: Iterable[float] = (),
) -> Generator[tuple[int, R | WorkerError], None, None]:
    """The number of each item with what `work` gives for it, as they are done; none costs another.

    An item whose process was lost is tried once more when no other waits: with a machine to itself, and on
    another one than before if there is one. Lost again, it is given up.

    Parameters
    ----------
    executor
        Who works.
    work
        Called with one item; it, the items and the results must be picklable. An error of it is raised here
        and ends all: errors that belong to an item are to be among its results.
    items
        May be empty.
    sizes
        What each item takes of a place's room, asked for shortly before its turn; () for nothing. An item
        waits while those that run leave too little for it, and one that is larger than the room runs alone.

    Yields
    ------
    tuple
        The item's number and the result; WorkerError for an item whose process was lost twice.

    Raises
    ------
    WorkerError
        No machine is left to work on.
    """
    queue = _Queue(enumerate(sizes) if sizes else zip(range(len(items)), repeat(0.0)))
    running: dict[Any, tuple[int, float, str]] = {}
    try:
        while queue.fill() or running:
            places = executor.places()
            names = {place.name for place in places}
            for place in places:
                while (chosen := queue.next_for(place, names, running.values())) is not None:
                    number, size = chosen
                    future = executor.begin(place.name, work, items[number])
                    running[future] = number, size, place.name
            for future in executor.first_ended(running.keys()):
                number, _, where = running.pop(future)
                try:
                    result: R = executor.result(future)
                except ProcessLostError as error:
                    given_up = queue.lost(number, where, str(error))
                    if given_up is not None:
                        yield number, given_up
                    continue
                yield number, result
    finally:
        executor.give_up(running.keys())


class _Queue:
    """Items that wait, in their order; those that are tried again come last."""

    def __init__(self, sized: Iterable[tuple[int, float]]) -> None:
        self._coming: Iterator[tuple[int, float]] = iter(sized)
        self._ahead: dict[int, float] = {}
        self._again: dict[int, _Lost] = {}
        self._lost: dict[int, _Lost] = {}

    def fill(self) -> bool:
        """Look ahead as far as is allowed; whether any item waits."""
        self._ahead.update(islice(self._coming, _AHEAD - len(self._ahead)))
        return bool(self._ahead or self._again)

    def next_for(
        self, place: Place, names: Set[str], running: Collection[tuple[int, float, str]]
    ) -> tuple[int, float] | None:
        """Take the first item that this place can begin now, with its size; None if there is none.

        names: of all places.
        """
        used = [size for _, size, where in running if where == place.name]
        if len(used) >= place.slots:
            return None
        for number, size in self._ahead.items():
            if not used or sum(used) + size <= place.room:
                del self._ahead[number]
                self.fill()
                return number, size
        if used:
            return None
        for number, lost in self._again.items():
            # Where it was lost it is tried again only if there is no other place.
            if place.name not in lost.places or names <= lost.places:
                del self._again[number]
                return number, inf
        return None

    def lost(self, number: int, place: str, reason: str) -> WorkerError | None:
        """An item's process was lost: it waits again, or, the second time, is given up with the reasons."""
        known = self._lost.setdefault(number, _Lost())
        known.places.add(place)
        known.reasons.append(reason)
        if len(known.reasons) < 2:
            self._again[number] = known
            return None
        return WorkerError(
            f"its process was ended from outside, twice ({'; '.join(dict.fromkeys(known.reasons))}), most "
            "likely for want of memory: give it more, or crop the study to the legs"
        )
