"""A history of check-ins that another system kept: what is asked, and what happens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar

from room.message import Audience, Bounds, Command, Event, Key, UserId
from room.people import Actor, Role, User
from room.row import member

DAYS = 4_000
"""Days of one import: almost eleven years, and with their commas less than a request may hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportHistory(Command):
    """Set up the history of a member who has none here: days checked in (``2026-11-21``), score and points.

    Nothing is earned by it. ``name`` is how boards call him until he comes.
    """

    kind: ClassVar[str] = "checkin.import"
    who: ClassVar[Role] = Role.OPERATOR
    durable: ClassVar[bool] = True
    needs_key: ClassVar[bool] = True
    on_wire: ClassVar[bool] = False

    user: UserId
    days: tuple[str, ...] = ()
    score: Annotated[int, Bounds(0)] = 0
    points: Annotated[int, Bounds(0)] = 0
    name: str | None = None
    key: Key | None = None

    def subject(self, actor: Actor) -> str:
        """The row of the member whose history it is."""
        return member(self.user)


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryImported(Event):
    """A member's history of the streak of this name was set up: ``total`` days, the last one on ``last``, if any.

    ``days`` and ``bridged`` are bitmaps by year, as they are stored; ``granted`` and ``totals`` are the steps of both
    ladders that count as granted in the run of ``length`` days that began on ``began``, ``past`` those of runs before
    it. ``at`` (ms since 1970) and ``zone`` stand for the last check-in's.
    """

    kind: ClassVar[str] = "checkin.imported"
    durable: ClassVar[bool] = True
    audience: ClassVar[Audience] = Audience.NOBODY

    user: User
    streak: str
    total: int
    last: str | None
    days: Mapping[str, str]
    bridged: Mapping[str, str]
    at: int
    zone: str
    length: int
    best: int
    began: str
    granted: tuple[int, ...]
    past: tuple[tuple[str, tuple[int, ...]], ...] = ()
    totals: tuple[int, ...]
    score: int
    points: int
