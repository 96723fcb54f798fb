"""A circuit breaker: whoever fails again and again is left alone for a while, then tried with one request at a time.

closed ─ 5 failures in a row ─> open ─ after a pause ─> one probe ─ success ─> closed
                                  ^──── a longer pause ────┘ failure
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

FAILURES = 5
"""In a row, until it opens."""


@dataclass(slots=True)
class Breaker:
    """Instants are seconds on a clock that never goes back; ``pause`` is how long it stays open the n-th time."""

    pause: Callable[[int], float]
    failures: int = 0
    openings: int = 0
    until: float | None = None
    probing: bool = False

    @property
    def is_open(self) -> bool:
        """Whether nothing but a probe goes through."""
        return self.until is not None

    def wait(self, now: float) -> float:
        """Seconds until the next probe may go out."""
        return max(0.0, (self.until or 0.0) - now)

    def admits(self, now: float) -> bool:
        """Whether a request may go out; while it is open this is a probe, of which there is one at a time."""
        if self.until is None:
            return True
        if self.probing or now < self.until:
            return False
        self.probing = True
        return True

    def succeeded(self) -> None:
        """A request was answered: all is well."""
        self.failures, self.openings, self.until, self.probing = 0, 0, None, False

    def failed(self, now: float, *, probe: bool) -> None:
        """A request was not answered; those that were under way when it opened say nothing new."""
        self.failures += 1
        if probe or (self.until is None and self.failures >= FAILURES):
            self.until, self.probing = now + self.pause(self.openings), False
            self.openings += 1
