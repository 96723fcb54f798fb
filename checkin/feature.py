"""The feature `checkin`: a day credited once, the streak it continues, and what that earns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import assert_never

from checkin.absence import away
from checkin.attendance import Attendance, Record
from checkin.board import place, scores, windows
from checkin.board import show as board
from checkin.burst import Bursting, flush, note
from checkin.definition import STREAKS, StreakDef
from checkin.excuses import Excuses, excuse
from checkin.history import imported_evidence, summed_up, take_over
from checkin.imported import HistoryImported, ImportHistory
from checkin.ladder import StepDef
from checkin.mark import claims, evidence, mark, sum_of
from checkin.messages import (
    PART,
    Board,
    Burst,
    Calendar,
    Excuse,
    Excused,
    Mark,
    Marked,
    Milestone,
    Placed,
    Rank,
    Restored,
    Rewarded,
)
from checkin.month import parse_month, show
from checkin.progress import Progress
from checkin.receipt import receipt
from checkin.refusals import UnknownStreak
from checkin.zone import rule_for
from room.board import Window
from room.change import Part
from room.context import Context
from room.day import DayRule
from room.feature import Feature, Reply, Turn
from room.live import Room
from room.message import Event, Stamped
from room.people import Role
from room.row import Row, member, user_of
from room.settings import Privacy
from room.wording import said

LADDERS = 64
"""Ladders that are remembered as they are shown: they differ by streak, by language and by what is left."""


class Checkin(Feature):
    """Daily check-in; takes the definitions of streaks, of which the first is the room's.

    Raises ValueError when there is none, or two of the same name.
    """

    name = "checkin"
    commands = (Mark, Rank, Excuse, ImportHistory)
    queries = (Calendar, Board)
    events = (Marked, Rewarded, Restored, Milestone, Burst, Placed, Excused, HistoryImported)
    section = Attendance
    part = Excuses
    logs = ("checkin",)

    def __init__(self, streaks: Sequence[StreakDef] = STREAKS):
        self._streaks = {streak.name: streak for streak in streaks}
        if not streaks or len(self._streaks) < len(streaks):
            raise ValueError("there must be a streak, and no two of the same name")
        self._main = streaks[0]
        self._ladders = lru_cache(LADDERS)(self._ladder)

    def natural(self, command: Mark | Rank | Excuse | ImportHistory, context: Context) -> str | None:
        """The streak and the day that a check-in is for; what else is commanded is the same only by its key.

        Raises UnknownStreak.
        """
        if not isinstance(command, Mark):
            return None
        progress = self._progress(command.streak, context, context.row)
        return f"checkin.mark:{progress.streak.name}#{progress.today.isoformat()}"

    def decide(self, command: Mark | Rank | Excuse | ImportHistory, context: Context) -> Iterable[Event]:
        """The check-in and what it earns; or who is on the board, or what is excused, from now on.

        Raises UnknownStreak, AlreadyCheckedIn, NoStreamToday, NotLive, NotHereLongEnough, ZoneTooNew,
        HistoryNotEmpty, BadRequest.
        """
        match command:
            case Mark(streak=streak):
                return mark(self._progress(streak, context, context.row), context)
            case Rank():
                return place(context)
            case Excuse():
                return excuse(command, context)
            case ImportHistory():
                return take_over(command, self._progress(None, context, context.row), context)
            case _:
                assert_never(command)

    def evolve(self, section: Attendance | Excuses, event: Event) -> Attendance | Excuses:
        """The days and the steps granted after the event; in the room's part, the days excused."""
        return section.after(event)

    def record(self, event: Event, context: Context) -> Iterable[Part]:
        """The evidence of a day, the sum of the day, and the claim of what is limited."""
        match event:
            case Marked():
                return [*evidence(event, context), *scores(event, context)]
            case Placed():
                return scores(event, context)
            case HistoryImported():
                return imported_evidence(event, context)
            case Rewarded():
                return claims(event, self._streaks[event.streak])
        return ()

    def receipt(self, turn: Turn) -> Reply:
        """The receipt of a check-in; or what is excused, or imported."""
        if isinstance(turn.command, Excuse):
            return {"from": turn.command.first, "to": turn.command.last, "reason": turn.command.reason}
        match turn.events[0].event if turn.events else None:
            case Marked() as marked:
                return receipt(turn, marked, self._streaks[marked.streak])
            case HistoryImported() as imported:
                return summed_up(imported, self._progress(imported.streak, turn.context, turn.context.row))
        return {}

    def windows(self, query: Calendar | Board, context: Context) -> Iterable[Window]:
        """The places that a board shows.

        Raises BoardNotKept.
        """
        return windows(query, self._main, context) if isinstance(query, Board) else ()

    def answer(self, query: Calendar | Board, context: Context) -> Reply:
        """A month of the caller's days, or the board.

        Raises BadRequest, UnknownStreak.
        """
        if isinstance(query, Board):
            return board(query, self._main, context)
        year, month = parse_month(query.month)
        return show(self._progress(query.streak, context, context.row), year, month)

    def seen(self, context: Context, subject: Row) -> tuple[int, int | None]:
        """On how many days somebody has checked in, and how many ago the last one before today was, if any."""
        progress = self._progress(None, context, subject)
        return progress.total, away(progress.record.days.counted, progress.day)

    def medals(self, context: Context) -> list[str]:
        """The ids of the medals with which the caller may shine, the highest first; none where he hides his streak."""
        row = context.row_of(member(context.actor.id))
        if row.of(Privacy).hide_streak or not row.of(Attendance).of(self._main.name).granted_ever:
            return []
        return self._progress(None, context, row).medals

    def snapshot(self, context: Context) -> Reply:
        """Today, the ladder and this month, for members; a guest has no days."""
        if context.actor.role is Role.GUEST:
            return {"checkin": None}
        progress = self._progress(None, context, context.row)
        month = show(progress, progress.day.year, progress.day.month)
        streak, room = progress.streak, context.room
        checkin = {
            "day": progress.day.isoformat(),
            "done": progress.done,
            "current": month["current"],
            "next": month["next"],
            "eligible_in": 0 if progress.done else progress.wait(context.room.since.get(context.actor.id)),
            "expires_at": progress.expires_at,
            "ladder": list(self._ladders(streak.name, room.settings.language, _left(streak, room))),
            "month": month,
        }
        return {"checkin": checkin}

    def backstage(self, context: Context) -> Reply:
        """How many have checked in today, by the room's streak."""
        progress = self._progress(None, context, context.row)
        name = sum_of(progress.streak.name, progress.today.isoformat())
        return {"today": context.room.counters.get(name, 0)}

    def card(self, context: Context, subject: Row, *, own: bool) -> Reply:
        """The streak, unless it is somebody else's who hides it."""
        if not own and subject.of(Privacy).hide_streak:
            return {}
        progress = self._progress(None, context, subject)
        streak = {
            "current": progress.current,
            "best": progress.best,
            "total": progress.total,
            "done_today": progress.done,
        }
        return {"streak": streak}

    def notices(self, kind: type[Event]) -> bool:
        """Check-ins."""
        return issubclass(kind, Marked)

    def observe(self, stamped: Stamped, room: Room) -> None:
        """Count a check-in towards the next burst."""
        if isinstance(stamped.event, Marked):
            note(stamped.event, room)

    def flush(self, room: Room, now: int) -> Iterable[Event]:
        """The burst of this tick."""
        return flush(room, now)

    def deadline(self, room: Room) -> int | None:
        """When the next burst is due."""
        return room.state(Bursting).next_at()

    def _ladder(self, name: str, language: str, left: tuple[int, ...]) -> tuple[Mapping[str, object], ...]:
        """The steps, then those by check-ins in all, in a language; of limited ones, in order, so many are left."""
        streak, pieces = self._streaks[name], iter(left)
        steps = [_step(step, language, pieces) for step in streak.steps.steps]
        return (*steps, *[{**_step(step, language, pieces), "by": "total"} for step in streak.total_steps.steps])

    def _streak(self, name: str | None) -> StreakDef:
        """Raises UnknownStreak."""
        streak = self._main if name is None else self._streaks.get(name)
        if streak is None:
            raise UnknownStreak(name or "")
        return streak

    def _record(self, streak: StreakDef, context: Context, row: Row) -> tuple[Record, DayRule]:
        """What somebody's row says of a streak, and the days that it counts by now."""
        record = row.of(Attendance).of(streak.name)
        if streak.zone == "room":
            return record, context.room.settings.day_rule
        return record, rule_for(streak, context.room, _zone(context, row), record, context.now)

    def _progress(self, name: str | None, context: Context, row: Row) -> Progress:
        """Where somebody stands with a streak; in a turn it is asked for more than once."""
        found: Progress | None = context.found.get((name, row.subject))
        if found is None:
            streak = self._streak(name)
            record, rule = self._record(streak, context, row)
            excuses = context.row_of(PART).of(Excuses)
            found = Progress.at(context.now, streak, record, rule, context.room.settings, excuses)
            context.found[name, row.subject] = found
        return found


def _zone(context: Context, row: Row) -> str | None:
    """The zone of the person whose row this is, as far as it is known here."""
    user = user_of(row.subject)
    actor = context.actor if user == context.actor.id else context.room.actors.get(user or "")
    return None if actor is None else actor.zone


def _step(step: StepDef, language: str, pieces: Iterator[int]) -> Mapping[str, object]:
    """One step as it is shown; of a limited one the next number tells how many are left."""
    reward = step.reward
    shown: dict[str, object] = {"day": step.day, "title": said(reward.title, language)}
    if reward.medal is not None:
        shown["medal"] = {"id": reward.medal.id, "title": said(reward.medal.title, language)}
    return shown if step.stock is None else {**shown, "stock": next(pieces)}


def _left(streak: StreakDef, room: Room) -> tuple[int, ...]:
    """How many of each limited step are left, as far as this room knows, in the order of the ladder."""
    steps = (*streak.steps.steps, *streak.total_steps.steps)
    limited = [(step, step.stock) for step in steps if step.stock is not None]
    return tuple([_pieces(step, stock, streak, room) for step, stock in limited])


def _pieces(step: StepDef, stock: int, streak: StreakDef, room: Room) -> int:
    if step.claim(streak.name) in room.exhausted:
        return 0
    return max(0, stock - room.counters.get(step.taken(streak.name), 0))
