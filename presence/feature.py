"""Presence: joins and leaves of connections become entries and departures of users."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal, assert_never

from presence.here import Entries, Here
from room.context import Context
from room.feature import Feature
from room.live import Room
from room.message import Audience, Bounds, Command, Event, Query, Sign, Stamped
from room.people import Role, User
from room.refusal import BadRequest, LimitExceeded, PermissionDenied
from room.row import member
from room.settings import Privacy

MERGE_MS = 250
"""Between two ``presence.entered``: four a second are all that a page can show."""

MOST_LISTED = 500
"""The most members that one answer to the protocol's own ``presence`` lists; larger rooms are read by the page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Join(Command):
    """A connection has joined the room for the caller; ``recover`` when it continues where it was cut off."""

    kind: ClassVar[str] = "presence.join"
    who: ClassVar[Role] = Role.GUEST
    enters: ClassVar[bool] = True
    on_wire: ClassVar[bool] = False

    connection: str
    recover: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave(Command):
    """A connection of the caller has left the room, or is lost."""

    kind: ClassVar[str] = "presence.leave"
    who: ClassVar[Role] = Role.GUEST
    on_wire: ClassVar[bool] = False

    connection: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EndGrace(Command):
    """The room lets a user go whose grace is over, unless he came back."""

    kind: ClassVar[str] = "presence.end_grace"
    who: ClassVar[Role] = Role.ROOM
    on_wire: ClassVar[bool] = False

    user: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster(Query):
    """The members who are here, by arrival, a page at a time; guests are counted in ``online`` but not listed.

    ``cursor`` is ``next`` of the page before. Who arrives during the reading is on the last page, who leaves is
    missing from pages not yet read, and nobody is shown twice unless he left and came anew. With ``filter``
    ``returning``, for hosts and moderators: regulars who have come back, the ``days`` they have checked in and for how
    many they were ``away``.
    """

    kind: ClassVar[str] = "presence.roster"

    cursor: Annotated[str, Bounds(1, 16)] | None = None
    limit: Annotated[int, Bounds(1, 200)] = 50
    filter: Literal["returning"] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined(Event):
    """A connection joined: ``first`` when its user was not here before, not even in grace.

    ``entrance`` when he also makes an entrance: not one who recovers, nor a guest, nor who has set it so.
    """

    kind: ClassVar[str] = "presence.joined"
    audience: ClassVar[Audience] = Audience.NOBODY
    sign: ClassVar[Sign | None] = Sign.ARRIVED

    user: User
    connection: str
    first: bool
    entrance: bool
    guest: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Parted(Event):
    """A connection of a user ended; he is still here, through others or in grace."""

    kind: ClassVar[str] = "presence.parted"
    audience: ClassVar[Audience] = Audience.NOBODY

    user: User
    connection: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Left(Event):
    """A user is gone: his grace is over."""

    kind: ClassVar[str] = "presence.left"
    audience: ClassVar[Audience] = Audience.NOBODY
    sign: ClassVar[Sign | None] = Sign.LEFT

    user: User


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered(Event):
    """Users entered since the last such event: how many, guests too, and up to three who made an entrance.

    It is merged already, so its lane is one that is never shed.
    """

    kind: ClassVar[str] = "presence.entered"

    count: int
    sample: tuple[User, ...]


Returning = Callable[[Room, str], Mapping[str, object] | None]
"""What is told of a user as of one who has come back; None when he has not."""


def _nobody(room: Room, user: str) -> None:
    """Nobody counts as come back."""


class Presence(Feature):
    """Who is in the room; takes what says of a user that he has come back."""

    name = "presence"
    commands = (Join, Leave, EndGrace)
    queries = (Roster,)
    events = (Joined, Parted, Left, Entered)

    def __init__(self, returning: Returning = _nobody):
        self._returning = returning

    def decide(self, command: Join | Leave | EndGrace, context: Context) -> Iterable[Event]:
        here = context.room.state(Here)
        match command:
            case Join(connection=connection):
                if connection not in here.connections(context.actor.id):
                    yield _joined(command, context)
            case Leave(connection=connection):
                if connection in here.connections(context.actor.id):
                    yield Parted(user=context.user, connection=connection)
            case EndGrace(user=user):
                if here.grace_over(user, context.now):
                    yield Left(user=context.someone(user))
            case _:
                assert_never(command)

    def answer(self, query: Roster, context: Context) -> Mapping[str, object]:
        if query.filter is not None:
            return self._roll_call(query, context)
        here = context.room.state(Here)
        members, following = here.page(_number(query.cursor), query.limit)
        return {
            "members": [context.someone(user) for user in members],
            "next": None if following is None else str(following),
            "online": context.room.online,
        }

    def _roll_call(self, query: Roster, context: Context) -> Mapping[str, object]:
        """Raises PermissionDenied."""
        if context.actor.role < Role.MODERATOR:
            raise PermissionDenied
        told = {user: self._returning(context.room, user) for _, user in context.room.state(Here).roll}
        back = {user: one for user, one in told.items() if one is not None}
        members, following = context.room.state(Here).page(_number(query.cursor), query.limit, among=back)
        return {
            "members": [_described(context.someone(user), back[user]) for user in members],
            "next": None if following is None else str(following),
            "online": context.room.online,
        }

    def snapshot(self, context: Context) -> Mapping[str, object]:
        return {"online": context.room.online}

    def notices(self, kind: type[Event]) -> bool:
        return issubclass(kind, Joined | Parted | Left)

    def observe(self, stamped: Stamped, room: Room) -> None:
        here = room.state(Here)
        match stamped.event:
            case Joined() as joined:
                here.connect(joined.user.id, joined.connection, guest=joined.guest)
                room.since.setdefault(joined.user.id, stamped.at)
                if joined.first:
                    here.entries.add(joined.user, shown=joined.entrance)
            case Parted() as parted:
                here.disconnect(parted.user.id, parted.connection, stamped.at)
            case Left(user=user):
                here.leave(user.id)
                room.since.pop(user.id, None)
            case _:
                return
        room.online = here.users

    def flush(self, room: Room, now: int) -> Iterable[Event]:
        here = room.state(Here)
        if not here.entries.count or now < here.flushed_at + MERGE_MS:
            return ()
        entries, here.entries, here.flushed_at = here.entries, Entries(), now
        return (Entered(count=entries.count, sample=tuple(entries.sample)),)

    def deadline(self, room: Room) -> int | None:
        here = room.state(Here)
        grace = next(iter(here.leaving.values()), None)
        merged = here.flushed_at + MERGE_MS if here.entries.count else None
        return min((at for at in (grace, merged) if at is not None), default=None)

    def expire(self, room: Room, now: int) -> Iterable[Command]:
        return [EndGrace(room=room.id, user=user) for user in room.state(Here).overdue(now)]


def counts(room: Room) -> tuple[int, int]:
    """How many users (those in grace included) and how many connections are in the room."""
    here = room.state(Here)
    return here.users, here.clients


def connected(context: Context) -> dict[str, User]:
    """The members who are here, by connection.

    Raises LimitExceeded above 500 members.
    """
    here = context.room.state(Here)
    if len(here.roll) > MOST_LISTED:
        raise LimitExceeded(f"more than {MOST_LISTED} members, use {Roster.kind}")
    return {connection: context.someone(user) for _, user in here.roll for connection in sorted(here.connections(user))}


def _joined(command: Join, context: Context) -> Joined:
    user = context.actor.id
    guest = context.actor.role is Role.GUEST
    first = user not in context.room.state(Here).visits
    shows_himself = context.row_of(member(user)).of(Privacy).entrance
    return Joined(
        user=context.user,
        connection=command.connection,
        first=first,
        entrance=first and shows_himself and not guest and not command.recover,
        guest=guest,
    )


def _described(user: User, told: Mapping[str, object]) -> Mapping[str, object]:
    return {"id": user.id, "name": user.name, "tier": user.tier, **told}


def _number(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdecimal() and len(cursor) <= 16):
        raise BadRequest("cursor is no cursor of this room")
    return int(cursor)
