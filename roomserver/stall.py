"""When a connection that takes no more is given up: the hard mark.

The soft mark is the transport's: above it a connection leaves its channels, and catches up from the log once it has
read.
"""

from __future__ import annotations

STALL_SECONDS = 10.0
"""Without a byte taken: a phone in a tunnel is back by then, or reconnects anyway."""

LAG_BYTES = 1024 * 1024
"""Behind in a room's log: twice what the log holds, so what is missed is lost to it in any case."""

CHECK_SECONDS = 1.0


class Stall:
    """What one connection has not taken since it was paused; instants in seconds."""

    __slots__ = ("_since", "_waiting")

    def __init__(self, now: float, waiting: int) -> None:
        self._since = now
        self._waiting = waiting

    def hopeless(self, now: float, *, waiting: int, lag: int) -> bool:
        """Whether to give it up, when so many bytes wait in its transport and it is so far behind in a log."""
        if waiting < self._waiting:
            self._since = now
        self._waiting = waiting
        return lag > LAG_BYTES or now - self._since >= STALL_SECONDS
