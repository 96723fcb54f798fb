"""What one connection is sent: the parts of one turn of the loop are one frame, and what waits is bounded.

Batches do not pass through here: the hub writes their frames straight to the transport.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from roomserver.centrifuge import codes
from roomserver.frame_variants import JSON, Variant
from roomserver.metrics import Metrics

HIGH_WATER = 16 * 1024
"""Bytes that may wait in a transport before its connection leaves its channels until it has read them."""

MOST_WAITING = 64 * 1024
"""Bytes that may wait at all (replies, what is personal, pongs) before one more is said; beyond it he is cut off."""


log = logging.getLogger(__name__)


class Mailbag:
    """The outlets of a process that have something to send: all leave together, after a tick or this turn of the loop.

    After a tick a sender's reply follows right behind his batch.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._outlets: list[Outlet] = []

    def put(self, outlet: Outlet) -> None:
        """Send what an outlet holds, soon."""
        if not self._outlets:
            self._loop.call_soon(self.empty)
        self._outlets.append(outlet)

    def empty(self) -> None:
        """Send it now."""
        outlets, self._outlets = self._outlets, []
        for outlet in outlets:
            try:
                outlet.flush()
            except Exception:  # one broken transport must not cost the others their replies
                log.debug("a reply was not written", exc_info=True)


class Outlet:
    """Takes parts in the connection's encoding, and writes them as frames."""

    __slots__ = ("_counted", "_flushing", "_held", "_mailbag", "_metrics", "_parts", "_transport", "variant", "write")

    def __init__(self, transport: asyncio.Transport, mailbag: Mailbag, metrics: Metrics) -> None:
        self.variant: Variant = JSON
        self.write = transport.write
        self._transport = transport
        self._mailbag = mailbag
        self._metrics = metrics
        self._parts: list[bytes] = []
        self._held = False
        self._flushing = False
        self._counted = False
        transport.set_write_buffer_limits(high=HIGH_WATER)

    def say(self, part: bytes) -> None:
        """Send a part, in one frame with the others of this turn."""
        self._parts.append(part)
        if not self._held and not self._flushing:
            self._flushing = True
            self._mailbag.put(self)

    def hold(self) -> None:
        """More is to come: it leaves when it is let go."""
        self._held = True

    def let_go(self) -> None:
        """Send what was held."""
        self._held = False
        self.flush()

    def flush(self) -> None:
        """Send what was said so far."""
        self._flushing = False
        if self._parts and self._takes_more():
            self.write(self.variant.frame(self.variant.codec.join(self._parts)))
            self._parts.clear()

    def ping(self) -> None:
        """Ask for a sign of life."""
        if self._takes_more():
            self.write(self.variant.frame(self.variant.codec.ping))

    def pass_on(self, frames: Sequence[bytes]) -> None:
        """Send what the WebSocket protocol itself says; an empty one ends the connection."""
        for data in frames:
            if not data:
                self._transport.close()
            elif self._takes_more():
                self.write(data)

    def _takes_more(self) -> bool:
        """Cut off a peer who reads nothing of what he asks for."""
        if self._transport.get_write_buffer_size() <= MOST_WAITING:
            return True
        if not self._transport.is_closing():
            self.count_close(codes.SLOW.code)
            self._transport.abort()
        return False

    def count_close(self, code: int) -> None:
        """Count that this end has closed, by the first code there was for it."""
        if not self._counted:
            self._counted = True
            self._metrics.closes.labels(code).inc()

    def end(self) -> None:
        """The connection is lost: what was said is for nobody."""
        self._parts.clear()
