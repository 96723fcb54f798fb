"""A small feature in which people say things, to try the settings with."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from room.context import Context
from room.feature import Feature
from room.house import House
from room.message import Command, Event, Lane
from room.people import Role, Standing, User
from room.row import Row
from settings.feature import RoomSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Say(Command):
    """Say something."""

    kind: ClassVar[str] = "talk.say"
    who: ClassVar[Role] = Role.GUEST
    speaks: ClassVar[bool] = True

    emote: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave(Command):
    """Wave, which puts no words before anybody."""

    kind: ClassVar[str] = "talk.wave"
    who: ClassVar[Role] = Role.GUEST


@dataclass(frozen=True, slots=True, kw_only=True)
class Said(Event):
    kind: ClassVar[str] = "talk.said"
    lane: ClassVar[Lane] = Lane.DANMAKU

    user: User


@dataclass(frozen=True, slots=True, kw_only=True)
class Waved(Event):
    kind: ClassVar[str] = "talk.waved"
    lane: ClassVar[Lane] = Lane.ENTRANCE

    user: User


class Talk(Feature):
    name = "talk"
    commands = (Say, Wave)
    events = (Said, Waved)

    def decide(self, command: Say | Wave, context: Context) -> Iterable[Event]:
        yield Said(user=context.user) if isinstance(command, Say) else Waved(user=context.user)


def standing(row: Row) -> Standing:
    return Standing(tier={"m:bob": 1, "m:cyd": 5}.get(row.subject, 0))


HOUSE = House([RoomSettings(), Talk()], standing=standing)
