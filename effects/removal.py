"""Taking back what was said: every page that shows it, or gets it by recovery, is told to hide it.

Danmaku are passing, so nothing is kept of them to look them up by: ids go through as they are. Whoever recovers the
batches between gets the message and its removal, in order.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, ClassVar

from room.context import Context
from room.message import Bounds, Command, Event, UserId
from room.people import Role, User
from room.refusal import BadRequest, PermissionDenied


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

    With a message go those that were ``merged`` into it; an id among ``merged`` makes its ``count`` one less.
    """

    kind: ClassVar[str] = "danmaku.removed"

    ids: tuple[str, ...] | None = None
    user: User | None = None

    @property
    def concerns(self) -> None:
        """Nobody: the room is told even when he has gone."""
        return None


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
            yield DanmakuRemoved(user=context.someone(user))
        case _:
            raise BadRequest("give either id or user")
