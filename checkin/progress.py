"""Where a member stands with one streak at one instant: what every answer about it is made of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from checkin.attendance import Record
from checkin.dayset import EMPTY, DaySet
from checkin.definition import StreakDef
from checkin.excuses import Excuses
from checkin.schedule import Days, scheduled
from checkin.streak import StreakDays
from room.day import DayRule
from room.settings import Settings
from room.value import value

PLAIN = Settings()
NOTHING_EXCUSED = Excuses()


@value(frozen=True, slots=True, kw_only=True)
class Progress:
    """A streak's definition, the member's record of it, and ``today``, the period of the instant.

    ``days`` are the record's periods by the room's ``schedule`` with all that are excused here and now, of which
    ``idle`` are to be remembered at the next check-in. ``settings`` and ``excuses`` are the room's.
    """

    streak: StreakDef
    record: Record
    days: StreakDays
    schedule: Days
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
        """The progress at an instant (ms since 1970), in days of a rule; today is never before the last credited."""
        schedule = scheduled(settings, rule, now)
        days = schedule.periods(record)
        last = days.done.last
        today = schedule.period(last)
        idle = schedule.idle(last, today, excuses.days)
        if idle.bits or excuses.days.bits:
            excused = days.excused | schedule.excused(excuses.days) | idle
            days = StreakDays(done=days.done, bridged=days.bridged, excused=excused)
        return cls(
            streak=streak,
            record=record,
            days=days,
            schedule=schedule,
            today=today,
            now=now,
            settings=settings,
            excuses=excuses,
            idle=idle,
        )

    @property
    def done(self) -> bool:
        """Whether today is credited already."""
        return self.today in self.days.done

    @property
    def current(self) -> int:
        """Days in a row, up to today or, while today is open, up to the day before."""
        return self.days.current(self.schedule, self.today)

    @property
    def best(self) -> int:
        """The longest streak there ever was, as far as excuses have joined what had broken."""
        return max(self.record.best, self.days.best) if self.days.excused.bits else self.record.best

    @property
    def rule(self) -> DayRule:
        """The days that instants are in."""
        return self.schedule.rule

    @property
    def day(self) -> date:
        """The day that today's check-in is shown on."""
        return self.schedule.date_of(self.today)

    @property
    def total(self) -> int:
        """Check-ins in all."""
        return self.schedule.total(self.record, self.days)

    @property
    def calendar(self) -> StreakDays:
        """The record as days."""
        return self.schedule.calendar(self.record, self.days, self.today)

    @property
    def expires_at(self) -> int | None:
        """The instant at which the streak breaks if nothing more happens; None when there is none, or nobody knows."""
        return self.schedule.expires_at(self.days, self.today)

    @property
    def asked(self) -> bool:
        """Whether one may check in now."""
        return self.schedule.asked(self.today)

    @property
    def medals(self) -> list[str]:
        """The ids of the medals that shine, the highest first: those of this streak while it is alive, and of all."""
        granted = self.record.granted
        return self.streak.medals(granted if granted and self.current else (), self.record.totals)

    def wait(self, since: int | None) -> int:
        """Milliseconds until he who is here since an instant has been here for long enough, today's part alone."""
        wanted = self.settings.dwell_seconds * 1000
        if not wanted:
            return 0
        begun = self.now if since is None else max(since, self.schedule.begun_at(self.today))
        return max(0, wanted - (self.now - begun))

    def numbers(self) -> Mapping[str, object]:
        """Current, best, total and the step ahead."""
        current = self.current
        return {
            "current": current,
            "best": self.best,
            "total": self.total,
            "next": self.streak.next(current, self.settings.language),
        }
