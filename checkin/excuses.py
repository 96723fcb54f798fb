"""Days that break no streak: those the operator excuses, and those on which a room's stream did not run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from checkin.dayset import EMPTY, DaySet
from checkin.messages import Excuse, Excused
from room.context import Context
from room.day import DayRule
from room.message import Event
from room.refusal import BadRequest
from room.settings import STREAMS, Settings

SPAN = 31
"""The most days of one excuse: a longer outage is several decisions."""

NEAR = 400
"""Days before and after today within which days may be excused, and so far back days without a stream excuse."""

KEPT = 20
"""Excuses whose reasons are kept; the days of all are."""

_ONE_DAY = timedelta(days=1)

Streams = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why these days were excused."""

    first: str
    last: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Excuses:
    """The check-ins' part of a room: excused days, and those that were over by then."""

    days: DaySet = EMPTY
    late: DaySet = EMPTY
    reasons: tuple[Reason, ...] = ()

    def after(self, event: Event) -> Excuses:
        """The part after a durable event; the same one when nothing in it changes."""
        if not isinstance(event, Excused):
            return self
        days = _span(event.first, event.last)
        late = EMPTY if event.over is None else _span(event.first, event.over)
        reason = Reason(first=event.first, last=event.last, reason=event.reason)
        return Excuses(
            days=self.days | days,
            late=self.late | late - self.days,
            reasons=(*self.reasons, reason)[-KEPT:],
        )


def excuse(command: Excuse, context: Context) -> Iterator[Event]:
    """What is excused, unless all of it was before.

    Raises BadRequest.
    """
    rule = context.room.settings.day_rule
    today = rule.logical_day(context.now)
    first, last = _day(command.first), _day(command.last)
    if not first <= last < first + timedelta(days=SPAN):
        raise BadRequest(f"the days must be 1 to {SPAN}, the first one first")
    if not today - timedelta(days=NEAR) <= first <= last <= today + timedelta(days=NEAR):
        raise BadRequest(f"the days must be within {NEAR} days of today")
    if not DaySet.span(first, last) - context.row.of(Excuses).days:
        return
    over = min(last, today - _ONE_DAY)
    yield Excused(
        first=first.isoformat(),
        last=last.isoformat(),
        reason=command.reason,
        over=over.isoformat() if over >= first else None,
    )


def streamed(settings: Settings, rule: DayRule, now: int) -> DaySet:
    """The days that count as live: with enough minutes of streaming inside them, until now."""
    least = settings.live_minutes * 60_000
    lived = _lived(settings.streams, rule, least)
    if settings.live_since is None:
        return lived
    spent = _spent(settings.streams, rule)
    running = _parts(rule, settings.live_since, now)
    return lived | DaySet.of(day for day, ms in running if spent.get(day, 0) + ms >= least)


# A room remembers up to 120 streams that are over, which each check-in in it would walk through: remembered as in
# `room/day.py`, for the streams are the same until another one ends.


@lru_cache(maxsize=256)
def _lived(streams: Streams, rule: DayRule, least: int) -> DaySet:
    """The days with so many milliseconds of streams that are over."""
    return DaySet.of(day for day, ms in _spent(streams, rule).items() if ms >= least)


@lru_cache(maxsize=256)
def _spent(streams: Streams, rule: DayRule) -> Mapping[date, int]:
    """The milliseconds of streams that are over, by the days into which they fall."""
    spent: dict[date, int] = {}
    for begin, end in streams:
        for day, ms in _parts(rule, begin, end):
            spent[day] = spent.get(day, 0) + ms
    return spent


def idle(settings: Settings, rule: DayRule, now: int, last: date | None, today: date) -> DaySet:
    """The days between a check-in and today on which nothing was asked for, since no stream ran.

    Days before the oldest stream that is remembered are no longer known, and ask for a check-in as any other.
    """
    if settings.cadence != "live_day" or last is None:
        return EMPTY
    begin = max(last + _ONE_DAY, today - timedelta(days=NEAR))
    if len(settings.streams) >= STREAMS:
        begin = max(begin, rule.logical_day(settings.streams[0][0]))
    return DaySet.span(begin, today - _ONE_DAY) - streamed(settings, rule, now)


def _parts(rule: DayRule, begin: int, end: int) -> Iterator[tuple[date, int]]:
    """The days from one instant to another, each with the milliseconds that fall into it."""
    day = rule.logical_day(begin)
    while begin < end:
        until = min(end, rule.window(day).end_ms)
        yield day, until - begin
        begin, day = until, rule.next_day(day)


def _span(first: str, last: str) -> DaySet:
    return DaySet.span(date.fromisoformat(first), date.fromisoformat(last))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadRequest(f"{text!r} is no day, as 2026-11-21") from None
