"""The one door to clocks and chance."""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Callable
from itertools import count

_RUNNING = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""A clock that nobody sets; while the machine sleeps it goes on, where the system has such a one."""


def _running_ns() -> int:
    return time.clock_gettime_ns(_RUNNING)


class Clock:
    """The domain's clock, ms since 1970: the store's, as measured; ``ahead`` shifts it for rehearsals (``--now``).

    From one look at the store's to the next it goes on by itself: nobody's day changes when this machine's is set.
    """

    def __init__(
        self, *, ahead: int = 0, wall: Callable[[], int] = time.time_ns, running: Callable[[], int] = _running_ns
    ) -> None:
        self._ahead = ahead
        self._wall, self._running = wall, running
        self.adjust(0)

    def adjust(self, offset: int) -> None:
        """Take over how far the store's clock is ahead of this machine's, in ms."""
        self._began = self._wall() - self._running() + (offset + self._ahead) * 1_000_000

    def now(self) -> int:
        """The instant that decides days."""
        return (self._running() + self._began) // 1_000_000


def wall_ns() -> int:
    """This machine's own clock, ns since 1970."""
    return time.time_ns()


def wall_ms() -> int:
    """This machine's own clock, ms since 1970, which tokens are checked against."""
    return time.time_ns() // 1_000_000


def steady() -> float:
    """Seconds of a clock that never goes back, and goes on during a turn of the loop (which uvloop's own does not)."""
    return time.perf_counter()


def jitter(least: float, most: float) -> float:
    """A length of time somewhere between two, so that not everybody comes back at once."""
    return random.uniform(least, most)


class Ids:
    """Ids of turns: drawn at random at start, then counted, so that no two processes give the same."""

    def __init__(self) -> None:
        self._start = secrets.token_urlsafe(9)
        self._count = count()

    def next(self) -> str:
        """An id that was never given before."""
        return f"{self._start}{next(self._count):x}"


def secret_text(size: int = 16) -> str:
    """A random text that nobody can guess, of ``size`` bytes before encoding."""
    return secrets.token_urlsafe(size)
