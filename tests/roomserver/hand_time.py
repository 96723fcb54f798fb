"""An event loop whose clock is moved by hand: when nothing is left to do, time jumps to the next timer.

So a test of three seconds takes none, and comes out the same each time. `play` runs a test's dialogue on it; `settle`
lets everything happen that can happen without time going on, `later` lets some time go by.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from roomserver.clock import Clock

T = TypeVar("T")
START = 1_700_000_000_000
"""When time begins, in ms since 1970."""


class _Jump(selectors.SelectSelector):
    """Waits for nothing: whoever would wait has the clock moved on."""

    def __init__(self, pass_by: Callable[[float], None]) -> None:
        super().__init__()
        self._pass_by = pass_by

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready:
            assert timeout is not None, "everybody waits for something that nobody does"
            self._pass_by(timeout)
        return ready


class HandTime(asyncio.SelectorEventLoop):
    """The loop; `now` is its clock in seconds."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.faults: list[dict[str, Any]] = []
        super().__init__(_Jump(self._pass_by))
        self.set_exception_handler(lambda _, context: self.faults.append(context))

    def time(self) -> float:
        return self.now

    def _pass_by(self, seconds: float) -> None:
        self.now += seconds


class HandClock(Clock):
    """The domain's clock, which goes with the loop's."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._offset = 0
        super().__init__()

    def adjust(self, offset: int) -> None:
        self._offset = offset

    def now(self) -> int:
        return START + round((self._loop.time() - 1000) * 1000) + self._offset


def play(dialogue: Callable[[], Coroutine[Any, Any, T]], *, faults: int = 0) -> T:
    """Run a test's dialogue to its end; so many faults may have come up in callbacks on the way."""
    with asyncio.Runner(loop_factory=HandTime) as runner:
        result = runner.run(dialogue())
        loop = runner.get_loop()
        assert isinstance(loop, HandTime)
        assert len(loop.faults) == faults, loop.faults
        return result


async def settle() -> None:
    """Let everything happen that needs no time."""
    for _ in range(30):
        await asyncio.sleep(0)


async def later(seconds: float) -> None:
    """Let time go by."""
    await asyncio.sleep(seconds)
    await settle()
