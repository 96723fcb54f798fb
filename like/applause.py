"""What a room holds of its likes, in memory: the sum, what is not told yet, and how many each user has left.

A user's likes are a bucket of forty, refilled by twenty a second. It is kept as one number, the instant at which it
will be full again: each like moves that on by the time one takes to refill, and there is room for more while it lies no
further ahead than a whole bucket takes.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from like.refusals import TooManyLikes
from room.until import Until

REFILL_MS = 50
"""How long one like takes to refill: twenty a second are more than a thumb can do."""

BUCKET_MS = 40 * REFILL_MS
"""How long a whole bucket takes."""


@dataclass(slots=True)
class Applause:
    """A room's likes since it opened; ``untold`` were given since ``told_at`` (ms since 1970)."""

    total: int = 0
    untold: int = 0
    told_at: int = 0
    full_at: Until = field(default_factory=Until)

    def check(self, user: str, count: int, now: int) -> None:
        """Refuse likes for which the user's bucket has no room, all of them.

        Raises TooManyLikes with the time until there is.
        """
        wait = self._full_after(user, count, now) - BUCKET_MS - now
        if wait > 0:
            raise TooManyLikes(retry_in=wait)

    def add(self, user: str, count: int, now: int) -> None:
        """A user gave likes: count them, and take them out of his bucket."""
        self.full_at.set(user, self._full_after(user, count, now), now=now)
        self.total += count
        self.untold += count

    def tell(self, now: int) -> int:
        """How many were given since this was last asked."""
        delta, self.untold, self.told_at = self.untold, 0, now
        return delta

    def _full_after(self, user: str, count: int, now: int) -> int:
        return max(self.full_at.of(user), now) + count * REFILL_MS
