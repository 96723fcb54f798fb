"""Setting up a member's history: his days count from now on as if he had checked in here, but earn nothing again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date

from checkin.attendance import latest
from checkin.dayset import DaySet
from checkin.imported import DAYS, HistoryImported, ImportHistory
from checkin.ladder import Ladder
from checkin.month import YEARS
from checkin.progress import Progress
from checkin.refusals import HistoryNotEmpty
from checkin.streak import StreakDays
from room.change import Append, Part
from room.context import Context
from room.refusal import BadRequest


def take_over(command: ImportHistory, progress: Progress, context: Context) -> Iterator[HistoryImported]:
    """The history, as of now: best and total, and the steps that have been reached are taken as granted.

    Raises HistoryNotEmpty when there is a check-in already, BadRequest for days that are none or yet to come.
    """
    last = progress.record.days.last
    if last is not None:
        raise HistoryNotEmpty(last.isoformat())
    if command.score < 0 or command.points < 0:
        raise BadRequest("score and points must not be negative")
    done = DaySet.of(_read(command.days, progress.day))
    bridged = DaySet.of(_lost(done, progress))
    days = StreakDays(done=done, bridged=bridged)
    length = 0 if days.last is None else days.current(progress.rule, days.last)
    steps, total_steps = progress.streak.steps, progress.streak.total_steps
    yield HistoryImported(
        user=context.person if command.name is None else replace(context.person, name=command.name),
        streak=progress.streak.name,
        total=days.total,
        last=None if days.last is None else days.last.isoformat(),
        days=done.to_json(),
        bridged=bridged.to_json(),
        at=0 if days.last is None else progress.rule.window(days.last).start_ms,
        zone="" if days.last is None else progress.rule.zone,
        length=length,
        best=days.best,
        began="" if days.last is None else days.run(days.last)[0].isoformat(),
        granted=tuple(step.day for step in steps.reached(length, ())),
        past=latest(_earlier(days, steps)),
        totals=tuple(step.day for step in total_steps.reached(days.total, ())),
        score=command.score,
        points=command.points,
    )


def _earlier(days: StreakDays, steps: Ladder) -> list[tuple[str, list[int]]]:
    """The runs before the last one, the earliest first, with the steps that each of them was long enough for."""
    found: list[tuple[str, list[int]]] = []
    last = days.last
    while last is not None:
        began, length = days.run(last)
        found.append((began.isoformat(), [step.day for step in steps.reached(length, ())]))
        last = days.done.last_before(began)
    return found[:0:-1]


def imported_evidence(event: HistoryImported, context: Context) -> Iterable[Part]:
    """The entry that says where these days come from."""
    entry = {"streak": event.streak, "imported": event.days, "at": context.now, "zone": event.zone, "id": context.id}
    yield Append(log="checkin", entry=entry)


def summed_up(event: HistoryImported, progress: Progress) -> Mapping[str, object]:
    """What is answered: where the streak stands now."""
    return {"streak": {"current": progress.current, "best": event.best, "total": event.total, "last": event.last}}


def _read(days: Iterable[str], today: date) -> Iterator[date]:
    """Raises BadRequest."""
    for place, text in enumerate(days):
        if place >= DAYS:
            raise BadRequest(f"at most {DAYS} days")
        yield _day(text, today)


def _day(text: str, today: date) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise BadRequest(f"no day: {text[:20]!r}") from None
    if day.isoformat() != text or day.year not in YEARS:
        raise BadRequest(f"no day: {text[:20]!r}")
    if day > today:
        raise BadRequest(f"a day that is yet to come: {text}")
    return day


def _lost(done: DaySet, progress: Progress) -> list[date]:
    """Days between the first and the last that the zone never had, which break nothing."""
    if done.first is None or done.last is None:
        return []
    return [day for day in progress.rule.skipped(done.first, done.last) if day not in done]
