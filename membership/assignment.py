"""A tier that the platform gives, with a reason: a floor below which score lets nobody fall, until its end.

    assigned ──until──▶ over: what score makes of him by then
        └── taken back (no level) ──▶ the same, at once

Score goes on counting below the floor, and what rises above it is won as ever. To extend a tier is to assign it once
more, with a later end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar

from room.message import PLAIN, Audience, Bounds, Command, Event, Key, Lane, UserId
from room.people import Actor, Role, User
from room.refusal import BadRequest
from room.row import member
from room.value import value

LATEST = 10**14
"""The last instant (ms since 1970) that may be named: in the year 5138."""

OVER = "its time is over"
"""The reason of an end that nobody asked for."""


@value(frozen=True, slots=True, kw_only=True)
class Assignment:
    """What is kept of it: a ``level``, held at least ``until`` an instant (ms since 1970), or for good."""

    level: int
    until: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignTier(Command):
    """Give a member at least the tier of a ``level`` until an instant (absent: for good); no level takes it back.

    It takes the place of what was assigned before.
    """

    kind: ClassVar[str] = "membership.assign_tier"
    who: ClassVar[Role] = Role.OPERATOR
    durable: ClassVar[bool] = True
    needs_key: ClassVar[bool] = True
    on_wire: ClassVar[bool] = False

    user: UserId
    level: Annotated[int, Bounds(0, 1_000)] | None
    until: Annotated[int, Bounds(0, LATEST)] | None = None
    reason: Annotated[str, Bounds(1, 200, rf"^{PLAIN}+$(?!\n)")]
    key: Key | None = None

    def subject(self, actor: Actor) -> str:
        """The row of the member whose tier it is."""
        return member(self.user)


@dataclass(frozen=True, slots=True, kw_only=True)
class TierAssigned(Event):
    """The platform gave a member at least the tier of a ``level``, or he has it no more (no ``level``).

    ``until`` is absent when it is for good. Whether he has another tier by it is said by ``membership.tier_changed``.
    """

    kind: ClassVar[str] = "membership.tier_assigned"
    durable: ClassVar[bool] = True
    lane: ClassVar[Lane] = Lane.RECEIPT
    audience: ClassVar[Audience] = Audience.MEMBER

    user: User
    level: int | None = None
    until: int | None = None
    reason: str


def wanted(command: AssignTier, levels: frozenset[int], now: int) -> Assignment | None:
    """What a command asks for, None when it takes back.

    Raises BadRequest.
    """
    if command.level is None:
        if command.until is not None:
            raise BadRequest("until is of a level")
        return None
    if command.level not in levels:
        raise BadRequest(f"no tier of level {command.level}")
    if command.until is not None and command.until <= now:
        raise BadRequest("until is over already")
    return Assignment(level=command.level, until=command.until)


def assigned(event: TierAssigned) -> Assignment | None:
    """What is kept after the event."""
    return None if event.level is None else Assignment(level=event.level, until=event.until)


def shown(assignment: Assignment | None) -> Mapping[str, object] | None:
    """What is assigned, as cards and replies show it."""
    return None if assignment is None else {"level": assignment.level, "until": assignment.until}
