"""How many danmaku one person may send: a bucket of five, refilled by one every two seconds.

A bucket is kept as one number, the instant at which it will be full again (the "generic cell rate algorithm"): each
message moves it on by the time one message takes to refill, and there is room for another while it lies no further
ahead than a whole bucket takes. Full buckets need not be remembered.
"""

from __future__ import annotations

from effects.refusals import TooFast
from room.people import Role
from room.until import Until

REFILL_MS = 2_000
"""How long one message takes to refill for a member."""

BUCKET_MS = 5 * REFILL_MS
"""How long a whole bucket takes."""

MODERATORS = 5
"""How many times as fast, and as large, the buckets of moderators and above are."""


class Rates:
    """A room's buckets, in memory."""

    def __init__(self) -> None:
        self.full_at = Until()

    def check(self, user: str, role: Role, now: int) -> None:
        """Refuse a message for which the bucket has no room.

        Raises TooFast with the time until there is.
        """
        wait = max(self.full_at.of(user), now) + cost_ms(role) - BUCKET_MS - now
        if wait > 0:
            raise TooFast(retry_in=wait)

    def take(self, user: str, role: Role, now: int) -> None:
        """Take one message out of a bucket."""
        self.full_at.set(user, max(self.full_at.of(user), now) + cost_ms(role), now=now)


def cost_ms(role: Role) -> int:
    """How long one message of such a person takes to refill."""
    return REFILL_MS // MODERATORS if role >= Role.MODERATOR else REFILL_MS
