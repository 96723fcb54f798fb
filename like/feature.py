"""The feature `like`: anybody likes, guests too, and the room is told how many did.

Likes are passing: a room's total begins anew when the room opens, and nothing of it is stored.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, ClassVar

from like.applause import Applause
from room.context import Context
from room.feature import Feature, Reply
from room.live import Room
from room.message import Audience, Bounds, Command, Event, Stamped
from room.people import Role

MERGE_MS = 250
"""Between two ``like.counted``: four a second are all that a page can show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendLike(Command):
    """Like what is on, so many times at once; 20 a second and 40 in a burst are counted, more is refused."""

    kind: ClassVar[str] = "like.send"
    who: ClassVar[Role] = Role.GUEST

    count: Annotated[int, Bounds(1, 20)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Liked(Event):
    """Somebody liked; told only in the sum."""

    kind: ClassVar[str] = "like.given"
    audience: ClassVar[Audience] = Audience.NOBODY

    by: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted(Event):
    """So many likes came since the last such event, and so many since the room opened.

    It is merged already, so its lane is one that is never shed.
    """

    kind: ClassVar[str] = "like.counted"

    delta: int
    total: int


class Like(Feature):
    """How much a room is liked."""

    name = "like"
    commands = (SendLike,)
    events = (Liked, Counted)

    def decide(self, command: SendLike, context: Context) -> Iterable[Event]:
        """The likes, if the sender has so many left.

        Raises TooManyLikes.
        """
        context.room.state(Applause).check(context.actor.id, command.count, context.now)
        yield Liked(by=context.actor.id, count=command.count)

    def snapshot(self, context: Context) -> Reply:
        """How many likes there were since the room opened."""
        return {"likes": {"total": context.room.state(Applause).total}}

    def notices(self, kind: type[Event]) -> bool:
        """What was given."""
        return issubclass(kind, Liked)

    def observe(self, stamped: Stamped, room: Room) -> None:
        """Count what was given."""
        if isinstance(stamped.event, Liked):
            room.state(Applause).add(stamped.event.by, stamped.event.count, stamped.at)

    def flush(self, room: Room, now: int) -> Iterable[Event]:
        """The likes of the last quarter of a second, as one event."""
        applause = room.state(Applause)
        if applause.untold and now >= applause.told_at + MERGE_MS:
            yield Counted(delta=applause.tell(now), total=applause.total)

    def deadline(self, room: Room) -> int | None:
        """When the likes that are not told yet may be."""
        applause = room.state(Applause)
        return applause.told_at + MERGE_MS if applause.untold else None
