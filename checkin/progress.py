"""Where a member stands with one streak at one instant: what every answer about it is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from checkin.attendance import Record
from checkin.dayset import EMPTY, DaySet
from checkin.definition import StreakDef
from checkin.excuses import Excuses, idle, streamed
from checkin.streak import StreakDays
from room.day import DayRule
from room.settings import Settings

PLAIN = Settings()
NOTHING_EXCUSED = Excuses()


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """A streak's definition, the member's record of it with its days, and ``today``, the day of the instant.

    ``days`` has all days that are excused here and now, of which ``idle`` are those without a stream since the last
    check-in. ``settings`` and ``excuses`` are the room's.
    """

    streak: StreakDef
    record: Record
    days: StreakDays
    rule: DayRule
    today: date
    now: int
    settings: Settings
    excuses: Excuses = NOTHING_EXCUSED
    idle: DaySet = EMPTY

    @classmethod
    def at(
        cls,
        now: int,
        streak: StreakDef,
        record: Record,
        rule: DayRule,
        settings: Settings = PLAIN,
        excuses: Excuses = NOTHING_EXCUSED,
    ) -> Progress:
        """The progress at an instant (ms since 1970); today is never before the last day credited."""
        days = record.days
        today = rule.credited_day(now, days.last)
        without = idle(settings, rule, now, days.last, today)
        excused = days.excused | excuses.days | without
        return cls(
            streak=streak,
            record=record,
            days=replace(days, excused=excused) if excused else days,
            rule=rule,
            today=today,
            now=now,
            settings=settings,
            excuses=excuses,
            idle=without,
        )

    @property
    def done(self) -> bool:
        """Whether today is credited already."""
        return self.today in self.days.done

    @property
    def current(self) -> int:
        """Days in a row, up to today or, while today is open, up to the day before."""
        return self.days.current(self.rule, self.today)

    @property
    def best(self) -> int:
        """The longest streak there ever was, as far as excuses have joined what had broken."""
        return max(self.record.best, self.days.best) if self.days.excused else self.record.best

    @property
    def expires_at(self) -> int | None:
        """The instant at which the streak breaks if nothing more happens; None when there is none.

        Where only days with a stream ask for a check-in, that is the end of today or of the day of the next stream
        that is planned, and nobody knows when none is.
        """
        if self.settings.cadence == "daily" or not self.current:
            return self.days.expires_at(self.rule, self.today)
        if not self.done and self.asked:
            return self.rule.window(self.today).end_ms
        planned = self.settings.next_at
        day = None if planned is None else self.rule.logical_day(planned)
        return None if day is None or day <= self.today else self.rule.window(day).end_ms

    @property
    def asked(self) -> bool:
        """Whether today is a day for a check-in: every day, or one whose stream runs or has run for long enough."""
        if self.settings.cadence == "daily" or self.settings.live:
            return True
        return self.today in streamed(self.settings, self.rule, self.now)

    def wait(self, since: int | None) -> int:
        """Milliseconds until he who is here since an instant has been here for long enough, today's part alone."""
        wanted = self.settings.dwell_seconds * 1000
        begun = self.now if since is None else max(since, self.rule.window(self.today).start_ms)
        return max(0, wanted - (self.now - begun))

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
            "best": self.best,
            "total": self.days.total,
            "next": self.next(current),
        }
