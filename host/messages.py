"""What is asked at the host's desk and what happens there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from host.occasion import Occasion, OccasionKind
from room.message import Audience, Bounds, Command, Event, Key, Query, UserId
from room.people import Role, User
from room.wording import Wording

Outcome = Literal["said", "later", "skipped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen(Command):
    """A connection of a host has begun to hear of cue cards."""

    kind: ClassVar[str] = "host.listen"
    who: ClassVar[Role] = Role.MODERATOR
    enters: ClassVar[bool] = True
    on_wire: ClassVar[bool] = False

    connection: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StopListening(Command):
    """It hears of them no more."""

    kind: ClassVar[str] = "host.stop_listening"
    who: ClassVar[Role] = Role.MODERATOR
    on_wire: ClassVar[bool] = False

    connection: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt(Command):
    """Something has happened to somebody that the host may want to say a word about."""

    kind: ClassVar[str] = "host.prompt"
    who: ClassVar[Role] = Role.ROOM
    on_wire: ClassVar[bool] = False

    user: User
    occasion: Occasion


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdraw(Command):
    """Somebody hides his check-ins from now on: take him off the cards that tell of them."""

    kind: ClassVar[str] = "host.withdraw"
    who: ClassVar[Role] = Role.ROOM
    on_wire: ClassVar[bool] = False

    user: User


@dataclass(frozen=True, slots=True, kw_only=True)
class CueDone(Command):
    """Put a cue card away; ``later`` brings it back in two minutes, under another id."""

    kind: ClassVar[str] = "host.cue_done"
    who: ClassVar[Role] = Role.MODERATOR

    id: Annotated[str, Bounds(1, 64)]
    outcome: Outcome
    key: Key | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Command):
    """Call up to five of those who are here by their names, before the whole room."""

    kind: ClassVar[str] = "host.call"
    who: ClassVar[Role] = Role.MODERATOR
    speaks: ClassVar[bool] = True

    users: Annotated[tuple[UserId, ...], Bounds(1, 5)]
    key: Key | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Backstage(Query):
    """What the reply to a subscribe of the host channel says, as it is now."""

    kind: ClassVar[str] = "host.backstage"
    who: ClassVar[Role] = Role.MODERATOR


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening(Event):
    """A connection hears of cue cards from now on."""

    kind: ClassVar[str] = "host.listening"
    audience: ClassVar[Audience] = Audience.NOBODY

    connection: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoppedListening(Event):
    """A connection hears of cue cards no more."""

    kind: ClassVar[str] = "host.stopped_listening"
    audience: ClassVar[Audience] = Audience.NOBODY

    connection: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompted(Event):
    """Something happened to somebody that the host may want to say a word about."""

    kind: ClassVar[str] = "host.prompted"
    audience: ClassVar[Audience] = Audience.NOBODY

    user: User
    occasion: Occasion


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A cue card as hosts see it: ``user``, or up to five ``users`` of ``count``; an end at ``expires_at``.

    ``script`` is in the room's language, ``scripts`` in each.
    """

    id: str
    kind: OccasionKind
    priority: int
    user: User
    users: tuple[User, ...]
    count: int
    script: str
    scripts: Wording
    expires_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue(Event):
    """It is time for a word: to ``user`` or, when ``count`` is more than 1, to up to five ``users`` of so many.

    The greater ``priority`` goes first; ``script`` may be read out, in the room's language
    or as ``scripts`` have it; after ``expires_at`` (ms) it counts as missed.
    """

    kind: ClassVar[str] = "host.cue"
    audience: ClassVar[Audience] = Audience.HOST

    id: str
    kind_: OccasionKind
    priority: int
    user: User
    users: tuple[User, ...]
    count: int
    script: str
    scripts: Wording
    expires_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CueClosed(Event):
    """A host (``by``) has put the card ``cue`` away; or it was ``withdrawn``: somebody on it hides his days now."""

    kind: ClassVar[str] = "host.cue_closed"
    audience: ClassVar[Audience] = Audience.HOST

    cue: str
    outcome: Outcome | Literal["withdrawn"]
    by: User | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn(Event):
    """Somebody is on no card any more that tells of his check-ins."""

    kind: ClassVar[str] = "host.withdrawn"
    audience: ClassVar[Audience] = Audience.NOBODY

    user: User


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed(Event):
    """Nobody took these cards up in time; each is told of once."""

    kind: ClassVar[str] = "host.missed"
    audience: ClassVar[Audience] = Audience.HOST

    cues: tuple[Shown, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Called(Event):
    """A host calls some of those who are here by their names."""

    kind: ClassVar[str] = "host.called"

    by: User
    users: tuple[User, ...]
