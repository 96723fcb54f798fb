"""Four hundred days of two hundred members against a model that walks day by day and knows no bitmaps.

The histories go over two changes of summer time, a date that one zone never had (Samoa, 2011-12-30), a move from one
zone to another, and excuses given before, on and long after their days.
"""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from checkin.attendance import Attendance
from checkin.definition import StreakDef
from checkin.excuses import Excuses
from checkin.feature import Checkin
from checkin.messages import PART, Excuse, Mark, Marked
from room.context import Context
from room.house import House
from room.live import Room
from room.people import Actor, Standing
from room.row import Row, member
from room.turn import run
from tests.checkin.evenings import HOUR, ROOM
from tests.dialogue import OPERATOR

FIRST = date(2011, 6, 1)
DAYS = 400
ZONES = ("Pacific/Apia", "Europe/Berlin", "America/New_York", "Pacific/Auckland", "Asia/Shanghai")
NEVER = date(2011, 12, 30)
"""The date that Samoa left out when it moved over the date line."""

FEATURE = Checkin([StreakDef(name="daily", zone="user")])
HOUSE = House([FEATURE], standing=lambda _: Standing())
ONE = timedelta(days=1)


@dataclass
class Walked:
    """A member as plain sets of dates."""

    zone: str
    done: set[date] = field(default_factory=set)
    kept: set[date] = field(default_factory=set)
    at: int = 0
    marked_in: str = ""

    def day(self, at: int) -> date:
        return (datetime.fromtimestamp(at / 1000, ZoneInfo(self.zone)).replace(tzinfo=None) - timedelta(hours=4)).date()

    def there_is(self, day: date) -> bool:
        return not (self.zone == "Pacific/Apia" and day == NEVER)

    def mark(self, at: int) -> None:
        day, last = self.day(at), max(self.done, default=None)
        between = [] if last is None else [last + n * ONE for n in range(1, (day - last).days)]
        travelled = self.marked_in not in ("", self.zone) and at - self.at <= 36 * HOUR
        self.kept |= {one for one in between if travelled or not self.there_is(one)}
        self.done.add(day)
        self.at, self.marked_in = at, self.zone

    def current(self, today: date, excused: set[date]) -> int:
        """Days in a row, looked at one after the other."""
        whole = self.done | self.kept | excused
        day, length = today, 0
        if day not in whole:
            day -= ONE
            while not self.there_is(day):
                day -= ONE
        while day in whole:
            length += day in self.done
            day -= ONE
        return length

    def best(self, excused: set[date]) -> int:
        whole, best, length = self.done | self.kept | excused, 0, 0
        for n in range(DAYS + 2):
            day = FIRST + n * ONE
            length = length + (day in self.done) if day in whole else 0
            best = max(best, length)
        return best


Given = list[tuple[date, set[date], Row]]
"""On which day of the history which days were excused, and the part of the room after it."""


def excuses(random: Random) -> Given:
    """A dozen, in the order in which they were given."""
    given: Given = []
    room = Room(id=ROOM)
    for said in sorted(FIRST + random.randrange(DAYS) * ONE for _ in range(12)):
        first = said + random.randrange(-30, 10) * ONE
        last = first + random.randrange(3) * ONE
        command = Excuse(room=ROOM, first=first.isoformat(), last=last.isoformat(), reason="outage")
        now = int(datetime(said.year, said.month, said.day, 5, tzinfo=ZoneInfo("UTC")).timestamp() * 1000)
        outcome = run(HOUSE, command, context(room, OPERATOR, PART, now))
        if outcome.change is not None:
            room.rows[PART] = outcome.change.row
            given.append((said, {first + n * ONE for n in range((last - first).days + 1)}, outcome.change.row))
    return given


def context(room: Room, actor: Actor, subject: str, now: int) -> Context:
    return Context(room=room, actor=actor, row=room.row(subject), now=now, id=str(now), house=HOUSE)


def live(number: int, random: Random, given: Given) -> None:
    """One member's four hundred days, compared at every check-in."""
    actor = Actor(id=f"u{number}", name="", zone=random.choice(ZONES))
    room, walked, excused = Room(id=ROOM), Walked(zone=actor.zone or ""), set[date]()
    faithful, moves_on, subject = random.choice((0.2, 0.5, 0.8, 0.98)), random.randrange(DAYS), member(actor.id)
    waiting = list(given)
    for n in range(DAYS):
        day = FIRST + n * ONE
        while waiting and waiting[0][0] <= day:
            _, more, room.rows[PART] = waiting.pop(0)
            excused |= more
        if n == moves_on:
            actor = replace(actor, zone=random.choice(ZONES))
        now = instant(day, actor.zone or "", random.randrange(7 * 60, 24 * 60 if n % 2 else 26 * 60))
        moving = walked.marked_in not in ("", actor.zone)
        if random.random() > faithful or not exists(day, actor.zone) or (moving and now - walked.at < 30 * HOUR):
            continue
        walked.zone = actor.zone or ""
        if walked.done and walked.day(now) <= max(walked.done):
            continue
        if n % 4 == 0:
            before = HOUSE.card(context(room, actor, subject, now), actor.id)["streak"]
            assert isinstance(before, dict)
            expected = walked.current(walked.day(now), excused), len(walked.done)
            assert (before["current"], before["total"]) == expected, (number, day)
        marked = check_in(room, context(room, actor, subject, now))
        walked.mark(now)
        assert marked.day == walked.day(now).isoformat(), (number, day)
        assert marked.length == walked.current(walked.day(now), excused), (number, day)
        if n % 10 == 0:
            assert marked.best == walked.best(excused), (number, day)
    assert set(room.row(subject).of(Attendance).of("daily").days.done) == walked.done


def check_in(room: Room, context: Context) -> Marked:
    """The check-in and its row, without the rest of a turn, which is tested elsewhere and takes twice the time."""
    marked, *others = FEATURE.decide(Mark(room=ROOM), context)
    section: Attendance | Excuses = context.row.of(Attendance)
    for event in (marked, *others):
        section = FEATURE.evolve(section, event)
    room.rows[context.row.subject] = context.row.having(section)
    assert isinstance(marked, Marked)
    return marked


def instant(day: date, zone: str, minutes: int) -> int:
    begun = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)) + timedelta(minutes=minutes)
    return int(begun.timestamp() * 1000)


def exists(day: date, zone: str | None) -> bool:
    return not (zone == "Pacific/Apia" and day == NEVER)


@pytest.mark.parametrize("tenth", range(10))
def test_a_history_of_400_days_is_what_a_walk_over_them_says(tenth: int) -> None:
    random = Random(tenth)
    given = excuses(random)
    for number in range(20 * tenth, 20 * tenth + 20):
        live(number, random, given)
