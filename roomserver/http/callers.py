"""How often somebody may ask for pictures, and how fast all viewers together may begin new ones."""

from __future__ import annotations

from media.backend import Reason, Rejected
from room.buckets import Buckets
from roomserver.clock import jitter
from roomserver.pace import Bucket

AT_ONCE, EACH_MS = 20, 1000
"""Requests of one caller before he waits: a player that starts over and over makes a handshake each time."""

OFFERS, OFFERS_AT_ONCE = 50, 200
"""Of all viewers, a second and at once: each costs the media process a handshake of 4 ms."""


class TooMany(Exception):
    """The caller has to wait, for so many ms."""

    def __init__(self, wait: int) -> None:
        super().__init__()
        self.wait = wait


class Callers:
    """Who may call now: a bucket for each person, and for each address of guests; and one for all who want to watch."""

    def __init__(self) -> None:
        self._buckets = Buckets(AT_ONCE * EACH_MS)
        self._offers: Bucket | None = None

    def check(self, who: str, now: int) -> None:
        """Take a request of somebody; nobody knows who ``""`` is.

        Raises TooMany.
        """
        if not who:
            return
        wait = self._buckets.wait(who, EACH_MS, now)
        if wait > 0:
            raise TooMany(wait)
        self._buckets.take(who, EACH_MS, now)

    def check_offer(self, now: int) -> None:
        """Take an offer of any viewer.

        Raises Rejected.
        """
        at = now / 1000
        if self._offers is None:
            self._offers = Bucket(OFFERS, OFFERS_AT_ONCE, at)
        if not self._offers.take(at):
            raise Rejected(Reason.FULL, "too many come at once", retry_after=round(jitter(1, 5)))
