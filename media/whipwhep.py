"""Somebody else's server carries the picture: clients are sent there with the offer that they have (307).

MediaMTX: ``https://media.example/{room}/whip?token={ticket}``;
SRS: ``https://media.example/rtc/v1/whip/?app=live&stream={room}&token={ticket}``.
That server asks here whether it may let them in (``hooks``), and is told whom to put out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from urllib.parse import quote

from media.backend import (
    MAIN,
    Answer,
    IceServer,
    MediaEvent,
    Patched,
    Playing,
    Published,
    PublishLimits,
    Reason,
    Redirect,
    Rejected,
)
from media.hooks import Asked
from media.news import News, over
from media.tickets import Ticket, Tickets

SESSIONS = 100_000
"""That are known at a time; beyond them a client is let in, and cannot be put out."""

EACH = 4
"""Sessions of one ticket: who asks proves nothing but a ticket, and must not fill the list with what he makes up."""

Kick = Callable[[str], Awaitable[None]]
"""Ends a session at the other server, by that server's name for it."""


class WhipWhep:
    """Sends publishers and viewers elsewhere; ``{room}``, ``{member}`` and ``{ticket}`` in addresses are filled in."""

    capabilities: frozenset[str] = frozenset()
    ice_servers: tuple[IceServer, ...] = ()

    def __init__(self, publish_at: str, play_at: str, *, tickets: Tickets, kick: Kick | None = None) -> None:
        self._publish_at = publish_at
        self._play_at = play_at
        self._tickets = tickets
        self._kick = kick
        self._sessions: dict[str, Ticket] = {}
        self._used: Counter[Ticket] = Counter()
        self._news = News()
        self._refused = 0

    async def publish(self, room: str, member: str, slot: str, offer: str, limits: PublishLimits) -> Answer | Redirect:
        """As ``MediaBackend``; the host's picture only."""
        if slot != MAIN:
            raise Rejected(Reason.UNACCEPTABLE, "there is one picture in a room, the host's")
        return Redirect(protocol="whip", url=self._filled(self._publish_at, room, member, publishes=True))

    async def play(self, room: str, member: str, slots: Sequence[str], offer: str) -> Answer | Redirect:
        """As ``MediaBackend``; whether anybody publishes is said there."""
        if list(slots) != [MAIN]:
            raise Rejected(Reason.UNACCEPTABLE, "there is one picture in a room, the host's")
        return Redirect(protocol="whep", url=self._filled(self._play_at, room, member, publishes=False))

    def _filled(self, template: str, room: str, member: str, *, publishes: bool) -> str:
        ticket = self._tickets.give(room, member, publishes=publishes)
        filled = template.replace("{room}", quote(room, safe="")).replace("{member}", quote(member, safe=""))
        return filled.replace("{ticket}", ticket)

    # --- what the other server asks

    def judge(self, asked: Asked) -> Ticket | None:
        """The ticket of whom the other server asks about, if it is good for that."""
        ticket = self._tickets.read(asked.ticket, over=not asked.begins)
        if (
            ticket is None
            or (ticket.room, ticket.publishes) != (asked.room, asked.publishes)
            or self._many(asked, ticket)
        ):
            self._refused += 1
            return None
        return ticket

    def _many(self, asked: Asked, ticket: Ticket) -> bool:
        return asked.begins and asked.session not in self._sessions and self._used[ticket] >= EACH

    def note(self, asked: Asked, ticket: Ticket) -> None:
        """He is let in, or has gone."""
        name = asked.session
        if name is None:
            return
        if not asked.begins:
            if self._sessions.get(name) == ticket:
                self._over(name, "closed")
        elif name not in self._sessions and len(self._sessions) < SESSIONS:
            self._sessions[name] = ticket
            self._used[ticket] += 1
            self._news.tell(_begun(name, ticket))

    def _over(self, name: str, reason: str) -> None:
        ticket = self._sessions.pop(name)
        self._used[ticket] -= 1
        if not self._used[ticket]:
            del self._used[ticket]
        self._news.tell(over(_begun(name, ticket), reason))

    # --- what is asked of it

    async def patch(self, session: str, fragment: str, if_match: str | None) -> Patched:
        """Raises Rejected."""
        raise Rejected(Reason.NO_SESSION, "there is no such session here")

    async def close(self, session: str, reason: str) -> None:
        """End it there, where that server can be told to."""
        if session not in self._sessions:
            return
        self._over(session, reason)
        if self._kick is not None:
            await self._kick(session)

    async def stage(self, room: str, slots: Mapping[str, str | None], muted: Collection[str] = ()) -> None:
        """There is nothing to show here."""

    def events(self) -> AsyncIterator[MediaEvent]:
        """What that server has told."""
        return self._news.events()

    def counts(self) -> Mapping[str, float]:
        """Who is known to be there, and who was not let in."""
        publishers = sum(ticket.publishes for ticket in self._sessions.values())
        return {
            "publishers": publishers,
            "viewers": len(self._sessions) - publishers,
            "hooks_refused_total": self._refused,
            "events_dropped_total": self._news.dropped,
        }


def _begun(name: str, ticket: Ticket) -> Published | Playing:
    facts = {"room": ticket.room, "member": ticket.member, "session": name}
    return Published(**facts, slot=MAIN) if ticket.publishes else Playing(**facts)
