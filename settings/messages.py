"""What is set for a room, by whom, and what is told of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from room.live import SETTINGS
from room.message import PLAIN, Audience, Bounds, Command, Event, Key
from room.people import USER_ID, Actor, Role
from room.settings import Cadence, LiveBy


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSettings(Command):
    """Set some of a room's modes; without any, just say how they are set."""

    kind: ClassVar[str] = "room.settings"
    who: ClassVar[Role] = Role.MODERATOR
    durable: ClassVar[bool] = True

    slow_seconds: Annotated[int, Bounds(0, 3600)] | None = None
    min_tier: Annotated[int, Bounds(0, 100)] | None = None
    members_only: bool | None = None
    emotes_only: bool | None = None
    hosts_only: bool | None = None
    frozen: bool | None = None
    guests_speak: bool | None = None
    key: Key | None = None

    def subject(self, actor: Actor) -> str:
        return SETTINGS


@dataclass(frozen=True, slots=True, kw_only=True)
class Configure(Command):
    """Make a room, or change its face; what is absent stays as it is.

    ``zone`` is an IANA name, ``boundary`` the minutes after midnight at which its days begin; ``next_at`` is when the
    next stream is planned (ms since 1970; 0: none is). With the cadence ``live_day`` only days with ``live_minutes`` of
    streaming ask for a check-in, with ``per_stream`` each stream of that length asks for one; before one, a member must
    have been here for ``dwell_seconds``.
    """

    kind: ClassVar[str] = "room.configure"
    who: ClassVar[Role] = Role.OPERATOR
    durable: ClassVar[bool] = True
    on_wire: ClassVar[bool] = False

    title: Annotated[str, Bounds(0, 128, rf"^{PLAIN}*$(?!\n)")] | None = None
    host: Annotated[str, Bounds(pattern=rf"^({USER_ID})?$(?!\n)")] | None = None
    zone: Annotated[str, Bounds(1, 64)] | None = None
    boundary: Annotated[int, Bounds(0, 1439)] | None = None
    language: Literal["en", "zh"] | None = None
    words: Annotated[tuple[Annotated[str, Bounds(1, 64)], ...], Bounds(0, 500)] | None = None
    cadence: Cadence | None = None
    live_minutes: Annotated[int, Bounds(1, 1440)] | None = None
    dwell_seconds: Annotated[int, Bounds(0, 3600)] | None = None
    next_at: Annotated[int, Bounds(0)] | None = None
    key: Key | None = None

    def subject(self, actor: Actor) -> str:
        return SETTINGS


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLive(Command):
    """The room's stream has begun or ended; ``next_at`` as in ``Configure``, and what began is planned no more.

    ``stream`` is the platform's id of what begins: the id of the last one says that it goes on after an interruption,
    another id while a stream runs that a new one follows it.
    """

    kind: ClassVar[str] = "room.set_live"
    who: ClassVar[Role] = Role.OPERATOR
    durable: ClassVar[bool] = True
    on_wire: ClassVar[bool] = False

    live: bool
    stream: Annotated[str, Bounds(1, 64)] | None = None
    next_at: Annotated[int, Bounds(0)] | None = None
    key: Key | None = None

    def subject(self, actor: Actor) -> str:
        return SETTINGS


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowPicture(Command):
    """The host's picture has begun to come in, or has ended, and the stream with it.

    What the platform has begun only the platform ends; and what it ended begins again with another picture only.
    ``server`` is where it comes in: one server knows nothing of the pictures of another.
    """

    kind: ClassVar[str] = "room.follow_picture"
    who: ClassVar[Role] = Role.ROOM
    durable: ClassVar[bool] = True
    on_wire: ClassVar[bool] = False

    live: bool
    server: str = ""

    def subject(self, actor: Actor) -> str:
        return SETTINGS


@dataclass(frozen=True, slots=True, kw_only=True)
class SetStorage(Command):
    """The store can be reached (``ok``) or cannot (``away``): then nothing durable is done for now."""

    kind: ClassVar[str] = "room.set_storage"
    who: ClassVar[Role] = Role.ROOM
    on_wire: ClassVar[bool] = False

    storage: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When the next stream is planned (ms since 1970), if one is."""

    next_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomMade(Event):
    """The room was made."""

    kind: ClassVar[str] = "room.made"
    durable: ClassVar[bool] = True
    audience: ClassVar[Audience] = Audience.NOBODY


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomChanged(Event):
    """Something of the room was changed: only that is here. When a stream begins, the last one's end is forgotten."""

    kind: ClassVar[str] = "room.changed"
    durable: ClassVar[bool] = True

    title: str | None = None
    host: str | None = None
    zone: str | None = None
    boundary: int | None = None
    language: str | None = None
    cadence: Cadence | None = None
    live_minutes: int | None = None
    dwell_seconds: int | None = None
    live: bool | None = None
    live_since: int | None = None
    live_by: LiveBy | None = None
    stream: str | None = None
    schedule: Schedule | None = None
    ended_at: int | None = None
    slow_seconds: int | None = None
    min_tier: int | None = None
    members_only: bool | None = None
    emotes_only: bool | None = None
    hosts_only: bool | None = None
    frozen: bool | None = None
    guests_speak: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureFollowed(Event):
    """The room's stream runs as long as the host's picture comes in at this server."""

    kind: ClassVar[str] = "room.picture_followed"
    durable: ClassVar[bool] = True
    audience: ClassVar[Audience] = Audience.NOBODY

    server: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WordsSet(Event):
    """The words that may not be said in the room were set; nobody in it is told which they are."""

    kind: ClassVar[str] = "room.words_set"
    durable: ClassVar[bool] = True
    audience: ClassVar[Audience] = Audience.NOBODY

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageChanged(Event):
    """The store went away, or came back; another face of ``room.changed``, which no store can keep."""

    kind: ClassVar[str] = "room.changed"

    storage: str
