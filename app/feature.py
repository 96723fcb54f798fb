"""The feature `app`: the platform's own events, shown in the room's next batch under the names that it gives them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from app.allowance import Allowance
from room.context import Context
from room.feature import Fate, Feature, Reply, Turn
from room.live import Room
from room.message import Command, Event, Key, Lane, ReplyAt, Stamped
from room.people import Role
from room.refusal import BadRequest

TYPE = r"app\.[a-z0-9_.]{1,60}"
"""How the platform names its events; no feature of this server begins so."""

Data = Mapping[str, object]
"""Any JSON object; the shell has seen to it that it can be encoded, and how large it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publish(Command):
    """Show the room an event of the platform's own ``type``; with a known key nothing is shown again."""

    kind: ClassVar[str] = "app.publish"
    who: ClassVar[Role] = Role.OPERATOR
    on_wire: ClassVar[bool] = False
    reply_at: ClassVar[ReplyAt] = ReplyAt.TICK

    type: str
    data: Data
    key: Key | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AppPublished(Event):
    """The platform shows something: a product card, an order notice. ``type`` begins with ``app.``; ``data`` is its."""

    kind: ClassVar[str] = "app.*"
    lane: ClassVar[Lane] = Lane.GIFT

    type: str
    data: Data

    @property
    def said_as(self) -> str:
        """The platform's own name."""
        return self.type


class App(Feature):
    """Shows what the platform publishes."""

    name = "app"
    commands = (Publish,)
    events = (AppPublished,)

    def decide(self, command: Publish, context: Context) -> Iterable[Event]:
        """The event, as it was given.

        Raises BadRequest, TooManyShown.
        """
        if re.fullmatch(TYPE, command.type) is None:
            raise BadRequest(f"type must match {TYPE}")
        context.room.state(Allowance).check(context.now)
        return (AppPublished(type=command.type, data=command.data),)

    def notices(self, kind: type[Event]) -> bool:
        """What is shown."""
        return issubclass(kind, AppPublished)

    def observe(self, stamped: Stamped, room: Room) -> None:
        """Take what is shown out of the room's allowance."""
        if isinstance(stamped.event, AppPublished):
            room.state(Allowance).note(stamped.at)

    def receipt(self, turn: Turn) -> Reply:
        """Its id; whom it has reached is known when its tick is written."""
        return {"id": turn.happened(AppPublished)[0].id, "online": None, "reached": None}

    def told(self, command: Publish, reply: Reply, fate: Fate) -> Reply:
        """How many users were in the room, and how many connections it was written to."""
        return {**reply, "online": fate.online, "reached": fate.reached}
