"""A period: what one check-in is for, written as a date.

That of a day is the day. A room's n-th stream is the n-th date after 1 January of the year 1000, so that sets, streaks,
rows and boards are the same arithmetic for both, and never take one for the other. Such a date is not shown to anybody.
"""

from datetime import date, timedelta

BEFORE_ALL = date(1000, 1, 1)
"""The period before a room's first stream: far from both ends of the calendar, and from all days."""


def period_of(stream: int) -> date:
    """The period that a room's n-th stream is."""
    return BEFORE_ALL + timedelta(days=stream)


def stream_of(period: date) -> int:
    """Which of a room's streams a period is."""
    return (period - BEFORE_ALL).days


def of_streams(period: str) -> bool:
    """Whether a period (``1000-01-05``) is a stream and no day."""
    return period < _DAYS


_DAYS = "1900"
