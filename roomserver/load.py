"""How busy the process is: steps by the lag of its loop and by how long Changes wait for a slow store, each of which
gives up what matters least.

    step        9 of 10 in 10 s: lag      waits         what it means
    CALM        up to 100 ms              up to 250 ms  everything
    BUSY        over 100 ms               over 250 ms   entrances are shed
    STRAINED    over 250 ms               over 1 s      half the danmaku; newcomers are put off, others come in
    OVERLOADED  over 1 s                  –             a tenth of the danmaku, hosts' first; handshakes are put off too

A store that is away is no reason to give anything up: what needs it is refused by itself.

A step is left when lag and waits have been at half of what it begins at for five seconds: the load that a step takes
away must not come back at once. How long it takes to write a batch counts by itself: the lag is what that does to all
others. Who must wait to be heard (intake.py) is as late as if the loop were.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum
from typing import Final, Protocol

from room.lanes import BUDGETS
from room.message import Lane

SAMPLE_SECONDS: Final = 0.1
SAMPLES: Final = 100
TOLERATED: Final = SAMPLES // 10
LATELY: Final = SAMPLES // 2
"""So many tell whether a step may be left: five seconds of rest are enough."""


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
        self.step = max(self._reached(self._lags, BOUNDS), self._reached(self._waits, WAITS))
        return self.step

    def _reached(self, samples: Sequence[float], bounds: Mapping[Step, float]) -> Step:
        """The step that one measure leads to, which is kept until it has halved in the last samples."""
        seconds, lately = _nine_of_ten(samples), _nine_of_ten(list(samples)[-LATELY:], TOLERATED // 2)
        begun = (step for step, bound in bounds.items() if min(seconds, lately) > bound)
        kept = (step for step, bound in bounds.items() if step <= self.step and lately > bound / 2)
        return max([*begun, *kept], default=Step.CALM)


def _nine_of_ten(samples: Sequence[float], tolerated: int = TOLERATED) -> float:
    """What all samples but the tolerated ones do not exceed; 0 while there are no more than these."""
    return sorted(samples)[-tolerated - 1] if len(samples) > tolerated else 0.0


class Line(Protocol):
    """Those who wait to be heard."""

    @property
    def late(self) -> float:
        """Seconds that the one who was heard last had waited."""


async def measure(load: Load, wait: Callable[[], float] = lambda: 0.0, line: Line | None = None) -> None:
    """Sample until cancelled how late this loop is, and ``wait``.

    The loop is as late as it wakes somebody up later than he asked for, and as who is heard has waited in ``line``.
    """
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + SAMPLE_SECONDS
        await asyncio.sleep(SAMPLE_SECONDS)
        late = loop.time() - due
        load.observe(late if line is None else late + line.late, wait())
