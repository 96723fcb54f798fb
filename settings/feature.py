"""The room's settings: changed by its host, by the platform's back end and by the server, told to everybody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from operator import attrgetter
from typing import Any, assert_never

from room.context import Context
from room.feature import Feature, Turn
from room.live import Room
from room.message import Command, Event, Lane, Stamped
from room.refusal import BadRequest, UnknownRoom
from room.settings import STREAMS, Settings
from settings.messages import (
    ChangeSettings,
    Configure,
    FollowPicture,
    PictureFollowed,
    RoomChanged,
    RoomMade,
    Schedule,
    SetLive,
    SetStorage,
    StorageChanged,
    WordsSet,
)
from settings.speech import Spoken, check

MODES = ("slow_seconds", "min_tier", "members_only", "emotes_only", "hosts_only", "frozen", "guests_speak")
"""What a host may set."""

_MODES_OF = attrgetter(*MODES)

FACE = ("title", "host", "zone", "boundary", "language", "cadence", "live_minutes", "dwell_seconds")
"""What the platform sets."""


class RoomSettings(Feature):
    """What is set for the room; its part is the kernel's Settings, which every feature may read."""

    name = "settings"
    commands = (ChangeSettings, Configure, SetLive, FollowPicture, SetStorage)
    events = (RoomMade, RoomChanged, PictureFollowed, WordsSet, StorageChanged)
    part = Settings

    def guards(self, kind: type[Command]) -> bool:
        return kind.speaks

    def guard(self, command: Command, context: Context) -> None:
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
            case PictureFollowed(server=server):
                return replace(section, picture_at=server)
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

    def notices(self, kind: type[Event]) -> bool:
        return issubclass(kind, StorageChanged) or kind.lane is Lane.DANMAKU

    def observe(self, stamped: Stamped, room: Room) -> None:
        event = stamped.event
        if isinstance(event, StorageChanged):
            room.storage = event.storage
        elif type(event).lane is Lane.DANMAKU and event.concerns is not None:
            room.state(Spoken).note(event.concerns, stamped.at, room.settings.slow_seconds * 1000)


def modes(settings: Settings) -> dict[str, object]:
    """What a host may set, as it is set."""
    return dict(zip(MODES, _MODES_OF(settings), strict=True))


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
    if not settings.made:
        return
    if not command.live:
        if settings.live and settings.live_by == "picture" and settings.picture_at in ("", command.server):
            yield RoomChanged(live=False, ended_at=context.now)
        return
    if not settings.live:
        begun = settings.next_at is not None and settings.next_at <= context.now
        changes = {"live": True} | _begun(None, settings, context.now) | _planned(0 if begun else None, settings)
        yield RoomChanged(**changes, live_by=None if settings.live_by == "picture" else "picture")
    elif settings.live_by == "platform":
        return
    if settings.picture_at != command.server:
        yield PictureFollowed(server=command.server)


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
