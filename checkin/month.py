"""One month of a member's days, as his calendar shows it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta

from checkin.dayset import days_in
from checkin.progress import Progress
from checkin.streak import StreakDays
from room.refusal import BadRequest

YEARS = range(1970, 2201)
"""Years that a calendar shows: those for which instants and zones mean something."""

_DAY = timedelta(days=1)


def parse_month(text: str) -> tuple[int, int]:
    """The year and month of ``2026-11``.

    Raises BadRequest.
    """
    found = re.fullmatch(r"([0-9]{4})-(0[1-9]|1[0-2])", text)
    if found is None or int(found[1]) not in YEARS:
        raise BadRequest(f"month must be from {YEARS[0]}-01 to {YEARS[-1]}-12")
    return int(found[1]), int(found[2])


def show(progress: Progress, year: int, month: int) -> Mapping[str, object]:
    """The calendar of a month: its days up to today in order, and where the streak stands now."""
    kinds = _kinds(progress, year, month)
    days = [{"date": day.isoformat(), "kind": kinds[day]} for day in sorted(kinds)]
    return {"month": f"{year:04}-{month:02}", "days": days, **progress.numbers()}


def _kinds(progress: Progress, year: int, month: int) -> dict[date, str]:
    """The kind of each day that is shown.

    None are days to come, days before the first check-in, and dates that the zone never had.
    """
    first, last = date(year, month, 1), date(year, month, days_in(year, month))
    shown, today = progress.calendar, progress.day
    kinds = dict.fromkeys(_passed(shown, today, first, last), "missed")
    kinds.update((day, kind) for day, kind in shown.month(year, month) if kind != "excused" or day in kinds)
    for lost in progress.rule.skipped(first - _DAY, last + _DAY):
        kinds.pop(lost, None)
    if first <= today <= last and not progress.done and (progress.asked or today not in shown.done):
        kinds[today] = "open"
    return kinds


def _passed(shown: StreakDays, today: date, first: date, last: date) -> list[date]:
    """The days from the first check-in ever to yesterday that lie between two days."""
    begun = shown.done.first
    if begun is None:
        return []
    start, end = max(first, begun), min(last, today - _DAY)
    return [date.fromordinal(n) for n in range(start.toordinal(), end.toordinal() + 1)]
