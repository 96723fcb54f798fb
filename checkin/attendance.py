"""What is kept of a member's check-ins: for each streak the days, and what cannot be told from days."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date

from checkin.dayset import EMPTY, DaySet
from checkin.imported import HistoryImported
from checkin.messages import Marked, Rewarded
from checkin.streak import Mark, StreakDays
from room.message import Event

RUNS = 12
"""Earlier runs of days whose steps are remembered: so far back an excuse may join runs without granting twice."""

MOVES = 3
"""Changes of zone that are remembered: as many as a month may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One streak: its days, the last check-in, and what was granted.

    ``at`` (ms since 1970) and ``zone`` are those of the last check-in, ``length`` the streak that it made (0 where
    nobody wrote it down); ``best`` is the longest streak there ever was; ``granted`` are the steps (by day) granted in
    the run of days that began on ``epoch``, ``past`` those of runs before it, ``totals`` those of the other ladder;
    ``moves`` are the instants at which the zone was another one than before. ``excused`` are the days before the last
    check-in on which no stream ran.
    """

    done: DaySet = EMPTY
    bridged: DaySet = EMPTY
    excused: DaySet = EMPTY
    at: int = 0
    zone: str = ""
    length: int = 0
    best: int = 0
    epoch: str = ""
    granted: tuple[int, ...] = ()
    past: tuple[tuple[str, tuple[int, ...]], ...] = ()
    totals: tuple[int, ...] = ()
    moves: tuple[int, ...] = ()

    @property
    def days(self) -> StreakDays:
        """The days as sets."""
        return StreakDays(done=self.done, bridged=self.bridged, excused=self.excused)

    def last(self, days: StreakDays) -> Mark | None:
        """The last check-in, given the days of this record."""
        return None if days.last is None else Mark(day=days.last, at_ms=self.at, zone=self.zone)

    def granted_in(self, epoch: str) -> tuple[int, ...]:
        """The steps granted already in the run that begins on that day, also while it was several runs."""
        return tuple(sorted({step for began, steps in self._runs for step in steps if began >= epoch}))

    def marked(self, event: Marked) -> Record:
        """The record with one more check-in."""
        days = self.days.mark(date.fromisoformat(event.day), _dates(event.bridged))
        began = event.began or first_day(days, date.fromisoformat(event.day)).isoformat()
        moved = bool(self.zone) and event.zone != self.zone
        return replace(
            self,
            done=days.done,
            bridged=days.bridged,
            excused=days.excused | DaySet.of(_dates(event.excused)),
            at=event.received,
            zone=event.zone,
            length=event.length,
            best=event.best,
            epoch=began,
            granted=self.granted_in(began),
            past=tuple(run for run in self._runs if run[0] < began and run[1])[-RUNS:],
            moves=(*self.moves, event.received)[-MOVES:] if moved else self.moves,
        )

    def rewarded(self, event: Rewarded) -> Record:
        """The record with one more step granted."""
        if event.by == "total":
            return replace(self, totals=(*self.totals, event.step))
        return replace(self, granted=(*self.granted, event.step))

    @property
    def _runs(self) -> tuple[tuple[str, tuple[int, ...]], ...]:
        return (*self.past, (self.epoch, self.granted))


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendance:
    """A member's section: a record for each streak he ever had, and his name at the last check-in, for boards."""

    name: str = ""
    streaks: dict[str, Record] = field(default_factory=dict)

    def of(self, streak: str) -> Record:
        """The record of a streak, empty where there is none."""
        return self.streaks.get(streak, _NONE)

    def after(self, event: Event) -> Attendance:
        """The section after a durable event; the same one when nothing in it changes."""
        match event:
            case Marked():
                return self._having(event.streak, self.of(event.streak).marked(event), name=event.user.name)
            case HistoryImported():
                return self._having(event.streak, imported(event), name=event.user.name)
            case Rewarded():
                return self._having(event.streak, self.of(event.streak).rewarded(event))
        return self

    def _having(self, streak: str, record: Record, name: str | None = None) -> Attendance:
        return Attendance(
            name=self.name if name is None else name,
            streaks={**self.streaks, streak: record},
        )


_NONE = Record()


def imported(event: HistoryImported) -> Record:
    """The record that an import sets up."""
    return Record(
        done=DaySet.from_json(event.days),
        bridged=DaySet.from_json(event.bridged),
        at=event.at,
        zone=event.zone,
        length=event.length,
        best=event.best,
        epoch=event.began,
        granted=event.granted,
        totals=event.totals,
    )


def first_day(days: StreakDays, day: date) -> date:
    """The day on which the run of kept days began that this day ends."""
    return date.fromordinal(day.toordinal() - days.kept.run_ending(day) + 1)


def _dates(days: tuple[str, ...] | None) -> Iterable[date]:
    return map(date.fromisoformat, days or ())
