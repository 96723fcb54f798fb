"""How much the platform may show in a room: a hundred at once, then twenty a second.

What it shows is never shed, and goes to every viewer in the batch with everything else: a hundred of the largest are a
batch of 400 KB, and a room's log holds 512. As with danmaku, one number is kept: the instant at which all may be shown
again.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.refusals import TooManyShown

REFILL_MS = 50
AT_ONCE = 100


@dataclass(slots=True)
class Allowance:
    """What a room may still show, in memory; ``full_at`` is in ms since 1970."""

    full_at: int = 0

    def check(self, now: int) -> None:
        """Raises TooManyShown with the time until there is room for one more."""
        wait = self._after(now) - now - AT_ONCE * REFILL_MS
        if wait > 0:
            raise TooManyShown(retry_in=wait)

    def note(self, now: int) -> None:
        """One more is shown."""
        self.full_at = self._after(now)

    def _after(self, now: int) -> int:
        full_at = self.full_at if self.full_at <= now + 2 * AT_ONCE * REFILL_MS else now  # else the clock was set back
        return max(full_at, now) + REFILL_MS
