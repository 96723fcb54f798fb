"""The room's board of streaks that are alive: the longest first, then who reached the length earlier.

A member stands on the board of the day of his last check-in, and on no other. A streak is alive while that day is
today or the one before (or before days that were excused), so what is shown are the boards of these days, read as one:
a streak that broke leaves by itself when the day changes, nobody sweeps, and days that are excused afterwards bring
back all who had left. A streak that was restored takes its place at the member's next check-in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from checkin.attendance import Attendance
from checkin.dayset import DaySet
from checkin.definition import StreakDef
from checkin.excuses import Excuses
from checkin.messages import PART, Board, Marked, Placed
from checkin.refusals import BoardNotKept
from checkin.schedule import Days, scheduled
from room.board import Place, Window
from room.change import Score
from room.context import Context
from room.day import DayRule
from room.message import Event
from room.people import Role, User
from room.row import member, user_of
from room.settings import Privacy

SECONDS = 2**33
"""More seconds than any instant has since 1970: a place is ``length * SECONDS`` and what is left of them."""

DAYS = 40
"""Boards that are read as one at most: streaks of a room that was excused for longer are shown when they go on."""

EAST, WEST = "Etc/GMT-14", "Etc/GMT+12"
"""Where a day begins first and ends last: between them lie the days of members who have their own."""


def named(streak: str, day: str) -> str:
    """The name of the board of a streak for check-ins of a day."""
    return f"checkin.{streak}.{day}"


def packed(length: int, received: int) -> float:
    """A place's value: exact, since a length below a million leaves it within the 53 bits of a double."""
    return float(length * SECONDS + SECONDS - received // 1000)


def unpacked(value: float) -> int:
    """The length in a place's value."""
    return (int(value) - 1) // SECONDS


def scores(event: Marked | Placed, context: Context) -> Iterator[Score]:
    """The member leaves the board he was on, and stands on that of the day, unless he hides his streak."""
    shown = event.shown if isinstance(event, Placed) else not context.row.of(Privacy).hide_streak
    period = event.called if isinstance(event, Marked) else event.day
    if isinstance(event, Marked) and event.before is not None and event.before != period:
        yield Score(board=named(event.streak, event.before), value=None)
    value = packed(event.length, event.received) if shown else None
    yield Score(board=named(event.streak, period), value=value)


def place(context: Context) -> Iterable[Event]:
    """Each of a member's streaks on its board, or off it, as he chose."""
    attendance = context.row.of(Attendance)
    for name, record in attendance.streaks.items():
        days = record.by(context.room.settings.cadence)
        if days.last is not None:
            yield Placed(
                user=context.person,
                streak=name,
                day=days.last.isoformat(),
                received=record.at,
                length=record.length or days.counted.run_ending(days.last),
                shown=not context.row.of(Privacy).hide_streak,
            )


def windows(query: Board, streak: StreakDef, context: Context) -> Iterator[Window]:
    """The first places, and those around the caller.

    Raises BoardNotKept.
    """
    if query.scope != "room":
        raise BoardNotKept(query.scope)
    boards = tuple(named(streak.name, day.isoformat()) for day in _alive(streak, context))
    yield Window(boards=boards, limit=query.limit)
    if context.actor.role is not Role.GUEST:
        yield Window(boards=boards, limit=query.limit if query.around else 1, around=member(context.actor.id))


def show(query: Board, streak: StreakDef, context: Context) -> Mapping[str, object]:
    """The rows, and the caller's own place, which is None where he is not on the board."""
    top, mine = _found(context)
    rows = mine if query.around and mine else top
    me = next((one for one in mine if one.subject == member(context.actor.id)), None)
    return {
        "rows": [{"rank": one.rank, "user": _user(one, context), **_numbers(one, streak, context)} for one in rows],
        "me": None if me is None else {"rank": me.rank, **_numbers(me, streak, context)},
    }


def _found(context: Context) -> tuple[Sequence[Place], Sequence[Place]]:
    top: Sequence[Place] = ()
    mine: Sequence[Place] = ()
    for window, places in context.places.items():
        if window.around is None:
            top = places
        else:
            mine = places
    return top, mine


def _numbers(one: Place, streak: StreakDef, context: Context) -> dict[str, int]:
    record = context.row_of(one.subject).of(Attendance).of(streak.name)
    return {"length": unpacked(one.value), "total": record.total}


def _user(one: Place, context: Context) -> User:
    """Who it is, by the name he has here or had at his last check-in."""
    someone = context.someone(user_of(one.subject) or one.subject)
    if someone.id == context.actor.id or someone.id in context.room.actors:
        return someone
    return replace(someone, name=context.row_of(one.subject).of(Attendance).name or someone.id)


def _alive(streak: StreakDef, context: Context) -> list[date]:
    """The periods in which the last check-in of a streak that is alive can have been, the newest first."""
    newest, oldest = (_schedule(streak, zone, context).period(None) for zone in (EAST, WEST))
    periods = [date.fromordinal(n) for n in range(newest.toordinal(), oldest.toordinal() - 1, -1)]
    schedule = scheduled(context.room.settings, context.room.settings.day_rule, context.now)
    excused = _excused(schedule, oldest, context)
    periods.append(schedule.previous_day(oldest))
    while periods[-1] in excused and len(periods) < DAYS:
        periods.append(schedule.previous_day(periods[-1]))
    return periods


def _schedule(streak: StreakDef, zone: str, context: Context) -> Days:
    """The periods of a zone, where the streak's days are not the room's."""
    settings = context.room.settings
    rule = settings.day_rule
    return scheduled(settings, rule if streak.zone == "room" else DayRule(zone, rule.boundary), context.now)


def _excused(schedule: Days, today: date, context: Context) -> DaySet:
    ago = date.fromordinal(today.toordinal() - 2 * DAYS)
    said = context.room.row(PART).of(Excuses).days
    return schedule.excused(said) | schedule.idle(ago, today, said)
