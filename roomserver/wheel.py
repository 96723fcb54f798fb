"""One timer for the whole process: a wheel of seconds, in which whoever wants to be woken has a place.

Pings, expiry and deadlines of ten thousand connections cost one wake-up a second, not ten thousand timers. Who may
leave before his time stands in a line of those who wait equally long: nothing of him is kept.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from functools import partial
from itertools import takewhile
from typing import Any, TypeVar

SLOTS = 64
"""Seconds ahead that one turn of the wheel covers; who wants to be woken later is put in again on the way."""

log = logging.getLogger(__name__)

Woken = Callable[[], None]

W = TypeVar("W")


class Wheel:
    """Wakes callbacks to the second, never early, at most a second late."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._slots: list[list[tuple[float, Woken]]] = [[] for _ in range(SLOTS)]
        self._lines: dict[tuple[float, Callable[[Any], None]], dict[Any, float]] = {}
        self._hand = 0
        self._turns_at = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def put(self, seconds: float, woken: Woken) -> None:
        """Wake somebody after so many seconds; at the next turn where that time is over (less than none)."""
        self._place(self._loop.time() + seconds, seconds, woken)

    def stand(self, seconds: float, woken: Callable[[W], None], who: W) -> None:
        """Wake somebody after so many seconds, unless he leaves before; all who wait for the same stand in one line."""
        line = self._lines.setdefault((seconds, woken), {})
        line.pop(who, None)
        line[who] = self._loop.time() + seconds

    def leave(self, who: object) -> None:
        """Stand in no line any more."""
        for line in self._lines.values():
            line.pop(who, None)

    def start(self) -> None:
        """Begin to turn."""
        self._turns_at = self._loop.time()
        self._wind()

    def stop(self) -> None:
        """Stand still; nobody is woken any more."""
        if self._timer is not None:
            self._timer.cancel()

    def _place(self, at: float, seconds: float, woken: Woken) -> None:
        ahead = min(SLOTS - 1, max(0, int(seconds)) + 1)
        self._slots[(self._hand + ahead) % SLOTS].append((at, woken))

    def _wind(self) -> None:
        """Set the next turn by when this one was due, so that a stall of the loop is made good."""
        self._turns_at += 1
        self._timer = self._loop.call_at(self._turns_at, self._turn)

    def _turn(self) -> None:
        self._wind()
        self._hand = (self._hand + 1) % SLOTS
        due, self._slots[self._hand] = self._slots[self._hand], []
        now = self._loop.time()
        for at, woken in due:
            if at > now:
                self._place(at, at - now, woken)
            else:
                _wake(woken)
        for (_, of), line in tuple(self._lines.items()):
            for who in _first_until(line, now):
                if line.pop(who, None) is not None:
                    _wake(partial(of, who))


def _first_until(line: Mapping[W, float], now: float) -> list[W]:
    """Whose time has come; the first have waited longest."""
    return list(takewhile(lambda who: line[who] <= now, line))


def _wake(woken: Woken) -> None:
    try:
        woken()
    except Exception:  # one connection's fault must not stop everybody's pings
        log.exception("a wake-up failed")
