"""What is asked on stage and what happens there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from room.message import Audience, Bounds, Command, Event, Key, Query, UserId
from room.people import Actor, Role, User
from room.row import part
from stage.seats import Seat

STAGE = part("stage")


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch(Command):
    """Somebody wants to see the pictures, without joining the room."""

    kind: ClassVar[str] = "stage.watch"
    durable: ClassVar[bool] = True
    enters: ClassVar[bool] = True
    on_wire: ClassVar[bool] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Publish(Command):
    """Somebody wants to send his picture: the host his, who is on stage his own."""

    kind: ClassVar[str] = "stage.publish"
    durable: ClassVar[bool] = True
    enters: ClassVar[bool] = True
    on_wire: ClassVar[bool] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowPictures(Command):
    """Pictures come in for these slots, and for no others."""

    kind: ClassVar[str] = "stage.show_pictures"
    who: ClassVar[Role] = Role.ROOM
    on_wire: ClassVar[bool] = False

    slots: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TellQuality(Command):
    """A picture arrives worse or better than before."""

    kind: ClassVar[str] = "stage.tell_quality"
    who: ClassVar[Role] = Role.ROOM
    on_wire: ClassVar[bool] = False

    user: str
    slot: str
    level: Literal["good", "poor"]
    loss: float
    bitrate: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Raise(Command):
    """Ask to come on stage; hosts see who does, the longest streak first. ``down`` takes it back."""

    kind: ClassVar[str] = "stage.raise"

    down: bool = False


class OnStage(Command):
    """Changes the seats."""

    durable: ClassVar[bool] = True

    def subject(self, actor: Actor) -> str:
        """The seats' own row."""
        return STAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class Invite(OnStage):
    """Ask a member who is here on stage; he has a minute to accept."""

    kind: ClassVar[str] = "stage.invite"
    who: ClassVar[Role] = Role.MODERATOR

    user: UserId
    key: Key | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Accept(OnStage):
    """Come on stage; the reply names the slot to publish into."""

    kind: ClassVar[str] = "stage.accept"

    key: Key | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave(OnStage):
    """Leave the stage, or decline to come."""

    kind: ClassVar[str] = "stage.leave"

    key: Key | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MuteSeat(OnStage):
    """Let somebody on stage not be heard."""

    kind: ClassVar[str] = "stage.mute"
    who: ClassVar[Role] = Role.MODERATOR

    user: UserId
    key: Key | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmuteSeat(OnStage):
    """Let somebody on stage be heard again."""

    kind: ClassVar[str] = "stage.unmute"
    who: ClassVar[Role] = Role.MODERATOR

    user: UserId
    key: Key | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PutDown(OnStage):
    """Take somebody's seat, or take his invitation back."""

    kind: ClassVar[str] = "stage.kick"
    who: ClassVar[Role] = Role.MODERATOR

    user: UserId
    key: Key | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spotlight(OnStage):
    """Show somebody on stage in the main slot, to those too who see only that; without ``user`` the host again."""

    kind: ClassVar[str] = "stage.spotlight"
    who: ClassVar[Role] = Role.MODERATOR

    user: UserId | None = None
    key: Key | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Vacate(OnStage):
    """These people have gone, or have not accepted in time."""

    kind: ClassVar[str] = "stage.vacate"
    who: ClassVar[Role] = Role.ROOM
    on_wire: ClassVar[bool] = False

    users: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates(Query):
    """Who asks to come on stage, the longest streak first, then who asked first."""

    kind: ClassVar[str] = "stage.candidates"
    who: ClassVar[Role] = Role.MODERATOR

    limit: Annotated[int, Bounds(1, 200)] = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed(Event):
    """The stage as it is now: its seats, the number of the latest one, and who is in the main slot for the host."""

    kind: ClassVar[str] = "stage.changed"
    durable: ClassVar[bool] = True

    seats: tuple[Seat, ...]
    number: int
    spotlight: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited(Event):
    """He is asked on stage, until an instant."""

    kind: ClassVar[str] = "stage.invited"
    audience: ClassVar[Audience] = Audience.MEMBER

    user: User
    by: User
    slot: str
    expires_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised(Event):
    """Somebody asks to come on stage, or does so no more."""

    kind: ClassVar[str] = "stage.raised"
    audience: ClassVar[Audience] = Audience.HOST

    user: User
    down: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PicturesChanged(Event):
    """Pictures come in for these slots now: a viewer who has none yet may ask for them by WHEP."""

    kind: ClassVar[str] = "media.changed"

    slots: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityChanged(Event):
    """A picture arrives worse or better than before: ``loss`` is a share of its packets, ``bitrate`` in bits/s."""

    kind: ClassVar[str] = "media.quality"
    audience: ClassVar[Audience] = Audience.HOST

    user: User
    slot: str
    level: Literal["good", "poor"]
    loss: float
    bitrate: int
