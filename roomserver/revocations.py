"""Tokens that are good no more: all that somebody was given up to an instant, or all that anybody was.

Kept in the store, so that restarts and other servers know of it; each server looks every 2 s, and closes whoever is
connected with such a token (3500). A token that does not say when it was issued (``iat``) counts as an old one.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence
from typing import Protocol

from roomserver.centrifuge import codes
from roomserver.centrifuge.codes import Disconnect
from roomserver.clock import wall_ms
from roomserver.identity import Checks, Identity, InvalidToken
from roomserver.store import Store, StoreUnavailable

EVERYBODY = "*"
"""Whom a revocation names that is of all tokens; no user's id."""

LOOK_SECONDS = 2.0
"""Between two looks at what other servers have revoked: what is promised is 5 s."""

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
    """What is known to be revoked: for each user, and for everybody, the last second whose tokens are good no more."""

    def __init__(self) -> None:
        self._until: dict[str, int] = {}

    def note(self, user: str, until: int) -> bool:
        """Tokens of a user that were issued up to a second (since 1970) are good no more; whether that is new."""
        new = self._until.get(user, -1) < until
        if new:
            self._until[user] = until
        return new

    def covers(self, identity: Identity) -> bool:
        """Whether a token is one of those."""
        ends = [self._until[one] for one in (identity.user, EVERYBODY) if one in self._until]
        return bool(ends) and (identity.issued is None or identity.issued <= max(ends))


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
    """Revokes tokens, and follows what other servers on the same store revoke."""

    def __init__(self, store: Store, revoked: Revoked, connections: Iterable[Bearer]) -> None:
        self._store = store
        self._revoked = revoked
        self._connections = connections

    async def revoke(self, user: str) -> int:
        """Let no token be good that a user (or ``EVERYBODY``) has by now; how many connections here were closed.

        Raises StoreUnavailable.
        """
        until = wall_ms() // 1000
        await self._store.revoke(user, until)
        self._revoked.note(user, until)
        return await self._close()

    async def load(self) -> None:
        """Know all that was ever revoked.

        Raises StoreUnavailable.
        """
        self._note(await self._store.revoked(0))

    async def follow(self) -> None:
        """Look at what others revoke, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                found = await self._store.revoked(wall_ms() // 1000 - 600)  # other servers' clocks may be behind
            except StoreUnavailable as error:
                log.info("revocations were not looked at", extra={"why": str(error)})
                continue
            if self._note(found):
                await self._close()

    def _note(self, found: Sequence[tuple[str, int]]) -> bool:
        return bool([user for user, until in found if self._revoked.note(user, until)])

    async def _close(self) -> int:
        closed = 0
        for place, connection in enumerate(tuple(self._connections)):
            if (identity := connection.identity) is not None and self._revoked.covers(identity):
                connection.close(codes.INVALID_TOKEN)
                closed += 1
            if place % AT_ONCE == AT_ONCE - 1:
                await asyncio.sleep(0)
        return closed
