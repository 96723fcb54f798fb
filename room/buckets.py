"""How much everybody may still do of something: buckets that refill as time goes by.

A bucket is kept as one number, the instant at which it will be full again (the "generic cell rate algorithm"): whatever
is done moves it on by the time that this takes to refill, and there is room for more while it lies no further ahead
than a whole bucket takes. Full buckets need not be remembered. One that would be full only later than twice that is of
a clock that was set back since: it is full, for what happened then is long ago or never was.
"""

from __future__ import annotations

from room.until import Until


class Buckets:
    """A bucket for each user, which takes ``whole_ms`` to refill when it is empty; instants are ms since 1970."""

    def __init__(self, whole_ms: int) -> None:
        self._whole_ms = whole_ms
        self._full_at = Until()

    def __len__(self) -> int:
        """How many are remembered."""
        return len(self._full_at)

    def wait(self, user: str, cost_ms: int, now: int) -> int:
        """Milliseconds until there is room for what takes so long to refill; 0 or less when there is now."""
        return self._after(user, cost_ms, now) - self._whole_ms - now

    def take(self, user: str, cost_ms: int, now: int) -> None:
        """Take so much out of a bucket."""
        self._full_at.set(user, self._after(user, cost_ms, now), now=now)

    def _after(self, user: str, cost_ms: int, now: int) -> int:
        full_at = self._full_at.of(user)
        if full_at > now + 2 * self._whole_ms:
            full_at = now
        return max(min(full_at, now + self._whole_ms), now) + cost_ms
