"""When a room is flushed, and when it is woken.

A tick has a leading edge: in an idle room an event leaves in the same turn of the loop (by ``call_soon``, never sooner,
since SDKs drop a push that precedes their subscribe reply); a busy room is flushed once per tick.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from room.live import Room
from room.message import Command
from roomserver.shell import Shell

TICK_SECONDS = 0.05
"""Between two batches of a busy room; longer where writing one takes more than half of it."""


class Ticks:
    """The two timers of one room.

    ``flush`` takes the instant (ms since 1970) and tells what waits; ``command`` carries out what a deadline asks for;
    ``deadline`` is when something is to be told that no feature waits for.
    """

    def __init__(
        self,
        shell: Shell,
        room: Room,
        *,
        flush: Callable[[int], None],
        command: Callable[[Command], None],
        deadline: Callable[[], int | None],
    ) -> None:
        self.tick = TICK_SECONDS
        self._shell = shell
        self._room = room
        self._flush = flush
        self._command = command
        self._deadline = deadline
        self._flush_at: asyncio.Handle | None = None
        self._flushed = 0.0
        self._wake: asyncio.TimerHandle | None = None

    @property
    def due(self) -> bool:
        """Whether something waits to be told."""
        return self._flush_at is not None

    def touch(self) -> None:
        """Something may be waiting to be told: flush now, or at the end of this tick."""
        if self._flush_at is not None:
            return
        wait = self._flushed + self.tick - self._shell.loop.time()
        if wait <= 0:
            self._flush_at = self._shell.loop.call_soon(self._turn)
        else:
            self._flush_at = self._shell.loop.call_later(wait, self._turn)

    def _turn(self) -> None:
        began = self._shell.loop.time()
        self._flush_at = None
        now = self._shell.clock.now()
        try:
            self._flush(now)
        finally:  # whatever fails in one tick, the next one comes
            self._flushed = self._shell.loop.time()
            self.tick = max(TICK_SECONDS, 2 * (self._flushed - began))
            self._arm(now)

    def _arm(self, now: int) -> None:
        """Set the one wake-up of this room to the earliest deadline of its features."""
        if self._wake is not None:
            self._wake.cancel()
            self._wake = None
        asked = (self._deadline(), *(feature.deadline(self._room) for feature in self._shell.wakers))
        deadlines = [at for at in asked if at is not None]
        if deadlines:
            wait = max(self.tick, (min(deadlines) - now) / 1000)
            self._wake = self._shell.loop.call_later(wait, self._woken)

    def _woken(self) -> None:
        self._wake = None
        now = self._shell.clock.now()
        for feature in self._shell.wakers:
            for command in feature.expire(self._room, now):
                self._command(command)
        self.touch()

    def close(self) -> None:
        """Stand still."""
        for handle in (self._flush_at, self._wake):
            if handle is not None:
                handle.cancel()
        self._flush_at = self._wake = None
