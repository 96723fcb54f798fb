"""The room's settings: changed by its host, by the platform's back end and by the server, told to everybody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Annotated, Any, ClassVar, Literal, assert_never

from room.context import Context
from room.feature import Feature, Turn
from room.live import SETTINGS, Room
from room.message import PLAIN, Audience, Command, Event, Key, Lane, Limits, Stamped
from room.people import USER_ID, Actor, Role
from room.refusal import BadRequest, UnknownRoom
from room.settings import STREAMS, Cadence, LiveBy, Settings
from settings.speech import Spoken, check

MODES = ("slow_seconds", "min_tier", "members_only", "emotes_only", "hosts_only", "frozen", "guests_speak")
"""What a host may set."""

FACE = ("title", "host", "zone", "boundary", "language", "cadence", "live_minutes", "dwell_seconds")
"""What the platform sets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSettings(Command):
    """Set some of a room's modes; without any, just say how they are set."""

    kind: ClassVar[str] = "room.settings"
    who: ClassVar[Role] = Role.MODERATOR
    durable: ClassVar[bool] = True

    slow_seconds: Annotated[int, Limits(0, 3600)] | None = None
    min_tier: Annotated[int, Limits(0, 100)] | None = None
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

    title: Annotated[str, Limits(0, 128, rf"^{PLAIN}*$(?!\n)")] | None = None
    host: Annotated[str, Limits(pattern=rf"^({USER_ID})?$(?!\n)")] | None = None
    zone: Annotated[str, Limits(1, 64)] | None = None
    boundary: Annotated[int, Limits(0, 1439)] | None = None
    language: Literal["en", "zh"] | None = None
    words: Annotated[tuple[Annotated[str, Limits(1, 64)], ...], Limits(0, 500)] | None = None
    cadence: Cadence | None = None
    live_minutes: Annotated[int, Limits(1, 1440)] | None = None
    dwell_seconds: Annotated[int, Limits(0, 3600)] | None = None
    next_at: Annotated[int, Limits(0)] | None = None
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
    stream: Annotated[str, Limits(1, 64)] | None = None
    next_at: Annotated[int, Limits(0)] | None = None
    key: Key | None = None

    def subject(self, actor: Actor) -> str:
        return SETTINGS


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowPicture(Command):
    """The host's picture has begun to come in, or has ended, and the stream with it.

    What the platform has begun only the platform ends; and what it ended begins again with another picture only.
    """

    kind: ClassVar[str] = "room.follow_picture"
    who: ClassVar[Role] = Role.ROOM
    durable: ClassVar[bool] = True
    on_wire: ClassVar[bool] = False

    live: bool

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


class RoomSettings(Feature):
    """What is set for the room; its part is the kernel's Settings, which every feature may read."""

    name = "settings"
    commands = (ChangeSettings, Configure, SetLive, FollowPicture, SetStorage)
    events = (RoomMade, RoomChanged, WordsSet, StorageChanged)
    part = Settings

    def guard(self, command: Command, context: Context) -> None:
        if command.speaks:
            check(command, context)

    def decide(
        self, command: ChangeSettings | Configure | SetLive | FollowPicture | SetStorage, context: Context
    ) -> Iterable[Event]:
        match command:
            case ChangeSettings():
                return _changed(_differing(command, MODES, context.row.of(Settings)))
            case Configure():
                return _configured(command, context.row.of(Settings))
            case SetLive():
                return _live(command, context)
            case FollowPicture():
                return _following(command, context)
            case SetStorage(storage=storage):
                return () if storage == context.room.storage else (StorageChanged(storage=storage),)
            case _:
                assert_never(command)

    def evolve(self, section: Settings, event: Event) -> Settings:
        match event:
            case RoomMade():
                return replace(section, made=True)
            case WordsSet(words=words):
                return replace(section, words=words)
            case RoomChanged():
                return _folded(section, event)
            case _:
                return section

    def receipt(self, turn: Turn) -> Mapping[str, object]:
        settings = turn.context.row.of(Settings)
        match turn.command:
            case ChangeSettings():
                return modes(settings)
            case Configure() | SetLive():
                return described(turn.context.room, settings)
            case _:
                return {}

    def snapshot(self, context: Context) -> Mapping[str, object]:
        return {"room": described(context.room, context.room.settings)}

    def observe(self, stamped: Stamped, room: Room) -> None:
        event = stamped.event
        if isinstance(event, StorageChanged):
            room.storage = event.storage
        elif type(event).lane is Lane.DANMAKU and event.concerns is not None:
            room.state(Spoken).note(event.concerns, stamped.at, room.settings.slow_seconds * 1000)


def modes(settings: Settings) -> dict[str, object]:
    """What a host may set, as it is set."""
    return {name: getattr(settings, name) for name in MODES}


def described(room: Room, settings: Settings) -> dict[str, object]:
    """The room as its snapshot and the platform's back end show it."""
    return {
        "id": room.id,
        "title": settings.title,
        "host": settings.host,
        "live": settings.live,
        "live_since": settings.live_since,
        "stream": settings.stream or None,
        "schedule": {"next_at": settings.next_at},
        "ended_at": settings.ended_at,
        "zone": settings.zone,
        "boundary": settings.boundary,
        "language": settings.language,
        "cadence": settings.cadence,
        "live_minutes": settings.live_minutes,
        "dwell_seconds": settings.dwell_seconds,
        "settings": modes(settings),
        "storage": room.storage,
    }


# ``Any`` below: the values of fields picked by name; both classes declare the same types under these names.


def _differing(command: Command, names: Iterable[str], settings: Settings) -> dict[str, Any]:
    wanted = {name: getattr(command, name) for name in names}
    return {name: one for name, one in wanted.items() if one is not None and one != getattr(settings, name)}


def _planned(next_at: int | None, settings: Settings) -> dict[str, Any]:
    wanted = settings.next_at if next_at is None else next_at or None
    return {} if wanted == settings.next_at else {"schedule": Schedule(next_at=wanted)}


def _changed(changes: Mapping[str, Any]) -> tuple[Event, ...]:
    return (RoomChanged(**changes),) if changes else ()


def _configured(command: Configure, settings: Settings) -> Iterable[Event]:
    """Raises BadRequest for a zone or boundary that makes no days."""
    changes = _differing(command, FACE, settings)
    try:
        _ = replace(settings, **changes).day_rule
    except ValueError as error:
        raise BadRequest(str(error)) from None
    if not settings.made:
        yield RoomMade()
    yield from _changed({**changes, **_planned(command.next_at, settings)})
    if command.words is not None and command.words != settings.words:
        yield WordsSet(words=command.words)


def _live(command: SetLive, context: Context) -> Iterable[Event]:
    """Raises UnknownRoom."""
    settings = context.row.of(Settings)
    if not settings.made:
        raise UnknownRoom(context.room.id)
    begun = command.live and settings.next_at is not None and settings.next_at <= context.now
    planned = 0 if begun and command.next_at is None else command.next_at
    changes = _differing(command, ("live",), settings) | _planned(planned, settings)
    if command.live:
        changes |= _begun(command.stream, settings, context.now)
    elif settings.live:
        changes["ended_at"] = context.now
    if settings.live_by == "picture":
        changes["live_by"] = "platform"
    yield from _changed(changes)


def _following(command: FollowPicture, context: Context) -> Iterable[Event]:
    settings = context.row.of(Settings)
    if not settings.made or command.live == settings.live:
        return
    if command.live:
        begun = settings.next_at is not None and settings.next_at <= context.now
        changes = {"live": True} | _begun(None, settings, context.now) | _planned(0 if begun else None, settings)
        yield RoomChanged(**changes, live_by=None if settings.live_by == "picture" else "picture")
    elif settings.live_by == "picture":
        yield RoomChanged(live=False, ended_at=context.now)


def _begun(stream: str | None, settings: Settings, now: int) -> dict[str, Any]:
    """What begins: nothing while it runs already, and the last stream again where it is the same."""
    if settings.live and stream in (None, settings.stream):
        return {}
    if not settings.live and stream is not None and stream == settings.stream and settings.streams:
        return {"live_since": settings.streams[-1][0]}
    named = stream or ""
    return {"live_since": now} | ({} if named == settings.stream else {"stream": named})


def _ended(settings: Settings, at: int | None) -> dict[str, Any]:
    """The room's streams with the one that ends at an instant, if one runs."""
    if settings.live_since is None or at is None:
        return {}
    streams = (*settings.streams, (settings.live_since, at))
    return {"streams": streams[-STREAMS:], "forgotten": settings.forgotten + max(0, len(streams) - STREAMS)}


def _followed(settings: Settings, since: int) -> dict[str, Any]:
    """The room's streams when one begins: the last one no more if it goes on, and that which it follows."""
    if settings.streams and settings.streams[-1][0] == since:
        return {"streams": settings.streams[:-1]}
    return _ended(settings, since)


FOLDED = tuple({one.name for one in fields(RoomChanged)} & {one.name for one in fields(Settings)})
"""Fields of the event that are kept under the same names."""


def _folded(settings: Settings, event: RoomChanged) -> Settings:
    values: dict[str, Any] = {name: one for name in FOLDED if (one := getattr(event, name)) is not None}
    if event.schedule is not None:
        values["next_at"] = event.schedule.next_at
    if event.live:
        values["ended_at"] = None
    if event.live_since is not None:
        values |= _followed(settings, event.live_since)
    if event.live is False:
        values |= {"live_since": None, **_ended(settings, event.ended_at)}
    return replace(settings, **values)
