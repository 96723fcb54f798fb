"""Tokens that are good no more: all that somebody was given up to an instant, or all that anybody was.

Kept in the store, so that restarts and other servers know of it; each server looks every 2 s, and closes whoever is
connected with such a token (3500). A token that does not say when it was issued (``iat``) counts as an old one. A
revocation ends, here and in the store, a day after the last token that it was of can be good for its age alone; the one
of everybody ends all older ones.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from itertools import count
from typing import Protocol

from roomserver.centrifuge import codes
from roomserver.centrifuge.codes import Disconnect
from roomserver.clock import wall_ms
from roomserver.identity import Checks, Identity, InvalidToken
from roomserver.store import Store, StoreUnavailable

EVERYBODY = "*"
"""Whom a revocation names that is of all tokens; no user's id."""

LOOK_SECONDS = 2.0
"""From one look at what other servers have revoked to the next: what is promised is 5 s, and a look may take 2 s."""

CLOCKS_SECONDS = 600
"""How far other servers' clocks may be behind."""

MARGIN_SECONDS = 86_400
"""For so long a revocation outlives its last token: while servers with another configuration are replaced."""

END_LOOKS = 1_800
"""Looks, about an hour of them, from one to the next time that what has ended is dropped."""

AT_ONCE = 500
"""Connections that are closed in one turn of the loop."""

log = logging.getLogger(__name__)


class Bearer(Protocol):
    """A connection, as far as its token is concerned."""

    @property
    def identity(self) -> Identity | None:
        """Whom its token names; None before it has connected."""

    def close(self, why: Disconnect) -> None:
        """The server ends this connection."""


class Revoked:
    """What is known to be revoked: for each user, and for everybody, the last second whose tokens are good no more.

    ``noted`` grows with all that is learned, for whoever looks now and then.
    """

    def __init__(self) -> None:
        self.noted = 0
        self._until: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._until)

    def note(self, user: str, until: int) -> bool:
        """Tokens of a user that were issued up to a second (since 1970) are good no more; whether that is new."""
        new = self._until.get(user, -1) < until
        if new:
            self.noted += 1
            self._until[user] = until
            if user == EVERYBODY:
                self.end(until)
        return new

    def end(self, before: int) -> None:
        """Know nothing more of what ended before a second."""
        self._until = {user: until for user, until in self._until.items() if until >= before}

    def covers(self, identity: Identity) -> bool:
        """Whether a token is one of those."""
        return self.covers_token(identity.user, identity.issued)

    def covers_token(self, user: str, issued: int | None) -> bool:
        """Whether a user's token of a second (since 1970) is one of those."""
        ends = [self._until[one] for one in (user, EVERYBODY) if one in self._until]
        return bool(ends) and (issued is None or issued <= max(ends))


class UnrevokedChecks:
    """Checks tokens, and refuses those that are revoked."""

    def __init__(self, checks: Checks, revoked: Revoked) -> None:
        self._checks = checks
        self._revoked = revoked

    def verify(self, token: str) -> Identity:
        """The identity that a token proves.

        Raises InvalidToken, ExpiredToken.
        """
        identity = self._checks.verify(token)
        if self._revoked.covers(identity):
            raise InvalidToken("revoked")
        return identity


class Revocations:
    """Revokes tokens, and follows what other servers on the same store revoke.

    ``life``: seconds that a token lives at most; ``now`` is the wall clock in ms, as an issuer knows it.
    """

    def __init__(
        self,
        store: Store,
        revoked: Revoked,
        connections: Iterable[Bearer],
        *,
        life: int,
        now: Callable[[], int] = wall_ms,
    ) -> None:
        self._store = store
        self._revoked = revoked
        self._connections = connections
        self._kept = life + MARGIN_SECONDS
        self._now = now

    async def revoke(self, user: str) -> int:
        """Let no token be good that a user (or ``EVERYBODY``) has by now; how many connections here were closed.

        Raises StoreUnavailable.
        """
        until = self._second()
        await self._store.revoke(user, until)
        self._revoked.note(user, until)
        if user == EVERYBODY:
            await self._store.end_revocations(until)
        return await self._close()

    async def load(self) -> None:
        """Know all that is revoked.

        Raises StoreUnavailable.
        """
        self._note(await self._store.revoked(self._second() - self._kept))

    async def follow(self) -> None:
        """Look at what others revoke, until cancelled."""
        looked, clock = self._second(), asyncio.get_running_loop().time
        begun = clock()
        for look in count(1):
            await asyncio.sleep(max(0.0, begun + LOOK_SECONDS - clock()))
            begun = clock()
            try:
                looked = await self._look(looked)
                if look % END_LOOKS == 0:
                    await self._end()
            except StoreUnavailable as error:
                log.info("revocations were not looked at", extra={"why": str(error)})
            except Exception:  # one that cannot be followed must not end the server
                log.exception("a revocation of another server was not followed")

    async def _look(self, before: int) -> int:
        """Learn what was revoked since the last look that was answered; the second of this one.

        Raises StoreUnavailable.
        """
        now = self._second()
        if self._note(await self._store.revoked(before - CLOCKS_SECONDS)):
            await self._close()
        return now

    async def _end(self) -> None:
        """Drop what is of no token any more.

        Raises StoreUnavailable.
        """
        before = self._second() - self._kept
        self._revoked.end(before)
        await self._store.end_revocations(before)

    def _second(self) -> int:
        return self._now() // 1000

    def _note(self, found: Sequence[tuple[str, int]]) -> bool:
        return bool([user for user, until in found if self._revoked.note(user, until)])

    async def _close(self) -> int:
        closed = 0
        for place, connection in enumerate(tuple(self._connections)):
            if (identity := connection.identity) is not None and self._revoked.covers(identity):
                closed += _closed(connection)
            if place % AT_ONCE == AT_ONCE - 1:
                await asyncio.sleep(0)
        return closed


def _closed(connection: Bearer) -> bool:
    """Close a connection; its fault must not keep the others open."""
    try:
        connection.close(codes.INVALID_TOKEN)
    except Exception:
        log.exception("a connection with a revoked token was not closed")
        return False
    return True
