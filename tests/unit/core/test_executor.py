"""Machines that come, go and lose their work, acted out in this process."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from deepvein.core.errors import WorkerError
from deepvein.core.executor import Place, ProcessLostError, each_on


@dataclass
class Acted:
    """Finishes one item at a time, the oldest first; `happens` may change the places before that.

    deadly: at which places an item's process is lost, by item.
    """

    there: dict[str, Place]
    deadly: dict[Any, Collection[str]] = field(default_factory=dict)
    happens: Callable[[Acted], None] = lambda _: None
    begun: list[tuple[str, Any]] = field(default_factory=list)
    beside: list[list[Any]] = field(default_factory=list)
    left: list[Any] = field(default_factory=list)
    running: dict[int, tuple[str, Callable[[Any], Any], Any]] = field(default_factory=dict)

    def places(self) -> Sequence[Place]:
        return list(self.there.values())

    def begin(self, place: str, work: Callable[[Any], Any], item: Any) -> int:
        self.begun.append((place, item))
        self.running[len(self.begun)] = place, work, item
        here = [item for where, _, item in self.running.values() if where == place]
        assert len(here) <= self.there[place].slots
        self.beside.append(here)
        return len(self.begun)

    def first_ended(self, running: Collection[int]) -> Collection[int]:
        assert set(running) == set(self.running)
        self.happens(self)
        if not running and not self.there:
            raise WorkerError("nobody")
        return sorted(running)[:1]

    def result(self, ended: int) -> Any:
        place, work, item = self.running.pop(ended)
        if place not in self.there or place in self.deadly.get(item, ()):
            raise ProcessLostError(f"on {place}")
        return work(item)

    def give_up(self, running: Collection[int]) -> None:
        self.left = [self.running[one][2] for one in running]


def two(slots: int = 1, room: float = 10.0) -> dict[str, Place]:
    return {name: Place(name, slots, room) for name in ("a", "b")}


def double(x: int) -> int:
    return 2 * x


def test_all_machines_work_and_every_item_is_done_once() -> None:
    acted = Acted(two(slots=2))
    assert sorted(each_on(acted, double, range(9))) == [(x, 2 * x) for x in range(9)]
    assert {place for place, _ in acted.begun} == {"a", "b"}
    assert sorted(item for _, item in acted.begun) == list(range(9))
    assert list(each_on(acted, double, [])) == []


def test_what_is_lost_is_tried_last_alone_and_on_another_machine() -> None:
    acted = Acted(two(slots=2), deadly={0: "a"})
    found = dict(each_on(acted, double, range(6), sizes=[1.0] * 6))
    assert found == {x: 2 * x for x in range(6)}
    assert [place for place, item in acted.begun if item == 0] == ["a", "b"]
    assert acted.begun[-1] == ("b", 0)
    assert acted.beside[-1] == [0]


def test_what_two_machines_lose_is_given_up_with_the_reasons() -> None:
    acted = Acted(two(), deadly={1: "ab"})
    found = dict(each_on(acted, double, range(4)))
    assert isinstance(found[1], WorkerError)
    assert "twice (on a; on b)" in str(found[1]) or "twice (on b; on a)" in str(found[1])
    assert [found[x] for x in (0, 2, 3)] == [0, 4, 6]
    assert len(acted.begun) == 5


def test_with_one_machine_the_second_try_is_there_too() -> None:
    acted = Acted({"a": Place("a", 2)}, deadly={0: "a"})
    found = dict(each_on(acted, double, range(3)))
    assert "twice (on a)" in str(found[0])


def test_the_second_try_waits_for_another_machine_that_is_about_to_begin() -> None:
    def begin(acted: Acted) -> None:
        if not acted.running:
            acted.there["b"] = Place("b", 1)

    acted = Acted({"a": Place("a", 1), "b": Place("b", 0)}, deadly={0: "a"}, happens=begin)
    assert list(each_on(acted, double, [0])) == [(0, 0)]
    assert acted.begun == [("a", 0), ("b", 0)]


def test_a_machine_that_goes_loses_its_work_and_one_that_comes_gets_some() -> None:
    def exchange(acted: Acted) -> None:
        if len(acted.begun) == 4 and "a" in acted.there:
            del acted.there["a"]
        if len(acted.begun) == 6:
            acted.there.setdefault("c", Place("c", 1))

    acted = Acted(two(), happens=exchange)
    assert dict(each_on(acted, double, range(9))) == {x: 2 * x for x in range(9)}
    assert {place for place, _ in acted.begun} == {"a", "b", "c"}
    assert len(acted.begun) == 10


def test_items_share_the_room_of_their_machine_and_a_large_one_has_it_alone() -> None:
    acted = Acted(two(slots=3, room=10.0))
    sizes = {0: 4.0, 1: 25.0, 2: 5.0, 3: 6.0, 4: 4.0, 5: 1.0}
    found = each_on(acted, double, range(6), sizes=sizes.values())
    assert len(list(found)) == 6
    assert all(len(here) == 1 or sum(sizes[x] for x in here) <= 10 for here in acted.beside)
    assert any(len(here) > 1 for here in acted.beside)


def test_sizes_are_asked_for_shortly_before_their_turn() -> None:
    asked: list[int] = []

    def sizes() -> Iterator[float]:
        for number in range(1000):
            asked.append(number)
            yield 1.0

    found = each_on(Acted(two()), double, range(1000), sizes=sizes())
    next(found)
    assert len(asked) < 200
    assert len(list(found)) == 999


def test_an_error_ends_all_and_what_runs_is_given_up() -> None:
    def work(x: int) -> int:
        if x == 0:
            raise KeyError("zero")
        return x

    acted = Acted(two())
    with pytest.raises(KeyError, match="zero"):
        list(each_on(acted, work, range(5)))
    assert acted.left == [1]


def test_nobody_left_is_an_error() -> None:
    acted = Acted(two(), happens=lambda acted: acted.there.clear())
    with pytest.raises(WorkerError, match="nobody"):
        list(each_on(acted, double, range(5)))
