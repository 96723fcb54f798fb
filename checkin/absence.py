"""How long somebody has been away."""

from __future__ import annotations

from datetime import date, timedelta

from checkin.dayset import DaySet


def away(counted: DaySet, today: date) -> int | None:
    """How many days ago the last day counted before today was; None when there was none."""
    if today - timedelta(days=1) in counted:
        return 1
    last = counted.last if today not in counted else max((day for day in counted if day < today), default=None)
    return None if last is None else (today - last).days
