"""Commands, queries and events: what is asked of a room and what happened in it.

Facts stand on the class; fields are what goes over the wire, under the same names. A field that is None is absent
on the wire. The shell makes strict decoders and the protocol page from these classes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, Flag, StrEnum, auto
from typing import Annotated, ClassVar

from room.fingerprint import fingerprint
from room.people import USER_ID, Actor, Role, User
from room.row import member
from room.value import value


@dataclass(frozen=True, slots=True)
class Bounds:
    """Bounds of a field, given by ``Annotated[int, Bounds(1, 200)]``: of a number, or of a text's length."""

    least: int | None = None
    most: int | None = None
    pattern: str | None = None


Key = Annotated[str, Bounds(1, 64)]
"""A client's name for one attempt."""

UserId = Annotated[str, Bounds(1, 128, rf"^{USER_ID}$(?!\n)")]
"""The id of any user; ``$`` alone would let a line break pass at the end."""


PLAIN = r"[^\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]"
"""A character of a line of text: nothing that ends it, hides something, or turns the order of letters round."""


class Lane(StrEnum):
    """The class of an event in a busy room, the most important first; control is never shed."""

    CONTROL = "control"
    RECEIPT = "receipt"
    GIFT = "gift"
    DANMAKU = "danmaku"
    ENTRANCE = "entrance"


class Audience(Flag):
    """Who is told of an event: all in the room, the person it concerns, the room's hosts; or nobody."""

    NOBODY = 0
    ROOM = auto()
    MEMBER = auto()
    HOST = auto()


class Sign(Enum):
    """What an event tells of its ``user`` to features that know nothing else of it.

    He has come, has gone, or has said something; or all that is kept of him is gone, and his row is emptied with it.
    """

    ARRIVED = auto()
    LEFT = auto()
    SPOKE = auto()
    FORGOTTEN = auto()


class ReplyAt(Enum):
    """When a command is answered: at once (durable commands: once stored), or when its tick is written."""

    ONCE = auto()
    TICK = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Somebody wants something done in ``room``.

    ``who`` is the least role that may; ``durable`` commands are answered only when stored; for guards, ``speaks`` marks
    what puts a person's words before the room and ``enters`` what lets him into it; ``needs_key`` that a client's key
    is required; what ``needs_leave`` is shown only if the platform, where it wants to be asked, allows its words;
    commands that only the server itself gives are not ``on_wire``.
    """

    kind: ClassVar[str]
    who: ClassVar[Role] = Role.MEMBER
    durable: ClassVar[bool] = False
    speaks: ClassVar[bool] = False
    enters: ClassVar[bool] = False
    needs_key: ClassVar[bool] = False
    needs_leave: ClassVar[bool] = False
    on_wire: ClassVar[bool] = True
    reply_at: ClassVar[ReplyAt] = ReplyAt.ONCE

    room: str

    def subject(self, actor: Actor) -> str:
        """The subject whose row this command may change; by default the caller's own."""
        return member(actor.id)

    @property
    def attempt(self) -> str | None:
        """The client's key for this attempt, if he gave one."""
        key: str | None = getattr(self, "key", None)
        return key

    def said_by(self, actor: Actor) -> str | None:
        """A fingerprint of all that the platform says with a key, which is no retry with anything else.

        None of everybody else: his key alone makes a retry.
        """
        return fingerprint(repr(self)) if actor.role is Role.OPERATOR and self.attempt is not None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Somebody wants to know something of ``room``; nothing changes."""

    kind: ClassVar[str]
    who: ClassVar[Role] = Role.GUEST
    on_wire: ClassVar[bool] = True

    room: str

    def needs(self, actor: Actor) -> tuple[str, ...]:
        """Subjects whose rows must be read along."""
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something happened. Durable events are folded into the subject's row and kept in the outbox.

    One that ``closes`` ends the connections of the person it concerns, once it is told. Of people the outbox keeps ids
    and tiers alone, and nothing of the fields that are ``unkept``: what they wrote. Of a field's name a ``_`` at the
    end is not said: a field that is called ``kind`` on the wire is ``kind_`` here.
    """

    kind: ClassVar[str]
    durable: ClassVar[bool] = False
    lane: ClassVar[Lane] = Lane.CONTROL
    audience: ClassVar[Audience] = Audience.ROOM
    closes: ClassVar[bool] = False
    sign: ClassVar[Sign | None] = None
    unkept: ClassVar[frozenset[str]] = frozenset()

    @property
    def said_as(self) -> str:
        """Its ``type`` on the wire: the kind of its class, unless whoever caused it names it himself."""
        return type(self).kind

    @property
    def concerns(self) -> str | None:
        """The id of the person whom an event of audience MEMBER is for."""
        user: User | None = getattr(self, "user", None)
        return None if user is None else user.id

    @property
    def spoken(self) -> str | None:
        """What a person put into words by it, as it is shown; None when nothing was."""
        return None

    @property
    def same_as(self) -> str | None:
        """What makes it one with others of its class in the same tick; None when it always stands for itself."""
        return None

    def standing_for(self, ids: tuple[str, ...]) -> Event:
        """This event as it is told when it stands for others of these ids too."""
        return self


@value(frozen=True, slots=True, kw_only=True)
class Stamped:
    """An event with its id, unique in the room, and its instant (ms since 1970, the store's clock).

    ``written`` is what the shell keeps its bytes in once it has made them: the store and several audiences take the
    same ones.
    """

    id: str
    at: int
    event: Event
    written: bytes | None = field(default=None, init=False, compare=False, repr=False)
