"""Tokens that were found good: in a storm of reconnects everybody comes back with the one he had.

A signature costs a tenth of a millisecond, and says the same each time for as long as the keys stay the same. Whether a
token has expired is asked each time. Kept are digests, never tokens.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256

from roomserver.clock import wall_ms
from roomserver.identity import Checks, ExpiredToken, Identity

MOST = 20_000
"""Tokens that are remembered, of a quarter of a kilobyte each; the oldest are forgotten first."""


class RememberedTokens:
    """Checks tokens, each once; ``version`` changes when the keys do, and ``now`` is the wall clock in ms."""

    def __init__(
        self, checks: Checks, *, version: Callable[[], int], now: Callable[[], int] = wall_ms, most: int = MOST
    ) -> None:
        self._checks = checks
        self._version = version
        self._now = now
        self._most = most
        self._known: dict[bytes, Identity] = {}
        self._known_by = version()

    def __len__(self) -> int:
        return len(self._known)

    def verify(self, token: str) -> Identity:
        """The identity that a token proves.

        Raises InvalidToken, ExpiredToken.
        """
        if self._version() != self._known_by:
            self._known.clear()
            self._known_by = self._version()
        digest = sha256(token.encode(errors="replace")).digest()
        known = self._known.get(digest)
        if known is None:
            return self._remember(digest, self._checks.verify(token))
        if known.expires <= self._now() // 1000:
            del self._known[digest]
            raise ExpiredToken
        return known

    def _remember(self, digest: bytes, identity: Identity) -> Identity:
        if len(self._known) >= self._most:
            del self._known[next(iter(self._known))]
        self._known[digest] = identity
        return identity
