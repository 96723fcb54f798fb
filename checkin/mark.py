"""A check-in: what happens because of it, and what it writes beside the row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from checkin.attendance import first_day
from checkin.definition import StreakDef, crossed
from checkin.messages import Marked, Milestone, Rewarded
from checkin.progress import Progress
from checkin.refusals import AlreadyCheckedIn
from checkin.streak import Mark, StreakDays, bridge
from room.change import Append, Claim, Counter, Part
from room.context import Context
from room.message import Event
from room.settings import Privacy


def mark(progress: Progress, context: Context) -> Iterator[Event]:
    """The check-in of today, the steps that it reaches, and what the room is told of.

    Raises AlreadyCheckedIn.
    """
    if progress.done:
        raise AlreadyCheckedIn(progress.today.isoformat())
    bridged = _bridged(progress, context.now)
    days = progress.days.mark(progress.today, bridged)
    marked = _marked(progress, days, bridged, context)
    yield marked
    yield from _rewards(progress, days, marked, context)
    if not context.row.of(Privacy).hide_streak:
        yield from _milestones(progress, marked)


def evidence(event: Marked, context: Context) -> Iterable[Part]:
    """The entry that proves the day, and the room's sum of the day."""
    entry = {"streak": event.streak, "day": event.day, "at": event.received, "zone": event.zone, "id": context.id}
    yield Append(log="checkin", entry=entry)
    yield Counter(name=counted(event), add=1)


def claims(event: Rewarded, streak: StreakDef) -> Iterable[Part]:
    """One piece of a limited reward; nothing for its substitute."""
    step = streak.steps.at(event.step)
    if step is None or step.stock is None or event.reward.id != step.reward.id:
        return
    yield Claim(name=step.claim(streak.name), take=1, stock=step.stock)
    yield Counter(name=step.taken(streak.name), add=1)


def counted(event: Marked) -> str:
    """The name of the room's sum of check-ins on a day."""
    return f"checkin.{event.streak}.{event.day}"


def _bridged(progress: Progress, now: int) -> list[date]:
    last = progress.record.last(progress.days)
    return bridge(progress.rule, last, Mark(day=progress.today, at_ms=now, zone=progress.rule.zone))


def _marked(progress: Progress, days: StreakDays, bridged: list[date], context: Context) -> Marked:
    length = days.current(progress.rule, progress.today)
    return Marked(
        user=context.person,
        streak=progress.streak.name,
        day=progress.today.isoformat(),
        length=length,
        best=max(progress.record.best, length),
        total=days.total,
        bridged=tuple(day.isoformat() for day in bridged) or None,
        received=context.now,
        zone=progress.rule.zone,
        points=progress.streak.points,
        qualifying=progress.streak.qualifying,
    )


def _rewards(progress: Progress, days: StreakDays, marked: Marked, context: Context) -> Iterator[Rewarded]:
    gone = context.failed | context.room.exhausted
    granted = progress.record.granted_in(first_day(days, progress.today))
    for step in progress.streak.steps.reached(marked.length, granted):
        given = step.given(marked.streak, gone)
        yield Rewarded(
            user=marked.user,
            streak=marked.streak,
            day=marked.day,
            step=step.day,
            reward=given.shown,
            points=given.points,
            medal=given.medal,
        )


def _milestones(progress: Progress, marked: Marked) -> Iterator[Milestone]:
    """Best and total never fall, so each mark is passed once ever."""
    for count in crossed(progress.streak.lengths, progress.record.best, marked.best):
        yield Milestone(user=marked.user, streak=marked.streak, measure="length", count=count)
    for count in crossed(progress.streak.totals, progress.days.total, marked.total):
        yield Milestone(user=marked.user, streak=marked.streak, measure="total", count=count)
