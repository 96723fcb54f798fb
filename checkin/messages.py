"""What is asked of check-in and what happens in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from checkin.ladder import Medal, Reward
from room.message import Audience, Command, Event, Key, Lane, Limits, Query
from room.people import Role, User

StreakName = Annotated[str, Limits(1, 64)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark(Command):
    """Check in today; ``streak`` is the room's when none is named. Once a day by nature, with any key or none."""

    kind: ClassVar[str] = "checkin.mark"
    durable: ClassVar[bool] = True

    streak: StreakName | None = None
    key: Key | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar(Query):
    """One month (``2026-11``) of one's own days: each is done, bridged, missed or (today) open."""

    kind: ClassVar[str] = "checkin.calendar"
    who: ClassVar[Role] = Role.MEMBER

    month: Annotated[str, Limits(7, 7, r"^[0-9]{4}-(0[1-9]|1[0-2])$")]
    streak: StreakName | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked(Event):
    """A member checked in on ``day``, his ``length``-th in a row of the streak of this name.

    ``received`` (ms since 1970) and ``zone`` are the evidence; ``bridged`` are days that must not break the streak;
    ``points`` and ``qualifying`` are what the check-in itself earns.
    """

    kind: ClassVar[str] = "checkin.marked"
    durable: ClassVar[bool] = True
    lane: ClassVar[Lane] = Lane.RECEIPT
    audience: ClassVar[Audience] = Audience.NOBODY

    user: User
    streak: str
    day: str
    length: int
    best: int
    total: int
    bridged: tuple[str, ...] | None = None
    received: int
    zone: str
    points: int
    qualifying: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewarded(Event):
    """A check-in on ``day`` reached the ``step`` of that many days, which earns a reward, points and maybe a medal."""

    kind: ClassVar[str] = "checkin.rewarded"
    durable: ClassVar[bool] = True
    lane: ClassVar[Lane] = Lane.RECEIPT
    audience: ClassVar[Audience] = Audience.MEMBER

    user: User
    streak: str
    day: str
    step: int
    reward: Reward
    points: int
    medal: Medal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone(Event):
    """A member's streak of this name reached ``count`` days in a row, or so many check-ins in all, once ever."""

    kind: ClassVar[str] = "checkin.milestone"
    durable: ClassVar[bool] = True
    lane: ClassVar[Lane] = Lane.GIFT

    user: User
    streak: str
    measure: Literal["length", "total"]
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Celebrated:
    """One of those who checked in, and how many days in a row that makes."""

    user: User
    streak: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst(Event):
    """So many (``delta``) checked in since the last burst, ``today`` in all, up to three of them by name."""

    kind: ClassVar[str] = "checkin.burst"
    lane: ClassVar[Lane] = Lane.GIFT

    delta: int
    today: int
    sample: tuple[Celebrated, ...]
