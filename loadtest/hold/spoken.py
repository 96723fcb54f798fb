"""What a crowd that talks brings home: every message and every check-in, by its answer."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

_BUSY = 1010


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkin:
    """One check-in: when it was due, and how many seconds its receipt took; None when there was none."""

    at: float
    seconds: float | None


@dataclass(slots=True, kw_only=True)
class Spoken:
    """What became of all that was said: every message is in one of these, by its answer."""

    sent: int = 0
    accepted: int = 0
    shed: int = 0
    refused: Counter[int] = field(default_factory=Counter)
    held_back: int = 0
    closed: Counter[int] = field(default_factory=Counter)
    checkins: list[Checkin] = field(default_factory=list)
    refused_checkins: int = 0
    receipts_lost: int = 0

    @property
    def unanswered(self) -> int:
        """Messages that nothing was said about."""
        return self.sent - self.answered

    @property
    def heard(self) -> int:
        """Messages that were not sent away because the server is busy."""
        return self.answered - self.refused[_BUSY]

    @property
    def answered(self) -> int:
        """Messages that were shown, shed or refused."""
        return self.accepted + self.shed + self.refused.total()
