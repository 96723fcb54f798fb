"""Taking back what was said: every page that shows it, or gets it by recovery, is told to hide it.

Danmaku are passing, so ids go through as they are. Only the last few are known by whom they were, in memory: what
several say alike is told as one of them's, so that pages do not know whose else it was. Whoever recovers the batches
between gets the message and its removal, in order.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from effects.danmaku import DanmakuSaid
from room.context import Context
from room.message import Bounds, Command, Event, Stamped, UserId
from room.people import Role, User
from room.refusal import BadRequest, PermissionDenied

REMEMBERED = 500
"""Danmaku of a room whose senders are known: ten seconds of a busy one."""

ALIKE_MS = 1_000
"""What is said alike farther apart than this was never told as one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveDanmaku(Command):
    """Take back one danmaku by its ``id``, or all that ``user`` said, who is oneself or has a lower role.

    With a danmaku go those that were ``merged`` into it.
    """

    kind: ClassVar[str] = "danmaku.remove"
    who: ClassVar[Role] = Role.MODERATOR

    id: Annotated[str, Bounds(1, 64, r"^[A-Za-z0-9_.-]+$(?!\n)")] | None = None
    user: UserId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DanmakuRemoved(Event):
    """What was said is to be hidden: the messages of these ``ids``, or all that ``user`` has said so far.

    With a message go those that were ``merged`` into it; an id among ``merged`` makes its ``count`` one less. Of what
    ``user`` said alike with others only his own goes: ``merged`` here are his among those that another's may stand for.
    """

    kind: ClassVar[str] = "danmaku.removed"

    ids: tuple[str, ...] | None = None
    user: User | None = None
    merged: tuple[str, ...] | None = None

    @property
    def concerns(self) -> None:
        """Nobody: the room is told even when he has gone."""
        return None


@dataclass(slots=True)
class Spoken:
    """What was said last in a room, in memory."""

    last: deque[Stamped] = field(default_factory=lambda: deque(maxlen=REMEMBERED))

    def alike(self, user: str) -> tuple[str, ...]:
        """The ids of what somebody said and others too, at about the same time."""
        said = [(one, one.event) for one in self.last if isinstance(one.event, DanmakuSaid)]
        his = [(one, event.same_as) for one, event in said if event.user.id == user]
        others = [(one.at, event.same_as) for one, event in said if his and event.user.id != user]
        alike = [
            one.id for one, text in his if any(text == same and abs(at - one.at) <= ALIKE_MS for at, same in others)
        ]
        return tuple(alike)


def remove(command: RemoveDanmaku, context: Context) -> Iterable[Event]:
    """The removal.

    Raises BadRequest, PermissionDenied.
    """
    match command.id, command.user:
        case str(one), None:
            yield DanmakuRemoved(ids=(one,))
        case None, str(user):
            own = user == context.actor.id
            if not own and context.role_of(user) >= context.role_of(context.actor.id):
                raise PermissionDenied("his role is not below yours")
            alike = context.room.state(Spoken).alike(user)
            yield DanmakuRemoved(user=context.someone(user), merged=alike or None)
        case _:
            raise BadRequest("give either id or user")
