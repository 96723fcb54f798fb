"""Which days' score makes a tier, and what becomes of a tier that they no longer make.

    lifetime            all that was ever earned: nothing lapses, and a tier follows its score up and down
    rolling             the last ``days`` days, today included
    month quarter year  the days of the calendar since the period began; with the next one everybody begins anew

Days are logical days of the room, as ordinals (``date.toordinal``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

Window = Literal["lifetime", "rolling", "month", "quarter", "year"]
Downgrade = Literal["one_down", "to_qualified", "never"]

LONGEST = 400
"""Days of a rolling window at most: a row keeps a sum for each of them."""

_MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepRule:
    """The window of a tier's score, and the terms on which a tier is kept; lengths are days.

    A tier that the window no longer makes is kept for ``grace`` days more and then lost: to the one below, to the one
    that the window makes, or never. ``warn`` days before, the member is told. Raises ValueError.
    """

    window: Window = "lifetime"
    days: int = 90
    grace: int = 30
    warn: int = 7
    downgrade: Downgrade = "to_qualified"

    def __post_init__(self) -> None:
        if self.window not in get_args(Window):
            raise ValueError(f"window must be one of {', '.join(get_args(Window))}")
        if self.downgrade not in get_args(Downgrade):
            raise ValueError(f"downgrade must be one of {', '.join(get_args(Downgrade))}")
        if not 1 <= self.days <= LONGEST:
            raise ValueError(f"days must be from 1 to {LONGEST}")
        if not 0 <= self.grace <= LONGEST:
            raise ValueError(f"grace must be from 0 to {LONGEST}")
        if not 0 <= self.warn <= LONGEST:
            raise ValueError(f"warn must be from 0 to {LONGEST}")

    @property
    def lasting(self) -> bool:
        """Whether what was earned counts for ever."""
        return self.window == "lifetime"

    def first(self, day: int) -> int:
        """The first day whose score still counts on this one."""
        if self.window == "rolling":
            return day - self.days + 1
        return _period(day, _MONTHS[self.window]).toordinal()

    def leaves(self, day: int) -> int:
        """The first day on which the score of this one no longer counts."""
        if self.window == "rolling":
            return day + self.days
        months = _MONTHS[self.window]
        begun = _period(day, months)
        return _after(begun, months).toordinal()


def _period(day: int, months: int) -> date:
    """The day on which the period of so many months began that holds this one."""
    found = date.fromordinal(day)
    return date(found.year, (found.month - 1) // months * months + 1, 1)


def _after(begun: date, months: int) -> date:
    year, month = divmod(begun.month - 1 + months, 12)
    return date(begun.year + year, month + 1, 1)
