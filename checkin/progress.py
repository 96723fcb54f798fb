"""Where a member stands with one streak at one instant: what every answer about it is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from checkin.attendance import Record
from checkin.definition import StreakDef
from checkin.streak import StreakDays
from room.day import DayRule


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """A streak's definition, the member's record of it with its days, and ``today``, the day of the instant."""

    streak: StreakDef
    record: Record
    days: StreakDays
    rule: DayRule
    today: date

    @classmethod
    def at(cls, now: int, streak: StreakDef, record: Record, rule: DayRule) -> Progress:
        """The progress at an instant (ms since 1970); today is never before the last day credited."""
        days = record.days
        return cls(streak=streak, record=record, days=days, rule=rule, today=rule.credited_day(now, days.last))

    @property
    def done(self) -> bool:
        """Whether today is credited already."""
        return self.today in self.days.done

    @property
    def current(self) -> int:
        """Days in a row, up to today or, while today is open, up to the day before."""
        return self.days.current(self.rule, self.today)

    @property
    def expires_at(self) -> int | None:
        """The instant at which the streak breaks if nothing more happens; None when there is none."""
        return self.days.expires_at(self.rule, self.today)

    def next(self, current: int) -> Mapping[str, object] | None:
        """The step ahead of a length, and how many days are missing; None on top of the ladder."""
        step = self.streak.steps.next(current)
        if step is None:
            return None
        return {"day": step.day, "title": step.reward.title, "in": step.day - current}

    def numbers(self) -> Mapping[str, object]:
        """Current, best, total and the step ahead."""
        current = self.current
        return {
            "current": current,
            "best": self.record.best,
            "total": self.days.total,
            "next": self.next(current),
        }
