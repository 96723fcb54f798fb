"""No picture: the room goes on without."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence

from media.backend import Answer, IceServer, MediaEvent, Patched, PublishLimits, Reason, Redirect, Rejected


class Null:
    """The backend of a server that has no media configured."""

    capabilities: frozenset[str] = frozenset()
    ice_servers: tuple[IceServer, ...] = ()

    async def publish(self, room: str, member: str, slot: str, offer: str, limits: PublishLimits) -> Answer | Redirect:
        """Raises Rejected."""
        raise Rejected(Reason.NONE, "this server carries no pictures")

    async def play(self, room: str, member: str, slots: Sequence[str], offer: str) -> Answer | Redirect:
        """Raises Rejected."""
        raise Rejected(Reason.NONE, "this server carries no pictures")

    async def patch(self, session: str, fragment: str, if_match: str | None) -> Patched:
        """Raises Rejected."""
        raise Rejected(Reason.NO_SESSION, "there is no such session")

    async def close(self, session: str, reason: str) -> None:
        """There is nothing to end."""

    async def stage(self, room: str, slots: Mapping[str, str | None], muted: Collection[str] = ()) -> None:
        """There is nothing to show."""

    async def events(self) -> AsyncIterator[MediaEvent]:
        """Nothing ever happens."""
        await asyncio.Event().wait()
        nothings: tuple[MediaEvent, ...] = ()
        for nothing in nothings:
            yield nothing

    def counts(self) -> Mapping[str, float]:
        """There is nothing to count."""
        return {}
