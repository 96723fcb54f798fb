"""The logical day: which date an instant belongs to, for a zone whose days begin at a boundary.

A room's evening goes on after midnight, so a day begins at the boundary (04:00), not at 00:00. Days are first of all
*windows*, half-open and without gap or overlap:

    start(day)   = the instant of `boundary` on that date in the zone, first reading (PEP 495, fold=0)
    window(day)  = [start(day), start(day + 1))          0, 23, 24, 25 ... hours long
    logical_day  = the day whose window holds the instant

Away from clock changes this is the date of the wall clock less the boundary. Taking the windows as the definition
makes the day monotonic by itself: a boundary inside the hour that autumn repeats cannot make it jump back. A date that
a zone never had (Pacific/Apia, 2011-12-30) has a window of length 0, holds no instant and is passed over by
`next_day` and `previous_day`. No rule here counts in units of 86,400 seconds.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from room.value import value

_ONE_DAY = timedelta(days=1)
_DAY_MS = 86_400_000
_LOST_DAY_MS = 43_200_000  # a lost date moves the clock by 24 h, summer time by 2 h at most: halfway tells them apart
# Found on some hosts, but no IANA names; right/ counts leap seconds.
_HOST_TREES = ("posix/", "right/", "posixrules", "localtime")


class UnknownZoneError(ValueError):
    """A name that is no IANA time zone."""


class BadBoundaryError(ValueError):
    """A boundary that is not a whole minute of a plain wall clock."""


@value(frozen=True, slots=True)
class Window:
    """The instants of one logical day, `start_ms` included and `end_ms` not, in ms since 1970 (UTC)."""

    start_ms: int
    end_ms: int

    @property
    def length_ms(self) -> int:
        return self.end_ms - self.start_ms

    def __contains__(self, at_ms: int) -> bool:
        return self.start_ms <= at_ms < self.end_ms


@dataclass(frozen=True, slots=True)
class DayRule:
    """How a zone's instants become days; instants are ms since 1970 (UTC), as the receiving server stamped them.

    Raises UnknownZoneError, BadBoundaryError.
    """

    zone: str
    boundary: time = time(4)
    _tz: ZoneInfo = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.boundary != time(self.boundary.hour, self.boundary.minute):
            raise BadBoundaryError(f"{self.boundary!r} must be a whole minute without a zone, as 04:00")
        object.__setattr__(self, "_tz", _zone(self.zone))

    def logical_day(self, at_ms: int) -> date:
        """The day whose window holds the instant; it never decreases as time goes on."""
        return _day_of(self._tz, self.boundary, at_ms // 1000)

    def credited_day(self, at_ms: int, last: date | None) -> date:
        """The day a check-in counts for, which is never before the `last` one credited, whatever the clock did."""
        day = self.logical_day(at_ms)
        return day if last is None else max(day, last)

    def window(self, day: date) -> Window:
        """The instants of that day; of length 0 for a date the zone never had."""
        return Window(self._start(day), self._start(day + _ONE_DAY))

    def next_day(self, day: date) -> date:
        """The first day after this one that has any instants."""
        return _following(self._tz, self.boundary, day)

    def end(self, day: date) -> int:
        """The instant at which that day ends."""
        return _begin(self._tz, self.boundary, day + _ONE_DAY) * 1000

    def previous_day(self, day: date) -> date:
        """The last day before this one that has any instants."""
        day -= _ONE_DAY
        while self._start(day) == self._start(day + _ONE_DAY):
            day -= _ONE_DAY
        return day

    def skipped(self, after: date, before: date) -> list[date]:
        """The dates strictly between the two that the zone never had, in order."""
        span = range(after.toordinal() + 1, before.toordinal())
        elapsed = self._start(before) - self._start(after + _ONE_DAY)
        if len(span) * _DAY_MS - elapsed < _LOST_DAY_MS:
            return []
        return [day for day in map(date.fromordinal, span) if not self.window(day).length_ms]

    def unsteady(self, year: int) -> list[date]:
        """The dates of that year on which the clock shows the boundary twice or never.

        Days stay in order even then, but begin at an instant that surprises people: to be warned of at start-up.
        """
        days = map(date.fromordinal, range(date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal() + 1))
        return [day for day in days if self._reading(day, 0).utcoffset() != self._reading(day, 1).utcoffset()]

    def _start(self, day: date) -> int:
        return _begin(self._tz, self.boundary, day) * 1000

    def _reading(self, day: date, fold: int) -> datetime:
        return _reading(self._tz, self.boundary, day, fold)


# A room asks for the same few days again and again, thousands of times in the second in which everybody checks in;
# what `zoneinfo` answers is remembered, since each time costs several microseconds.


@lru_cache(maxsize=1024)
def day_rule(zone: str, boundary: int) -> DayRule:
    """The rule of a zone whose days begin so many minutes after midnight; the same object each time.

    Raises UnknownZoneError.
    """
    return DayRule(zone, time(*divmod(boundary, 60)))


@lru_cache(maxsize=4096)
def _day_of(tz: ZoneInfo, boundary: time, at: int) -> date:
    """The day whose window holds a second since 1970."""
    day = datetime.fromtimestamp(at, tz).date()
    while at < _begin(tz, boundary, day):  # past midnight and before the boundary
        day -= _ONE_DAY
    while at >= _begin(tz, boundary, day + _ONE_DAY):  # the clock was put back over midnight, after the boundary
        day += _ONE_DAY
    return day


@lru_cache(maxsize=16_384)
def _begin(tz: ZoneInfo, boundary: time, day: date) -> int:
    """The second since 1970 at which a day begins."""
    return int(_reading(tz, boundary, day, 0).timestamp())


@lru_cache(maxsize=4096)
def _following(tz: ZoneInfo, boundary: time, day: date) -> date:
    """The first day after this one that has any instants."""
    day += _ONE_DAY
    while _begin(tz, boundary, day) == _begin(tz, boundary, day + _ONE_DAY):
        day += _ONE_DAY
    return day


def _reading(tz: ZoneInfo, boundary: time, day: date, fold: int) -> datetime:
    return datetime(day.year, day.month, day.day, boundary.hour, boundary.minute, tzinfo=tz, fold=fold)


@lru_cache(maxsize=1024)  # there are about 600 zones; zoneinfo itself keeps only 8 and would read files again
def _zone(name: str) -> ZoneInfo:
    if not name or name.startswith(_HOST_TREES):
        raise UnknownZoneError(f"{name!r} is not the name of a time zone, as Asia/Shanghai")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UnknownZoneError(f"{name!r} is not the name of a time zone, as Asia/Shanghai") from error
