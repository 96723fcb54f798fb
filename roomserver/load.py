"""How busy the process is: steps by the lag of its loop, each of which gives up what matters least.

    step        9 of 10 lags in 10 s      what it means
    CALM        up to 100 ms              everything
    BUSY        over 100 ms               entrances are shed
    STRAINED    over 250 ms               half the danmaku; newcomers are put off, who recovers or hosts comes in
    OVERLOADED  over 1 s                  a tenth of the danmaku, hosts' first; handshakes are put off too

A step is left when the lag has fallen to half of what it begins at: the load that a step takes away must not come back
at once. How long it takes to write a batch counts by itself: the lag is what that does to all others.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
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

SHARES: Final[Mapping[Step, Mapping[Lane, int]]] = {
    Step.CALM: BUDGETS,
    Step.BUSY: {**BUDGETS, Lane.ENTRANCE: 0},
    Step.STRAINED: {Lane.DANMAKU: BUDGETS[Lane.DANMAKU] // 2, Lane.ENTRANCE: 0},
    Step.OVERLOADED: {Lane.DANMAKU: BUDGETS[Lane.DANMAKU] // 10, Lane.ENTRANCE: 0},
}
"""Events of a lane that one batch of a room shows at each step; lanes that are not named always pass."""


class Load:
    """The lags of the last 10 s, and the step they lead to."""

    __slots__ = ("_lags", "step")

    def __init__(self) -> None:
        self._lags: deque[float] = deque(maxlen=SAMPLES)
        self.step = Step.CALM

    @property
    def lag(self) -> float:
        """The lag, in seconds, that 9 of 10 samples do not exceed: a few stalls, on a shared machine, are no load."""
        return sorted(self._lags)[-TOLERATED - 1] if len(self._lags) > TOLERATED else 0.0

    def observe(self, lag: float) -> Step:
        """Take note of one sample, in seconds."""
        self._lags.append(lag)
        lag = self.lag
        reached = max((step for step, bound in BOUNDS.items() if lag > bound), default=Step.CALM)
        kept = max((step for step, bound in BOUNDS.items() if step <= self.step and lag > bound / 2), default=Step.CALM)
        self.step = max(reached, kept)
        return self.step


async def measure(load: Load) -> None:
    """Sample the lag of this loop until cancelled: how much later than asked for it wakes somebody up."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + SAMPLE_SECONDS
        await asyncio.sleep(SAMPLE_SECONDS)
        load.observe(loop.time() - due)
