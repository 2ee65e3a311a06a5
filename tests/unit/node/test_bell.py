from __future__ import annotations

import multiprocessing
import threading

from deepvein.node.bell import Bell, Chime
from deepvein.node.loop import Loop


def test_a_ring_wakes_one_who_waits_or_will_wait():
    bell = Bell()
    bell.ring()
    assert bell.wait(60.0)
    assert not bell.wait(0.0)
    assert not bell.wait(-1.0)


def test_it_is_heard_in_another_process():
    there, back = Bell(), Bell()
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=answer, args=(there, back))
    process.start()
    there.ring()
    assert back.wait(120.0)
    process.join()


def answer(hears: Bell, rings: Bell) -> None:
    if hears.wait(120.0):
        rings.ring()


def test_a_loop_hears_its_bell_and_rings_the_next():
    """With pauses of an hour only the bells bring the work from one to the other, and stop does not wait."""
    hears, rings, done = Bell(), Bell(), threading.Event()
    work: list[str] = []

    def make() -> bool:
        return bool(work and work.pop())

    def finish() -> bool:
        if looked:
            done.set()
        looked.append(1)
        return False

    looked: list[int] = []
    loops = [
        Loop("make", make, 3600.0, hears, rings),
        Loop("finish", finish, lambda: 3600.0, rings),
    ]
    for loop in loops:
        loop.start()
    work.append("work")
    hears.ring()
    assert done.wait(60.0)
    for loop in loops:
        loop.stop()


def test_all_bells_of_a_chime_ring_for_those_who_wait_for_the_same():
    bells = [Bell() for _ in range(3)]
    Chime(*bells).ring()
    assert [one.wait(60.0) for one in bells] == [True] * 3
    assert not bells[0].wait(0.0)
