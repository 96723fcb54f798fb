"""The wheel wakes to the second: never early, at most a second late."""

from __future__ import annotations

import asyncio
import logging
import weakref
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from roomserver.wheel import SLOTS, Wheel
from tests.roomserver.hand_time import HandTime, later, play


@given(st.lists(st.floats(-100, 200), min_size=1, max_size=20), st.floats(0, 3))
@example([-1.5], 0.0)
def test_nobody_is_woken_early_nor_more_than_a_second_late(waits: list[float], start: float) -> None:
    """After a stall of the loop the time may be over for which somebody wants to be woken."""

    async def dialogue() -> None:
        loop = asyncio.get_running_loop()
        wheel, woken = Wheel(loop), dict[int, float]()
        wheel.start()
        await later(start)
        put = loop.time()
        for number, wait in enumerate(waits):
            wheel.put(wait, lambda number=number: woken.update({number: loop.time()}))  # type: ignore[misc]
        await later(max(0.0, *waits) + 2)
        wheel.stop()
        late = [woken[number] - put - max(0.0, wait) for number, wait in enumerate(waits)]
        assert all(0 <= one <= 1 + 1e-6 for one in late), late

    play(dialogue)


def test_each_is_woken_once_also_beyond_one_turn_of_the_wheel() -> None:
    async def dialogue() -> None:
        woken: list[str] = []
        wheel = Wheel(asyncio.get_running_loop())
        wheel.start()
        wheel.put(3 * SLOTS, lambda: woken.append("far"))
        wheel.put(1, lambda: woken.append("near"))
        await later(3 * SLOTS - 1)
        assert woken == ["near"]
        await later(3 * SLOTS)
        assert woken == ["near", "far"]
        wheel.stop()

    play(dialogue)


def test_a_stall_of_the_loop_is_made_good() -> None:
    async def dialogue() -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, HandTime)
        woken: list[float] = []
        wheel = Wheel(loop)
        wheel.start()
        start = loop.time()
        wheel.put(20, lambda: woken.append(loop.time() - start))
        await later(2)
        loop.now += 10
        await later(10)
        assert woken
        assert woken[0] <= 21
        wheel.stop()

    play(dialogue)


def test_one_fault_harms_nobody_else(caplog: pytest.LogCaptureFixture) -> None:
    async def dialogue() -> None:
        woken: list[str] = []
        wheel = Wheel(asyncio.get_running_loop())
        wheel.start()
        wheel.put(1, lambda: woken.append("before"))
        wheel.put(1, _fail)
        wheel.put(1, lambda: woken.append("after"))
        wheel.put(3, lambda: woken.append("later"))
        await later(5)
        assert woken == ["before", "after", "later"]
        wheel.stop()

    with caplog.at_level(logging.ERROR):
        play(dialogue)
    assert [record.message for record in caplog.records] == ["a wake-up failed"]


def test_a_wheel_that_stands_still_wakes_nobody() -> None:
    async def dialogue() -> None:
        woken: list[str] = []
        wheel = Wheel(asyncio.get_running_loop())
        wheel.start()
        wheel.put(1, lambda: woken.append("late"))
        wheel.stop()
        await later(5)
        assert woken == []

    play(dialogue)


def _fail() -> None:
    raise ZeroDivisionError


class Somebody:
    """Waits on a wheel, and does as he is told when he is woken."""

    def __init__(self, does: Callable[[], None]) -> None:
        self.does = does

    def wake(self) -> None:
        self.does()


def test_who_stands_in_a_line_is_woken_in_his_turn_and_nothing_is_kept_of_who_leaves() -> None:
    async def dialogue() -> None:
        woken: list[str] = []
        wheel = Wheel(asyncio.get_running_loop())
        wheel.start()
        ill = Somebody(lambda: woken.remove("nobody"))
        second = Somebody(lambda: woken.append("second"))
        first = Somebody(lambda: woken.append("first"))
        ending = Somebody(lambda: wheel.leave(second))
        again, gone = Somebody(lambda: woken.append("again")), Somebody(lambda: woken.append("gone"))
        for who in (ill, first, ending, second, again, gone):
            wheel.stand(5, Somebody.wake, who)
        kept = weakref.ref(gone)
        wheel.leave(gone)
        del gone, who
        assert kept() is None
        await later(3)
        wheel.stand(5, Somebody.wake, again)
        assert woken == []
        await later(3.5)
        assert woken == ["first"]
        await later(3)
        assert woken == ["first", "again"]
        wheel.stop()

    play(dialogue)
