"""How much is heard in one turn of the loop: beyond it whoever says something waits, and is read no more meanwhile.

    bytes come ─ the turn has time left, nobody waits ─ heard at once
               └ no ─ stand in line ─ heard a slice at a time, in the order of coming, a bit of every turn

There are two lines: of who says only what matters least, one is heard for every three of the others.

What nobody has the time to hear stays with its senders, in their sockets; ticks, answers of the store and everybody who
has just come are never behind it for longer than a turn.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Protocol

TURN_SECONDS = 0.02
"""Of a turn for what is said: a room's tick is 50 ms, and must not wait for two of them."""

SLICE = 1024
"""Bytes of one connection that are heard before it is somebody else's turn: some ten messages."""

UNHEARD = 64 * 1024
"""Bytes of one connection that may wait: who says more than that at once is a flood."""

BEHIND_SECONDS = 0.05
"""Who is heard now has waited so long: what matters least is not worth it any more."""


FIRST = 3
"""So many of the first line are heard for one of the second."""


class Hearer(Protocol):
    """A connection that has said more than was heard."""

    def hear_on(self) -> bool:
        """Hear a slice of it; whether that was all."""

    def can_wait(self) -> bool:
        """Whether all that waits is of the kind that matters least."""


_Line = deque[tuple[float, Hearer]]
"""Who waits, and since when."""


class Intake:
    """The line of one process; ``now`` gives the seconds of a clock that goes on during a turn."""

    __slots__ = ("_began", "_due", "_last", "_late", "_line", "_loop", "_now", "_turns")

    def __init__(self, loop: asyncio.AbstractEventLoop, now: Callable[[], float] | None = None) -> None:
        self._loop = loop
        self._now = loop.time if now is None else now
        self._began: float | None = None
        self._due = False
        self._line: _Line = deque()
        self._last: _Line = deque()
        self._turns = 0
        self._late = 0.0

    @property
    def late(self) -> float:
        """Seconds that the one who was heard last had waited; 0 when nobody waits."""
        return self._late

    @property
    def behind(self) -> bool:
        """Whether people wait for so long that what matters least is given up."""
        return self._late > BEHIND_SECONDS

    @property
    def full(self) -> bool:
        """Whether who says something now must stand in line."""
        if self._line or self._last:
            return True
        if self._began is None:
            self._began = self._now()
            self._come_round()
            return False
        return self._now() - self._began >= TURN_SECONDS

    def wait(self, hearer: Hearer) -> None:
        """Stand in line, in the same one until he has been heard; his reading is to be paused so long."""
        self._stand(hearer, self._last if hearer.can_wait() else self._line)

    def _stand(self, hearer: Hearer, line: _Line) -> None:
        line.append((self._now(), hearer))
        self._come_round()

    def _come_round(self) -> None:
        if not self._due:
            self._due = True
            self._loop.call_soon(self._next)

    def _whose_turn(self) -> _Line:
        """The line whose first is heard now."""
        self._turns += 1
        second = self._last and (not self._line or self._turns % (FIRST + 1) == 0)
        return self._last if second else self._line

    def _next(self) -> None:
        """A turn of the loop: hear the first in line for as long as there is time, each a slice."""
        self._began, self._due = None, False
        if not self._line and not self._last:
            self._late = 0.0
            return
        began = now = self._now()
        try:
            while (self._line or self._last) and now - began < TURN_SECONDS:
                line = self._whose_turn()
                since, hearer = line.popleft()
                self._late = now - since
                if not hearer.hear_on():
                    self._stand(hearer, line)
                now = self._now()
        finally:  # whatever fails in one connection, the others are heard
            self._come_round()
