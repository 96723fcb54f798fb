"""Whether one connection still lives: connected in time, answering pings, its token good.

All of it hangs on the one wheel of the process; no connection has a timer of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto
from typing import Protocol

from roomserver.centrifuge.session import PING_SECONDS
from roomserver.wheel import Wheel

STALE_SECONDS = 5
PONG_SECONDS = 8
EXPIRY_GRACE_SECONDS = 25


class TimeOver(Enum):
    """Which deadline of a connection has passed: to authenticate, to be pinged, to answer it, of the token, to go."""

    AUTHENTICATE = auto()
    PING = auto()
    PONG = auto()
    TOKEN = auto()
    CLOSE = auto()


class Watched(Protocol):
    """A connection whose time may be over."""

    def on_time(self, over: TimeOver) -> None:
        """A deadline of this connection has passed."""


class Liveness:
    """The deadlines of one connection, on the loop's clock (seconds)."""

    __slots__ = ("_connection", "_expires", "_pinged", "_time", "_wheel", "heard")

    def __init__(self, connection: Watched, wheel: Wheel, time: Callable[[], float]) -> None:
        self._connection: Watched | None = connection
        self._wheel = wheel
        self._time = time
        self._expires = float("inf")
        self.heard = self._pinged = time()
        wheel.stand(STALE_SECONDS, Liveness._on_first, self)

    def renew(self, ttl: int) -> None:
        """The token lasts so many seconds from now on."""
        self._expires = self._time() + ttl + EXPIRY_GRACE_SECONDS
        self._watch_expiry()

    def wait_longer(self) -> None:
        """Give it as long again to authenticate."""
        self._wheel.stand(STALE_SECONDS, Liveness._on_stale, self)

    def cut_off_after(self, seconds: float) -> None:
        """It is to be gone by then."""
        self._wheel.stand(seconds, Liveness._on_close_due, self)

    def end(self) -> None:
        """Nothing is left to watch; what is still on the wheel holds nobody."""
        self._connection = None
        self._wheel.leave(self)

    def _on_first(self) -> None:
        """Only now are pings put on the wheel: those who come and go, hundreds a second, are not there for long."""
        if self._connection is not None:
            self._wheel.put(self._pinged + PING_SECONDS - self._time(), self._on_ping)
            self._on_stale()

    def _on_stale(self) -> None:
        if self._connection is not None:
            self._connection.on_time(TimeOver.AUTHENTICATE)

    def _on_ping(self) -> None:
        if self._connection is None:
            return
        self._pinged = self._time()
        self._connection.on_time(TimeOver.PING)
        self._wheel.put(PONG_SECONDS, self._on_pong_due)
        self._wheel.put(PING_SECONDS, self._on_ping)
        self._watch_expiry()

    def _on_pong_due(self) -> None:
        """Any frame since the ping counts as life."""
        if self._connection is not None and self.heard < self._pinged:
            self._connection.on_time(TimeOver.PONG)

    def _watch_expiry(self) -> None:
        """Ask to be woken at the token's end once it is near: the wheel would keep a lost connection until then."""
        left = self._expires - self._time()
        if left <= PING_SECONDS + 1:
            self._wheel.put(max(0.0, left), self._on_expiry)

    def _on_close_due(self) -> None:
        if self._connection is not None:
            self._connection.on_time(TimeOver.CLOSE)

    def _on_expiry(self) -> None:
        if self._connection is not None and self._time() >= self._expires:
            self._connection.on_time(TimeOver.TOKEN)
