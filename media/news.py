"""What a backend tells the room server: events that wait for one listener, so many and no more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from media.backend import Gone, MediaEvent, Playing, Published, Unpublished

EVENTS = 4096
"""That wait for the room server; beyond them the oldest are dropped, and counted."""


class News:
    """Events in their order; ``dropped`` nobody took in time."""

    def __init__(self) -> None:
        self.dropped = 0
        self._waiting: asyncio.Queue[MediaEvent] = asyncio.Queue(EVENTS)

    def tell(self, event: MediaEvent) -> None:
        """Something has happened."""
        if self._waiting.full():
            self._waiting.get_nowait()
            self.dropped += 1
        self._waiting.put_nowait(event)

    async def events(self) -> AsyncIterator[MediaEvent]:
        """As ``MediaBackend``."""
        while True:
            yield await self._waiting.get()


def over(begun: Published | Playing, reason: str) -> Unpublished | Gone:
    """The end of what has begun."""
    facts = {"room": begun.room, "member": begun.member, "session": begun.session, "reason": reason}
    return Unpublished(**facts, slot=begun.slot) if isinstance(begun, Published) else Gone(**facts)
