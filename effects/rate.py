"""How many danmaku one person may send: a bucket of five, refilled by one every two seconds."""

from __future__ import annotations

from effects.refusals import TooFast
from room.buckets import Buckets
from room.people import Role

REFILL_MS = 2_000
"""How long one message takes to refill for a member."""

BUCKET_MS = 5 * REFILL_MS
"""How long a whole bucket takes."""

MODERATORS = 5
"""How many times as fast, and as large, the buckets of moderators and above are."""


class Rates:
    """A room's buckets, in memory."""

    def __init__(self) -> None:
        self.buckets = Buckets(BUCKET_MS)

    def check(self, user: str, role: Role, now: int) -> None:
        """Refuse a message for which the bucket has no room.

        Raises TooFast with the time until there is.
        """
        wait = self.buckets.wait(user, cost_ms(role), now)
        if wait > 0:
            raise TooFast(retry_in=wait)

    def take(self, user: str, role: Role, now: int) -> None:
        """Take one message out of a bucket."""
        self.buckets.take(user, cost_ms(role), now)


def cost_ms(role: Role) -> int:
    """How long one message of such a person takes to refill."""
    return REFILL_MS // MODERATORS if role >= Role.MODERATOR else REFILL_MS
