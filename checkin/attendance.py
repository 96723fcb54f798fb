"""What is kept of a member's check-ins: for each streak the days, and what cannot be told from days."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import field, replace
from datetime import date

from checkin.dayset import EMPTY, DaySet
from checkin.imported import HistoryImported
from checkin.messages import Marked, Rewarded
from checkin.period import of_streams
from checkin.streak import Credited, StreakDays
from room.message import Event
from room.settings import Cadence
from room.value import value

Runs = tuple[tuple[str, tuple[int, ...]], ...]
"""Runs of days by the day on which they began, the earliest first, each with steps granted in it."""

MOVES = 3
"""Changes of zone that are remembered: as many as a month may have."""


@value(frozen=True, slots=True, kw_only=True)
class Record:
    """One streak: its days, the last check-in, and what was granted.

    ``at`` (ms since 1970) and ``zone`` are those of the last check-in, ``length`` the streak that it made (0 where
    nobody wrote it down); ``best`` is the longest streak there ever was; ``granted`` are the steps (by day) granted in
    the run of days that began on ``epoch``, ``past`` those of runs before it, ``totals`` those of the other ladder;
    ``moves`` are the instants at which the zone was another one than before. ``excused`` are the days before the last
    check-in on which no stream ran.

    Where each stream asks for a check-in, ``attended`` are the streams, as periods (schedule.py), and ``spared`` those
    that broke nothing; their days are in ``done``, and ``again`` counts check-ins on days that were done before.
    """

    done: DaySet = EMPTY
    bridged: DaySet = EMPTY
    excused: DaySet = EMPTY
    attended: DaySet = EMPTY
    spared: DaySet = EMPTY
    again: int = 0
    at: int = 0
    zone: str = ""
    length: int = 0
    best: int = 0
    epoch: str = ""
    granted: tuple[int, ...] = ()
    past: Runs = ()
    totals: tuple[int, ...] = ()
    moves: tuple[int, ...] = ()

    def to_json(self) -> dict[str, object]:
        """As it is kept: without what most records do not have."""
        kept: dict[str, object] = {
            "done": self.done.to_json(),
            "at": self.at,
            "zone": self.zone,
            "length": self.length,
            "best": self.best,
            "epoch": self.epoch,
            "granted": self.granted,
        }
        for name, days in (("bridged", self.bridged), ("excused", self.excused)):
            if days.bits:
                kept[name] = days.to_json()
        if self.attended.bits or self.again or self.spared.bits:
            kept |= {"attended": self.attended.to_json(), "spared": self.spared.to_json(), "again": self.again}
        if self.past or self.totals or self.moves:
            kept |= {"past": self.past, "totals": self.totals, "moves": self.moves}
        return kept

    @property
    def days(self) -> StreakDays:
        """The days as sets."""
        return StreakDays(done=self.done, bridged=self.bridged, excused=self.excused)

    @property
    def streams(self) -> StreakDays:
        """The streams as sets of periods."""
        return StreakDays(done=self.attended, excused=self.spared)

    def by(self, cadence: Cadence) -> StreakDays:
        """What a cadence counts."""
        return self.streams if cadence == "per_stream" else self.days

    @property
    def total(self) -> int:
        """Check-ins in all."""
        return self.days.total + self.again

    @property
    def last(self) -> Credited | None:
        """The last check-in."""
        day = self.done.last
        return None if day is None else Credited(day=day, at_ms=self.at, zone=self.zone)

    @property
    def granted_ever(self) -> bool:
        """Whether any step was granted in the last run of days, or for check-ins in all."""
        return bool(self.granted or self.totals)

    def granted_in(self, epoch: str) -> tuple[int, ...]:
        """The steps granted already in the run that begins on that day, also while it was several runs.

        Where days were counted before and streams are now, or the other way round, what was granted then is not again.
        """
        if not self.past:
            same = self.epoch >= epoch or of_streams(self.epoch) != of_streams(epoch)
            return self.granted if same else ()
        joined = [steps for began, steps in self._runs if began >= epoch or of_streams(began) != of_streams(epoch)]
        return joined[0] if len(joined) == 1 else tuple(sorted({step for steps in joined for step in steps}))

    def marked(self, event: Marked) -> Record:
        """The record with one more check-in."""
        streamed = self if event.stream is None else self._with_stream(event, event.period)
        done = self.done.add(date.fromisoformat(event.day))
        bridged = self.bridged | DaySet.of(_dates(event.bridged)) if event.bridged else self.bridged
        excused = self.excused
        if event.excused and event.stream is None:
            excused |= DaySet.of(_dates(event.excused))
        began = event.began or StreakDays(done=done, bridged=bridged, excused=excused).run(event.period)[0].isoformat()
        moved = self.zone not in (event.zone, "")
        return Record(  # on the path of every check-in: spelled out, since `replace` takes three times as long
            done=done,
            bridged=bridged,
            excused=excused,
            attended=streamed.attended,
            spared=streamed.spared,
            again=streamed.again,
            at=event.received,
            zone=event.zone,
            length=event.length,
            best=event.best,
            epoch=began,
            granted=self.granted_in(began),
            past=self._before(began),
            totals=self.totals,
            moves=(*self.moves, event.received)[-MOVES:] if moved else self.moves,
        )

    def _with_stream(self, event: Marked, period: date) -> Record:
        day = date.fromisoformat(event.day)
        return replace(
            self,
            attended=self.attended.add(period),
            spared=self.spared | DaySet.of(_dates(event.excused)),
            again=self.again + (day in self.done),
        )

    def rewarded(self, event: Rewarded) -> Record:
        """The record with one more step granted."""
        streak = event.by == "streak"
        return Record(  # spelled out as in `marked`
            done=self.done,
            bridged=self.bridged,
            excused=self.excused,
            attended=self.attended,
            spared=self.spared,
            again=self.again,
            at=self.at,
            zone=self.zone,
            length=self.length,
            best=self.best,
            epoch=self.epoch,
            granted=(*self.granted, event.step) if streak else self.granted,
            past=self.past,
            totals=self.totals if streak else (*self.totals, event.step),
            moves=self.moves,
        )

    def _before(self, began: str) -> Runs:
        """The runs before the one that began on a day, each with the steps that no later one was granted."""
        if self.epoch == began or not (self.past or self.granted):
            return self.past
        alike = of_streams(began)
        return latest(run for run in self._runs if run[0] < began and of_streams(run[0]) == alike)

    @property
    def _runs(self) -> Runs:
        return (*self.past, (self.epoch, self.granted))


@value(frozen=True, slots=True, kw_only=True)
class Attendance:
    """A member's section: a record for each streak he ever had, and his name at the last check-in, for boards."""

    name: str = ""
    streaks: dict[str, Record] = field(default_factory=dict)

    def to_json(self) -> dict[str, object]:
        """As it is kept: fields of records that hold nothing are left out, as most do."""
        return {"name": self.name, "streaks": {name: record.to_json() for name, record in self.streaks.items()}}

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
        past=event.past,
        totals=event.totals,
    )


def latest(runs: Iterable[tuple[str, Iterable[int]]]) -> Runs:
    """Runs, the earliest first, without the steps that a later one of them was granted too.

    An excuse joins a run with all that came after it, so where a step was granted last is all that need be known.
    """
    when = {step: began for began, steps in runs for step in steps}
    return tuple((began, tuple(sorted(s for s in when if when[s] == began))) for began in sorted(set(when.values())))


def _dates(days: tuple[str, ...] | None) -> Sequence[date]:
    return [date.fromisoformat(day) for day in days] if days else ()
