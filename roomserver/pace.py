"""How much one person may ask within a time: a token bucket for what he asks, and one for his patience.

A command beyond the first bucket is refused (error 111). Refusals are cheap but not free: whoever goes on asking
regardless empties the second one too, and is closed (3013).
"""

from __future__ import annotations

from enum import Enum, auto

PATIENCE_RATE = 100
PATIENCE_BURST = 1000
"""Refusals a second, and at once, that are still answered: 10 ms of work, and more than an SDK in a hurry causes."""


class Verdict(Enum):
    """What becomes of a command: it is carried out, it is refused, or it was one too many of a flood."""

    GO = auto()
    WAIT = auto()
    FLOOD = auto()


class Bucket:
    """A token bucket: ``burst`` at once, refilled by ``rate`` a second; instants are seconds of a steady clock."""

    __slots__ = ("_at", "_left", "burst", "rate")

    def __init__(self, rate: float, burst: float, at: float) -> None:
        self.rate = rate
        self.burst = burst
        self._left = burst
        self._at = at

    def take(self, at: float) -> bool:
        """Take one token, if there is one; a clock that steps back refills nothing."""
        if at > self._at:
            left = self._left + (at - self._at) * self.rate
            self._left = min(self.burst, left)
            self._at = at
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Pace:
    """What one person may ask, over all his connections: ``rate`` commands a second, ``burst`` at once."""

    __slots__ = ("__weakref__", "_calls", "_patience")

    def __init__(self, rate: float, burst: float, at: float) -> None:
        self._calls = Bucket(rate, burst, at)
        self._patience = Bucket(PATIENCE_RATE, PATIENCE_BURST, at)

    def judge(self, at: float) -> Verdict:
        """What becomes of a command that arrives now (seconds of a steady clock)."""
        if self._calls.take(at):
            return Verdict.GO
        return Verdict.WAIT if self._patience.take(at) else Verdict.FLOOD
