"""What hosts and moderators do about a person, and what is told of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from room.message import PLAIN, Audience, Bounds, Command, Event, Key, Lane, UserId
from room.people import Actor, Role, User
from room.row import member

YEAR_SECONDS = 366 * 86_400
"""The longest time that is worth an end."""

Reason = Annotated[str, Bounds(1, 200, rf"^{PLAIN}+$(?!\n)")]
"""A reason in words, on one line."""

Seconds = Annotated[int, Bounds(1, YEAR_SECONDS)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Act(Command):
    """What is done about ``user``, whose row it changes: never oneself, nor who has as high a role."""

    who: ClassVar[Role] = Role.MODERATOR
    durable: ClassVar[bool] = True
    needs_key: ClassVar[bool] = True

    user: UserId
    reason: Reason | None = None
    key: Key | None = None

    def subject(self, actor: Actor) -> str:
        """The row of whom it is done to."""
        return member(self.user)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute(Act):
    """Let ``user`` speak no more for some seconds, or until it is undone; a new mute takes the place of an old one."""

    kind: ClassVar[str] = "moderation.mute"

    seconds: Seconds | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmute(Act):
    """Let ``user`` speak again."""

    kind: ClassVar[str] = "moderation.unmute"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kick(Act):
    """Close the connections of ``user`` that are in this room, for good (3503); he may come again."""

    kind: ClassVar[str] = "moderation.kick"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ban(Act):
    """Kick ``user`` and let him in no more for some seconds, or until it is undone.

    A guest is a new one with every connection, so his ban is no more than a kick.
    """

    kind: ClassVar[str] = "moderation.ban"

    seconds: Seconds | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unban(Act):
    """Let ``user`` in again."""

    kind: ClassVar[str] = "moderation.unban"


@dataclass(frozen=True, slots=True, kw_only=True)
class Done(Event):
    """Somebody (``by``, of a ``rank``) did something (``kind``) about ``user``: what is kept, and is told to nobody."""

    kind: ClassVar[str] = "moderation.done"
    durable: ClassVar[bool] = True
    audience: ClassVar[Audience] = Audience.NOBODY
    unkept: ClassVar[frozenset[str]] = frozenset({"reason"})

    user: User
    by: User
    rank: int
    kind_: str
    until: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed(Event):
    """What was done about ``user``: muted, or allowed to speak or to come again; ``until`` is absent when for good."""

    kind: ClassVar[str] = "moderation.changed"
    lane: ClassVar[Lane] = Lane.CONTROL
    audience: ClassVar[Audience] = Audience.MEMBER | Audience.HOST

    user: User
    kind_: str
    until: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PutOut(Event):
    """What was done about ``user``, who has to go: kicked or banned. Another face of ``moderation.changed``."""

    kind: ClassVar[str] = "moderation.changed"
    audience: ClassVar[Audience] = Audience.MEMBER | Audience.HOST
    closes: ClassVar[bool] = True

    user: User
    kind_: str
    until: int | None = None
    reason: str | None = None
