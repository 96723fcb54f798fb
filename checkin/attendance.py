"""What is kept of a member's check-ins: for each streak the days, and what cannot be told from days."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

from checkin.dayset import DaySet
from checkin.messages import Marked, Rewarded
from checkin.streak import Mark, StreakDays
from room.message import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One streak: its days as stored bitmaps, the last check-in, and what was granted.

    ``at`` (ms since 1970) and ``zone`` are those of the last check-in; ``best`` is the longest streak there ever was;
    ``granted`` are the steps (by day) granted in the run of days that began on ``epoch``.
    """

    done: dict[str, str] = field(default_factory=dict)
    bridged: dict[str, str] = field(default_factory=dict)
    at: int = 0
    zone: str = ""
    best: int = 0
    epoch: str = ""
    granted: tuple[int, ...] = ()

    @property
    def days(self) -> StreakDays:
        """The days as sets."""
        return StreakDays(done=DaySet.from_json(self.done), bridged=DaySet.from_json(self.bridged))

    def last(self, days: StreakDays) -> Mark | None:
        """The last check-in, given the days of this record."""
        return None if days.last is None else Mark(day=days.last, at_ms=self.at, zone=self.zone)

    def granted_in(self, epoch: date) -> tuple[int, ...]:
        """The steps granted already in the run that began on that day."""
        return self.granted if self.epoch == epoch.isoformat() else ()

    def marked(self, event: Marked) -> Record:
        """The record with one more check-in."""
        day = date.fromisoformat(event.day)
        days = self.days.mark(day, map(date.fromisoformat, event.bridged or ()))
        epoch = first_day(days, day)
        return Record(
            done=days.done.to_json(),
            bridged=days.bridged.to_json(),
            at=event.received,
            zone=event.zone,
            best=event.best,
            epoch=epoch.isoformat(),
            granted=self.granted_in(epoch),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendance:
    """A member's section: a record for each streak he ever had."""

    streaks: dict[str, Record] = field(default_factory=dict)

    def of(self, streak: str) -> Record:
        """The record of a streak, empty where there is none."""
        return self.streaks.get(streak, _NONE)

    def after(self, event: Event) -> Attendance:
        """The section after a durable event; the same one when nothing in it changes."""
        match event:
            case Marked():
                return self._having(event.streak, self.of(event.streak).marked(event))
            case Rewarded():
                record = self.of(event.streak)
                return self._having(event.streak, replace(record, granted=(*record.granted, event.step)))
        return self

    def _having(self, streak: str, record: Record) -> Attendance:
        return Attendance(streaks={**self.streaks, streak: record})


_NONE = Record()


def first_day(days: StreakDays, day: date) -> date:
    """The day on which the run of kept days began that this day ends."""
    return date.fromordinal(day.toordinal() - days.kept.run_ending(day) + 1)
