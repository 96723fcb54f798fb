"""What is set for one room, which every feature may read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from room.day import DayRule, day_rule

Cadence = Literal["daily", "live_day", "per_stream"]
"""What a check-in is expected for: every day, a day on which the room's stream ran for long enough, or each stream."""

LiveBy = Literal["platform", "picture"]
"""Who says whether the room's stream runs: the platform's back end, or that the host's picture comes in."""

STREAMS = 120
"""Streams that a room remembers: about four months of one an evening, in 4 KB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """A room's part of the same name: its face, its days, its modes and whether it is live.

    Instants are ms since 1970; ``boundary`` is minutes after midnight at which a logical day begins; ``streams`` are
    the last streams that ended, each with its first and last instant, and ``forgotten`` the number of those before
    them; ``live_since`` is when the one that runs began; ``stream`` is the platform's id of it, or of the last one;
    ``live_by`` is who said so, and ``picture_at`` the server where that picture came in ("": the only one).
    A day, or a stream, counts with ``live_minutes`` of streaming; ``dwell_seconds`` of presence go before a check-in.
    """

    made: bool = False
    title: str = ""
    host: str = ""
    zone: str = "UTC"
    boundary: int = 240
    language: Literal["en", "zh"] = "en"
    words: tuple[str, ...] = ()
    live: bool = False
    next_at: int | None = None
    ended_at: int | None = None
    live_since: int | None = None
    stream: str = ""
    live_by: LiveBy = "platform"
    picture_at: str = ""
    streams: tuple[tuple[int, int], ...] = ()
    forgotten: int = 0
    cadence: Cadence = "daily"
    live_minutes: int = 10
    dwell_seconds: int = 0
    slow_seconds: int = 0
    min_tier: int = 0
    members_only: bool = False
    emotes_only: bool = False
    hosts_only: bool = False
    frozen: bool = False
    guests_speak: bool = False

    @property
    def day_rule(self) -> DayRule:
        """The room's logical day."""
        return day_rule(self.zone, self.boundary)


@dataclass(frozen=True, slots=True, kw_only=True)
class Privacy:
    """What a member has set for himself, which every feature respects: no entrance, no streak shown to others."""

    entrance: bool = True
    hide_streak: bool = False
