"""One feed as it goes to one viewer: his payload types, his shift of sequence numbers, his way into the present."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from media.connection import Connection
from media.feed import Feed
from media.rtp import ahead, write

BURST, BURST_SECONDS = 24, 0.005
"""Packets sent at a time to somebody who catches up: a receiver's socket takes no more at once (212 kB by default)."""

AGAIN_A_SECOND = 500
"""Packets that one viewer may be sent again in a second; who loses more is not helped by them.

Each goes out twice: who loses it again asks for it only a tenth of a second later, and his picture stands still.
"""


class Subscription:
    """A feed and a viewer; ``numbers`` are his payload types by codec."""

    def __init__(self, feed: Feed, connection: Connection, numbers: Mapping[str, int]) -> None:
        self.feed = feed
        self.connection = connection
        self.numbers = numbers
        self.shift = 0
        self.again = 0
        self.caught_up = 0
        self.refused = 0
        self._timer: asyncio.TimerHandle | None = None
        self._second = 0
        self._in_second = 0

    def catch_up(self, sequence: int, done: Callable[[Subscription], None]) -> None:
        """Send what is kept from a packet on, some at a time, until nothing is left; then he is in the present."""
        for _ in range(BURST):
            if ahead(sequence, self.feed.last) > 0:
                done(self)
                return
            self.caught_up += self._send_kept(sequence)
            sequence = (sequence + 1) & 0xFFFF
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(BURST_SECONDS, self.catch_up, sequence, done)

    def _send_kept(self, sequence: int) -> bool:
        found = self.feed.kept(sequence)
        number = None if found is None else self.numbers.get(found.codec)
        if found is None or number is None:
            return False
        self.connection.send_rtp(write(found.packet, number, self.shift))
        return True

    def send_again(self, sequences: tuple[int, ...], now: float) -> None:
        """Send what he lost, as he numbers it, within what one viewer may ask for: all of it, and then once more."""
        if int(now) != self._second:
            self._second, self._in_second = int(now), 0
        sent = [sequence for sequence in sequences if self._send_again(sequence)]
        self.refused += len(sequences) - len(sent)
        for sequence in sent:
            self._send_again(sequence)

    def _send_again(self, sequence: int) -> bool:
        if self._in_second >= AGAIN_A_SECOND or not self._send_kept((sequence - self.shift) & 0xFFFF):
            return False
        self._in_second += 1
        self.again += 1
        return True

    def stop(self) -> None:
        """Send nothing more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
