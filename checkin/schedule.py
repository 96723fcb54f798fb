"""What a check-in is for, by the cadence of the room: periods, one after the other.

    daily        every logical day
    live_day     logical days on which the stream ran for long enough; the others break nothing
    per_stream   the room's streams, however many a day; those that were too short break nothing

Whatever a streak is made of, its arithmetic is that of periods (period.py); only here is it known when they are, which
of them ask for a check-in, and as which day they are shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from checkin.attendance import Record
from checkin.dayset import EMPTY, DaySet
from checkin.excuses import idle, streamed
from checkin.period import BEFORE_ALL, period_of, stream_of
from checkin.streak import Credited, StreakDays, bridge
from room.day import DayRule
from room.settings import Settings
from room.value import value

_ONE_DAY = timedelta(days=1)


@value(frozen=True, slots=True, kw_only=True)
class Days:
    """Every day asks for a check-in; ``rule`` says which instants it has, ``now`` is the instant asked about."""

    rule: DayRule
    settings: Settings
    now: int

    def periods(self, record: Record) -> StreakDays:
        """The periods of a record that this cadence counts."""
        return record.days

    def period(self, last: date | None) -> date:
        """The period that a check-in would be for, which is never before the last one."""
        day = self.rule.logical_day(self.now)
        return day if last is None or day > last else last

    def previous_day(self, period: date) -> date:
        """The period before."""
        return self.rule.previous_day(period)

    def begun_at(self, today: date) -> int:
        """The instant from which presence counts for today's period."""
        return self.rule.window(today).start_ms

    def asked(self, today: date) -> bool:
        """Whether one may check in now, ``today`` being the period of now."""
        return True

    def excused(self, days: DaySet) -> DaySet:
        """The periods that are excused when these days are."""
        return days

    def idle(self, last: date | None, today: date, said: DaySet) -> DaySet:
        """The periods that break nothing and are to be remembered of the member at his next check-in.

        ``last`` is his last one, ``said`` are the days that the operator excused.
        """
        return EMPTY

    def bridged(self, record: Record, days: StreakDays, today: date) -> list[date]:
        """The periods since the last check-in that were lost in travel, or never were."""
        last = record.done.last
        if last is None or today.toordinal() - last.toordinal() <= 1:
            return []
        credited = Credited(day=last, at_ms=record.at, zone=record.zone)
        return bridge(self.rule, credited, Credited(day=today, at_ms=self.now, zone=self.rule.zone))

    def expires_at(self, days: StreakDays, today: date) -> int | None:
        """The instant at which a streak breaks if nothing more happens; None when nobody knows it, or there is none."""
        return days.expires_at(self.rule, today)

    def total(self, record: Record, days: StreakDays) -> int:
        """Check-ins in all, ``days`` being the record's periods."""
        return len(days.done) + record.again

    def date_of(self, period: date) -> date:
        """The day that a period is shown as."""
        return period

    def number_of(self, period: date) -> int | None:
        """Which stream of the room the period is, where it is one."""
        return None

    def calendar(self, record: Record, days: StreakDays, today: date) -> StreakDays:
        """What is shown of a record as days, ``days`` being its periods with all that break nothing."""
        return days


class LiveDays(Days):
    """Only days on which the stream ran for long enough ask for a check-in, or runs now."""

    def asked(self, today: date) -> bool:
        return self.settings.live or today in streamed(self.settings, self.rule, self.now)

    def idle(self, last: date | None, today: date, said: DaySet) -> DaySet:
        return idle(self.settings, self.rule, self.now, last, today)

    def expires_at(self, days: StreakDays, today: date) -> int | None:
        """The end of today or of the day of the next stream that is planned, and nobody knows when none is."""
        if not days.current(self, today):
            return None
        if today not in days.done and self.asked(today):
            return self.rule.window(today).end_ms
        planned = self.settings.next_at
        day = None if planned is None else self.rule.logical_day(planned)
        return None if day is None or day <= today else self.rule.window(day).end_ms


@dataclass(frozen=True, slots=True)
class Stream:
    """One stream of a room; ``end`` is None while it runs."""

    period: date
    begin: int
    end: int | None

    def runs(self, now: int) -> bool:
        """Whether it runs at an instant."""
        return self.begin <= now and (self.end is None or now < self.end)


class Streams(Days):
    """Each stream asks for a check-in while it runs; between two of them, today's period is the stream to come.

    Streams that the room no longer remembers are known by their numbers only: whatever was missed among them is missed.
    """

    def periods(self, record: Record) -> StreakDays:
        return record.streams

    def period(self, last: date | None) -> date:
        running = self._running()
        if running is not None:
            return max(running.period, last or BEFORE_ALL)
        begun = sum(stream.begin <= self.now for stream in self._streams())
        return max(self._period(begun + 1), last or BEFORE_ALL)

    def previous_day(self, period: date) -> date:
        return period - _ONE_DAY

    def begun_at(self, today: date) -> int:
        running = self._running()
        return self.now if running is None else running.begin

    def asked(self, today: date) -> bool:
        return self._running() is not None

    def excused(self, days: DaySet) -> DaySet:
        """The streams that began on these days."""
        if not days:
            return EMPTY
        return DaySet.of(one.period for one in self._streams() if self.rule.logical_day(one.begin) in days)

    def idle(self, last: date | None, today: date, said: DaySet) -> DaySet:
        """Streams that were too short, and those excused, since the room will not remember when they were."""
        if last is None:
            return EMPTY
        least = self.settings.live_minutes * 60_000
        ended = (one for one in self._streams() if one.end is not None and last < one.period < today)
        return DaySet.of(one.period for one in ended if (one.end or 0) - one.begin < least) | self.excused(said)

    def bridged(self, record: Record, days: StreakDays, today: date) -> list[date]:
        return []

    def expires_at(self, days: StreakDays, today: date) -> int | None:
        """Nobody knows when a stream will have ended."""
        return None

    def total(self, record: Record, days: StreakDays) -> int:
        return record.total

    def date_of(self, period: date) -> date:
        """The day on which the stream began; of one that is to come, or forgotten, the day it is now."""
        begin = next((one.begin for one in self._streams() if one.period == period), self.now)
        return self.rule.logical_day(begin)

    def number_of(self, period: date) -> int | None:
        return stream_of(period)

    def calendar(self, record: Record, days: StreakDays, today: date) -> StreakDays:
        """The days checked in; what was missed are the days of streams that were, and no other day asked for any."""
        shown, last = record.days, self.rule.logical_day(self.now)
        missed = DaySet.of(
            self.rule.logical_day(one.begin)
            for one in self._streams()
            if one.period < today and one.period not in days.kept
        )
        free = EMPTY if shown.done.first is None else DaySet.span(shown.done.first, last - _ONE_DAY) - missed
        return replace(shown, excused=shown.excused | free)

    def _running(self) -> Stream | None:
        return next((one for one in self._streams() if one.runs(self.now)), None)

    def _streams(self) -> Iterator[Stream]:
        """The streams that the room remembers, the oldest first."""
        number = 0
        for number, (begin, end) in enumerate(self.settings.streams, 1):
            yield Stream(self._period(number), begin, end)
        if self.settings.live_since is not None:
            yield Stream(self._period(number + 1), self.settings.live_since, None)

    def _period(self, number: int) -> date:
        """The period of the n-th stream of those that are remembered."""
        return period_of(self.settings.forgotten + number)


def scheduled(settings: Settings, rule: DayRule, now: int) -> Days:
    """The periods of a room as it is set, in days of this rule, at an instant (ms since 1970)."""
    return _KINDS[settings.cadence](rule=rule, settings=settings, now=now)


_KINDS = {"daily": Days, "live_day": LiveDays, "per_stream": Streams}
