"""Somebody else's server carries the picture: clients are sent there with the offer that they have (307).

MediaMTX: ``https://media.example/{room}/whip``; SRS: ``https://media.example/rtc/v1/whip/?app=live&stream={room}``.
What it asks about who may publish is answered by the platform; here is decided only who is sent there.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from urllib.parse import quote

from media.backend import MAIN, Answer, MediaEvent, Patched, PublishLimits, Reason, Redirect, Rejected


class WhipWhep:
    """Sends publishers and viewers elsewhere; ``{room}`` and ``{member}`` in the addresses are filled in."""

    capabilities: frozenset[str] = frozenset()

    def __init__(self, publish_at: str, play_at: str) -> None:
        self._publish_at = publish_at
        self._play_at = play_at

    async def publish(self, room: str, member: str, slot: str, offer: str, limits: PublishLimits) -> Answer | Redirect:
        """As ``MediaBackend``; the host's picture only."""
        if slot != MAIN:
            raise Rejected(Reason.UNACCEPTABLE, "there is one picture in a room, the host's")
        return Redirect(protocol="whip", url=_filled(self._publish_at, room, member))

    async def play(self, room: str, member: str, slots: Sequence[str], offer: str) -> Answer | Redirect:
        """As ``MediaBackend``; whether anybody publishes is said there."""
        if list(slots) != [MAIN]:
            raise Rejected(Reason.UNACCEPTABLE, "there is one picture in a room, the host's")
        return Redirect(protocol="whep", url=_filled(self._play_at, room, member))

    async def patch(self, session: str, fragment: str, if_match: str | None) -> Patched:
        """Raises Rejected."""
        raise Rejected(Reason.NO_SESSION, "there is no such session here")

    async def close(self, session: str, reason: str) -> None:
        """There is nothing to end here."""

    async def stage(self, room: str, slots: Mapping[str, str | None], muted: Collection[str] = ()) -> None:
        """There is nothing to show here."""

    async def events(self) -> AsyncIterator[MediaEvent]:
        """Nothing is heard from there."""
        await asyncio.Event().wait()
        nothings: tuple[MediaEvent, ...] = ()
        for nothing in nothings:
            yield nothing

    def counts(self) -> Mapping[str, float]:
        """There is nothing to count here."""
        return {}


def _filled(template: str, room: str, member: str) -> str:
    return template.replace("{room}", quote(room, safe="")).replace("{member}", quote(member, safe=""))
