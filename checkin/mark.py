"""A check-in: what happens because of it, and what it writes beside the row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

from checkin.dayset import DaySet
from checkin.definition import StreakDef, crossed
from checkin.excuses import SPAN
from checkin.ladder import StepDef
from checkin.messages import Marked, Measure, Milestone, Restored, Rewarded
from checkin.progress import Progress
from checkin.refusals import AlreadyCheckedIn, NoStreamToday, NotHereLongEnough, NotLive, ZoneTooNew
from checkin.streak import StreakDays
from checkin.zone import too_soon
from room.change import Append, Claim, Counter, Part
from room.context import Context
from room.message import Event
from room.refusal import Refused
from room.settings import Privacy

AT_ONCE = 16
"""Steps that one check-in grants at most, the lowest first; the next check-ins grant what is left.

Each leads to three commands at most (points, a medal, a word to the host), and a turn carries 64: without a bound, a
streak that an excuse makes much longer at once could not be gone on with on a long ladder.
"""

TOLD = 4
"""Milestones of one kind that one check-in tells of at most."""


def mark(progress: Progress, context: Context) -> Iterator[Event]:
    """The check-in of today, the steps that it reaches, and what the room is told of.

    Raises AlreadyCheckedIn, NoStreamToday, NotLive, NotHereLongEnough, ZoneTooNew.
    """
    if progress.done:
        raise AlreadyCheckedIn(progress.day.isoformat())
    _check(progress, context)
    bridged = progress.schedule.bridged(progress.record, progress.days, progress.today)
    days = progress.days.mark(progress.today, bridged)
    marked = _marked(progress, days, bridged, context)
    yield marked
    if progress.excuses.late.bits:
        yield from _restored(progress, marked)
    yield from _rewards(progress, marked, context)
    if not context.row.of(Privacy).hide_streak:
        yield from _milestones(progress, marked)


def evidence(event: Marked, context: Context) -> tuple[Part, ...]:
    """The entry that proves the day, and the room's sum of the day."""
    entry = {"streak": event.streak, "day": event.day, "at": event.received, "zone": event.zone, "id": context.id}
    return Append(log="checkin", entry=entry), Counter(name=counted(event), add=1)


def claims(event: Rewarded, streak: StreakDef) -> Iterable[Part]:
    """One piece of a limited reward; nothing for its substitute."""
    step = streak.ladder_by(event.by).at(event.step)
    if step is None or step.stock is None or event.reward.id != step.reward.id:
        return
    yield Claim(name=step.claim(streak.name), take=1, stock=step.stock)
    yield Counter(name=step.taken(streak.name), add=1)


def counted(event: Marked) -> str:
    """The name of the room's sum of check-ins on a day, or in a stream."""
    return sum_of(event.streak, event.called)


def sum_of(streak: str, period: str) -> str:
    """The name of the room's sum of check-ins of a streak on a day, or in a stream."""
    return f"checkin.{streak}.{period}"


def _check(progress: Progress, context: Context) -> None:
    if not progress.schedule.asked(progress.today):
        raise _no_stream(progress)
    if progress.settings.dwell_seconds and (wait := progress.wait(context.room.since.get(context.actor.id))):
        raise NotHereLongEnough(retry_in=wait)
    if wait := too_soon(progress.streak, progress.record, progress.schedule.rule.zone, context.now):
        raise ZoneTooNew(retry_in=wait)


def _no_stream(progress: Progress) -> Refused:
    """Why one cannot check in now, and when the next stream is planned."""
    planned = progress.settings.next_at or 0
    kind = NotLive if progress.settings.cadence == "per_stream" else NoStreamToday
    return kind(retry_in=planned - progress.now if planned > progress.now else None)


def _marked(progress: Progress, days: StreakDays, bridged: list[date], context: Context) -> Marked:
    schedule, today = progress.schedule, progress.today
    began, length = days.run(today)
    last = progress.days.done.last
    return Marked(
        user=context.person,
        streak=progress.streak.name,
        day=schedule.date_of(today).isoformat(),
        stream=schedule.number_of(today),
        length=length,
        best=max(progress.best, length),
        total=schedule.total(progress.record, progress.days) + 1,
        bridged=_texts(bridged) if bridged else None,
        excused=_texts(progress.idle) if progress.idle.bits else None,
        began=began.isoformat(),
        before=None if last is None else last.isoformat(),
        expires_at=schedule.expires_at(days, today),
        received=context.now,
        zone=schedule.rule.zone,
        points=progress.streak.points,
        qualifying=progress.streak.qualifying,
    )


def _texts(days: Iterable[date]) -> tuple[str, ...]:
    return tuple([day.isoformat() for day in days])


def _restored(progress: Progress, marked: Marked) -> Iterator[Restored]:
    """What is to be told of a streak that had broken, and is whole since days were excused afterwards."""
    late = progress.schedule.excused(progress.excuses.late)
    if not late:
        return
    alive, known = progress.current, progress.record.length
    without = replace(progress.days, excused=progress.days.excused - late)
    whole = without.current(progress.schedule, progress.today)
    if not alive or (whole and (not known or alive <= known)):
        return
    began = date.fromisoformat(marked.began)
    joined = (late & DaySet.span(began, progress.today)) - progress.days.done
    days = tuple(progress.schedule.date_of(period).isoformat() for period in joined)[-SPAN:]
    yield Restored(user=marked.user, streak=marked.streak, length=marked.length, days=days)


def _rewards(progress: Progress, marked: Marked, context: Context) -> Iterator[Rewarded]:
    record, streak = progress.record, progress.streak
    steps = streak.steps.reached(marked.length, record.granted_in(marked.began))
    total_steps = streak.total_steps.reached(marked.total, record.totals)
    for step in steps[:AT_ONCE]:
        yield _rewarded(step, "streak", marked, context)
    for step in total_steps[: AT_ONCE - len(steps[:AT_ONCE])]:
        yield _rewarded(step, "total", marked, context)


def _rewarded(step: StepDef, by: Measure, marked: Marked, context: Context) -> Rewarded:
    given = step.given(marked.streak, context.failed | context.room.exhausted)
    language = context.room.settings.language
    return Rewarded(
        user=marked.user,
        streak=marked.streak,
        day=marked.day,
        step=step.day,
        by=by,
        reward=given.shown(language),
        points=given.points,
        medal=None if given.medal is None else given.medal.shown(language),
    )


def _milestones(progress: Progress, marked: Marked) -> Iterator[Milestone]:
    """Best and total never fall, so each mark is passed once ever; of many passed at once the highest are told."""
    for count in crossed(progress.streak.lengths, progress.record.best, marked.best)[-TOLD:]:
        yield Milestone(user=marked.user, streak=marked.streak, measure="length", count=count)
    for count in crossed(progress.streak.totals, marked.total - 1, marked.total)[-TOLD:]:
        yield Milestone(user=marked.user, streak=marked.streak, measure="total", count=count)
