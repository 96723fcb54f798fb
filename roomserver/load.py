"""How busy the process is: steps by the lag of its loop and by how long Changes wait for a slow store, each of which
gives up what matters least.

    step        9 of 10 in 10 s: lag      waits         what it means
    CALM        up to 100 ms              up to 250 ms  everything
    BUSY        over 100 ms               over 250 ms   entrances are shed
    STRAINED    over 250 ms               over 1 s      half the danmaku; newcomers are put off, others come in
    OVERLOADED  over 1 s                  –             a tenth of the danmaku, hosts' first; handshakes are put off too

A store that is away is no reason to give anything up: what needs it is refused by itself.

A step is left when lag and waits have fallen to half of what it begins at: the load that a step takes away must not
come back at once. How long it takes to write a batch counts by itself: the lag is what that does to all others.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum
from typing import Final

from room.lanes import BUDGETS
from room.message import Lane

SAMPLE_SECONDS: Final = 0.1
SAMPLES: Final = 100
TOLERATED: Final = SAMPLES // 10


class Step(IntEnum):
    """How much is given up; the table on top of this module says what each one means."""

    CALM = 0
    BUSY = 1
    STRAINED = 2
    OVERLOADED = 3


BOUNDS: Final = {Step.BUSY: 0.1, Step.STRAINED: 0.25, Step.OVERLOADED: 1.0}
"""Seconds of lag beyond which a step begins."""

WAITS: Final = {Step.BUSY: 0.25, Step.STRAINED: 1.0}
"""The same for the oldest Change that waits for the store: at 3 s its command is refused."""

SHARES: Final[Mapping[Step, Mapping[Lane, int]]] = {
    Step.CALM: BUDGETS,
    Step.BUSY: {**BUDGETS, Lane.ENTRANCE: 0},
    Step.STRAINED: {Lane.DANMAKU: BUDGETS[Lane.DANMAKU] // 2, Lane.ENTRANCE: 0},
    Step.OVERLOADED: {Lane.DANMAKU: BUDGETS[Lane.DANMAKU] // 10, Lane.ENTRANCE: 0},
}
"""Events of a lane that one batch of a room shows at each step; lanes that are not named always pass."""


class Load:
    """The lags and waits of the last 10 s, and the step they lead to."""

    __slots__ = ("_lags", "_waits", "step")

    def __init__(self) -> None:
        self._lags: deque[float] = deque(maxlen=SAMPLES)
        self._waits: deque[float] = deque(maxlen=SAMPLES)
        self.step = Step.CALM

    @property
    def lag(self) -> float:
        """The lag, in seconds, that 9 of 10 samples do not exceed: a few stalls, on a shared machine, are no load."""
        return _nine_of_ten(self._lags)

    @property
    def wait(self) -> float:
        """How many seconds Changes wait for the store, in 9 of 10 samples at most."""
        return _nine_of_ten(self._waits)

    def observe(self, lag: float, wait: float = 0.0) -> Step:
        """Take note of one sample, in seconds."""
        self._lags.append(lag)
        self._waits.append(wait)
        self.step = max(self._reached(self.lag, BOUNDS), self._reached(self.wait, WAITS))
        return self.step

    def _reached(self, seconds: float, bounds: Mapping[Step, float]) -> Step:
        """The step that one measure leads to, which is kept until it has halved."""
        begun = (step for step, bound in bounds.items() if seconds > bound)
        kept = (step for step, bound in bounds.items() if step <= self.step and seconds > bound / 2)
        return max([*begun, *kept], default=Step.CALM)


def _nine_of_ten(samples: Sequence[float]) -> float:
    return sorted(samples)[-TOLERATED - 1] if len(samples) > TOLERATED else 0.0


async def measure(load: Load, wait: Callable[[], float] = lambda: 0.0) -> None:
    """Sample the lag of this loop (how much later than asked for it wakes somebody up) and ``wait`` until cancelled."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + SAMPLE_SECONDS
        await asyncio.sleep(SAMPLE_SECONDS)
        load.observe(loop.time() - due, wait())
