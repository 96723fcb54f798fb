"""What a streak is: whose days it counts by, what a check-in earns, which lengths are celebrated."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from checkin.ladder import LADDER, TOTAL_LADDER, Ladder, StepDef
from checkin.messages import Measure
from room.day import DayRule, UnknownZoneError
from room.live import Room
from room.wording import said

LENGTHS = (7, 30, 100, 365)
"""Lengths of a streak that the whole room hears of."""

TOTALS = (100, 365, 1_000)
"""Numbers of check-ins that the whole room hears of; no break takes them away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreakDef:
    """A streak: its days are those of the room (all share one evening), or of each user's own zone where it is known.

    Each check-in earns ``points`` and ``qualifying`` score. ``ladder`` goes by days in a row, each step once in every
    streak; ``total_ladder`` by check-ins in all, each step once ever. Raises ValueError when something is out of order.
    """

    name: str
    zone: Literal["room", "user"] = "room"
    ladder: tuple[StepDef, ...] = LADDER
    total_ladder: tuple[StepDef, ...] = TOTAL_LADDER
    points: int = 10
    qualifying: int = 10
    lengths: tuple[int, ...] = LENGTHS
    totals: tuple[int, ...] = TOTALS
    steps: Ladder = field(init=False, repr=False, compare=False)
    total_steps: Ladder = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z0-9_-]{1,64}", self.name):
            raise ValueError(f"streak {self.name!r}: a name has 1 to 64 of a-z, 0-9, _ and -")
        if self.zone not in ("room", "user"):
            raise ValueError(f"streak {self.name!r}: zone must be room or user")
        if self.points < 0 or self.qualifying < 0:
            raise ValueError(f"streak {self.name!r}: points and qualifying must not be negative")
        if min((*self.lengths, *self.totals), default=1) < 1:
            raise ValueError(f"streak {self.name!r}: lengths and totals must be 1 or more")
        object.__setattr__(self, "steps", Ladder(self.ladder))
        object.__setattr__(self, "total_steps", Ladder(self.total_ladder))
        if doubles := sorted(self.steps.ids & self.total_steps.ids):
            raise ValueError(f"streak {self.name!r}: two rewards of the same id: {', '.join(doubles)}")

    def ladder_by(self, by: Measure) -> Ladder:
        """The ladder that goes by days in a row, or by check-ins in all."""
        return self.total_steps if by == "total" else self.steps

    def next(self, length: int, language: str) -> Mapping[str, object] | None:
        """The step ahead of a length, and how many days are missing; None on top of the ladder."""
        step = self.steps.next(length)
        if step is None:
            return None
        return {"day": step.day, "title": said(step.reward.title, language), "in": step.day - length}

    def medals(self, granted: Sequence[int], totals: Sequence[int]) -> list[str]:
        """The ids of the medals of these steps, the highest first; those of the streak go before those in all."""
        ladders = (self.steps, granted), (self.total_steps, totals)
        reached = [ladder.at(day) for ladder, days in ladders for day in sorted(days, reverse=True)]
        return [step.reward.medal.id for step in reached if step is not None and step.reward.medal is not None]

    def rule(self, room: Room, zone: str | None) -> DayRule:
        """The days of somebody whose own zone is this one, as far as he told it and it is one."""
        rule = room.settings.day_rule
        if self.zone == "room" or zone is None or room.settings.cadence == "per_stream":
            return rule
        try:
            return DayRule(zone, rule.boundary)
        except UnknownZoneError:
            return rule


STREAKS = (StreakDef(name="daily"),)
"""The streaks of a room; the first is the one that is meant when none is named."""


def crossed(marks: Iterable[int], before: int, after: int) -> list[int]:
    """The marks that a number has passed on its way, in order."""
    if before >= after:
        return []
    passed = [mark for mark in marks if before < mark <= after]
    return sorted(set(passed)) if passed else passed
