"""The streak as a function of sets of days.

A day is *counted* (the member checked in), *kept* (it neither counts nor breaks), or missed. Days are kept that were
lost in travel, and those that are excused: the operator says so, or the room's stream did not run and its cadence asks
for nothing then. The streak is the number of counted days in the run of kept days that reaches today, or the day
before when today is still open. Nothing here is a counter, so a late change of any day is put right by computing
again. A new kind of day is one more set: joined to `counted` or to `kept`, and named in `_kinds`.
"""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from checkin.dayset import EMPTY, DaySet
from room.day import DayRule
from room.value import value

TRAVEL_MS = 36 * 3_600_000  # two check-ins this close are one effort, whatever dates a flight put between them


@value(frozen=True, slots=True, kw_only=True)
class Credited:
    """An accepted check-in: the day it was credited to, the receive stamp (ms since 1970) and the zone of the rule."""

    day: date
    at_ms: int
    zone: str


class Periods(Protocol):
    """Periods, one after the other: those of a day rule, or another kind (schedule.py)."""

    def previous_day(self, day: date, /) -> date:
        """The period before."""


@value(frozen=True, slots=True, kw_only=True)
class StreakDays:
    """All that a streak is made of; `today` is always `DayRule.credited_day(now, days.last)`."""

    done: DaySet = EMPTY
    bridged: DaySet = EMPTY
    excused: DaySet = EMPTY

    @property
    def counted(self) -> DaySet:
        return self.done

    @property
    def kept(self) -> DaySet:
        if self.bridged.bits or self.excused.bits:
            return self.done | self.bridged | self.excused
        return self.done

    @property
    def last(self) -> date | None:
        """The last day checked in, before which nothing is credited any more."""
        return self.done.last

    @property
    def total(self) -> int:
        """Days counted in all, which a break never takes away."""
        return len(self.counted)

    @property
    def best(self) -> int:
        """The longest streak there ever was."""
        return self.counted.longest_run(across=self.kept)

    def mark(self, day: date, bridged: Sequence[date] = ()) -> "StreakDays":
        """The days after a check-in on `day`, with the days that `bridge` found; a day done stays as it is."""
        lost = self.bridged | DaySet.of(bridged) if bridged else self.bridged
        return StreakDays(done=self.done.add(day), bridged=lost, excused=self.excused)

    def run(self, day: date) -> tuple[date, int]:
        """The day on which the run of kept days began that this one ends, and how many days count in it.

        The day after and 0 when the day itself is not kept.
        """
        kept = self.kept
        length = kept.run_ending(day)
        began = date.fromordinal(day.toordinal() - length + 1)
        return began, length if kept is self.done else self.done.count(began, day)

    def current(self, rule: Periods, today: date) -> int:
        """Days in a row up to today, or up to the day before while today is open; 0 when that one was missed."""
        today = self._not_before_last(today)
        kept = self.kept
        _, length = self.run(today if today in kept else rule.previous_day(today))
        return length

    def expires_at(self, rule: DayRule, today: date) -> int | None:
        """The instant (ms since 1970) at which the streak breaks if nothing more happens; None when there is none."""
        day, kept = self._not_before_last(today), self.kept
        if day not in self.done and not self.current(rule, day):
            return None
        while day in kept:
            day = rule.next_day(day)
        return rule.end(day)

    def month(self, year: int, month: int) -> list[tuple[date, str]]:
        """The days of a calendar month that are not missed, in order, each with its kind."""
        kinds = {day: kind for kind, days in self._kinds() for day in days.month(year, month)}
        return sorted(kinds.items())

    def _kinds(self) -> tuple[tuple[str, DaySet], ...]:
        """Every kind of day by its wire name; of two kinds of one day the later in this list is shown."""
        return ("excused", self.excused), ("bridged", self.bridged), ("done", self.done)

    def _not_before_last(self, today: date) -> date:
        last = self.done.last
        return today if last is None or last <= today else last


def bridge(rule: DayRule, last: Credited | None, mark: Credited) -> list[date]:
    """The days between two check-ins that must not break the streak, to be stored with the second one.

    These are the dates the zone never had, and after a change of zone within 36 hours every date in between. They are
    stored because the zone, or what is known about it, may be another one when the streak is computed again.
    """
    if last is None or mark.day.toordinal() - last.day.toordinal() <= 1:
        return []
    if mark.zone != last.zone and mark.at_ms - last.at_ms <= TRAVEL_MS:
        return [date.fromordinal(n) for n in range(last.day.toordinal() + 1, mark.day.toordinal())]
    return rule.skipped(last.day, mark.day)
