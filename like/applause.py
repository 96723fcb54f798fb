"""What a room holds of its likes, in memory: the sum, what is not told yet, and how many each user has left.

A user's likes are a bucket of forty, refilled by twenty a second.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

from like.refusals import TooManyLikes
from room.buckets import Buckets

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
    buckets: Buckets = field(default_factory=partial(Buckets, BUCKET_MS))

    def check(self, user: str, count: int, now: int) -> None:
        """Refuse likes for which the user's bucket has no room, all of them.

        Raises TooManyLikes with the time until there is.
        """
        wait = self.buckets.wait(user, count * REFILL_MS, now)
        if wait > 0:
            raise TooManyLikes(retry_in=wait)

    def add(self, user: str, count: int, now: int) -> None:
        """A user gave likes: count them, and take them out of his bucket."""
        self.buckets.take(user, count * REFILL_MS, now)
        self.total += count
        self.untold += count

    def tell(self, now: int) -> int:
        """How many were given since this was last asked."""
        delta, self.untold, self.told_at = self.untold, 0, now
        return delta
