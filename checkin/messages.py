"""What is asked of check-in and what happens in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, ClassVar, Literal

from checkin.ladder import Medal, Reward
from checkin.period import period_of
from room.message import Audience, Bounds, Command, Event, Key, Lane, Query
from room.people import Actor, Role, User
from room.row import part

PART = part("checkin")
"""The subject of the row that holds what check-ins have in common."""

Measure = Literal["streak", "total"]
"""What a step of a ladder goes by: days in a row, or check-ins in all."""

StreakName = Annotated[str, Bounds(1, 64)]


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

    month: Annotated[str, Bounds(7, 7, r"^[0-9]{4}-(0[1-9]|1[0-2])$")]
    streak: StreakName | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Board(Query):
    """The longest streaks that are alive: the first ``limit``, or those around oneself; of this room only."""

    kind: ClassVar[str] = "checkin.board"

    scope: Literal["room", "platform", "friends"]
    around: bool = False
    limit: Annotated[int, Bounds(1, 200)] = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Rank(Command):
    """A member chose whether his streak is shown: put it on the board, or take it off."""

    kind: ClassVar[str] = "checkin.rank"
    durable: ClassVar[bool] = True
    on_wire: ClassVar[bool] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Excuse(Command):
    """The days from ``first`` to ``last`` (``2026-11-21``) break no streak, whatever was missed on them, and why."""

    kind: ClassVar[str] = "checkin.excuse"
    who: ClassVar[Role] = Role.OPERATOR
    durable: ClassVar[bool] = True
    on_wire: ClassVar[bool] = False

    first: str
    last: str
    reason: Annotated[str, Bounds(1, 200)]
    key: Key | None = None

    def subject(self, actor: Actor) -> str:
        """The check-ins' part of the room."""
        return PART


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked(Event):
    """A member checked in on ``day``, his ``length``-th in a row of the streak of this name.

    ``received`` (ms since 1970) and ``zone`` are the evidence; ``bridged`` are days that must not break the streak,
    ``excused`` those on which no stream ran; ``points`` and ``qualifying`` are what the check-in itself earns. The run
    of days began on ``began``; ``before`` is the day of the check-in before this one. Where it is for a stream, that is
    the room's ``stream``-th, which began on ``day``; ``began``, ``before`` and ``excused`` are periods then.
    ``expires_at`` (ms since 1970) is when the streak breaks if nothing more happens, where that is known.
    """

    kind: ClassVar[str] = "checkin.marked"
    durable: ClassVar[bool] = True
    lane: ClassVar[Lane] = Lane.RECEIPT
    audience: ClassVar[Audience] = Audience.NOBODY

    user: User
    streak: str
    day: str
    stream: int | None = None
    length: int
    best: int
    total: int
    bridged: tuple[str, ...] | None = None
    excused: tuple[str, ...] | None = None
    began: str = ""
    before: str | None = None
    expires_at: int | None = None
    received: int
    zone: str
    points: int
    qualifying: int

    @property
    def period(self) -> date:
        """What it is for, as sets have it."""
        return date.fromisoformat(self.day) if self.stream is None else period_of(self.stream)

    @property
    def called(self) -> str:
        """Its period as names have it."""
        return self.day if self.stream is None else period_of(self.stream).isoformat()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewarded(Event):
    """A check-in on ``day`` reached the ``step`` of so many days in a row, or check-ins in all (``by``).

    It earns a reward, points and maybe a medal.
    """

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
    by: Measure = "streak"


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored(Event):
    """A streak that had broken is whole again, since days on which it broke were excused afterwards."""

    kind: ClassVar[str] = "checkin.restored"
    durable: ClassVar[bool] = True
    audience: ClassVar[Audience] = Audience.MEMBER

    user: User
    streak: str
    length: int
    days: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed(Event):
    """A member's streak is shown on the board, with the length of his last check-in (``day``, ``received``), or not."""

    kind: ClassVar[str] = "checkin.placed"
    durable: ClassVar[bool] = True
    audience: ClassVar[Audience] = Audience.NOBODY

    user: User
    streak: str
    day: str
    received: int
    length: int
    shown: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Excused(Event):
    """The days from ``first`` to ``last`` break no streak; up to ``over`` they had ended before they were excused."""

    kind: ClassVar[str] = "checkin.excused"
    durable: ClassVar[bool] = True

    first: str
    last: str
    reason: str
    over: str | None = None


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
