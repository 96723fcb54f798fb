"""The channels there are: `room:<id>`, `host:<id>` and `#<user>`."""

from __future__ import annotations

import re
from enum import Enum
from typing import NamedTuple, Self

from room.people import ROOM_ID, USER_ID


class Kind(Enum):
    """What a channel carries; the value is the prefix of its name."""

    ROOM = "room:"  # the public batches of a room
    HOST = "host:"  # the cue cards for a room's hosts
    USER = "#"  # what is for one user alone; the server subscribes him

    __hash__ = (
        object.__hash__
    )  # each is one object; an enumeration's own hash is that of its name, at ten times the cost


class Channel(NamedTuple):
    """A channel, known to be well-formed; `id` is the room's or the user's."""

    kind: Kind
    id: str

    @property
    def name(self) -> str:
        """The channel's name on the wire."""
        return self.kind.value + self.id

    @classmethod
    def parse(cls, name: str) -> Self | None:
        """Read a name from the wire; None when there can be no such channel."""
        for kind in Kind:
            if name.startswith(kind.value):
                ids = USER_ID if kind is Kind.USER else ROOM_ID
                rest = name.removeprefix(kind.value)
                return cls(kind, rest) if re.fullmatch(ids, rest) else None
        return None
