"""The channels there are: `room:<id>`, `host:<id>` and `#<user>`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Self

from room.people import ROOM_ID, USER_ID


class Kind(Enum):
    """What a channel carries; the value is the prefix of its name."""

    ROOM = "room:"  # the public batches of a room
    HOST = "host:"  # the cue cards for a room's hosts
    USER = "#"  # what is for one user alone; the server subscribes him


@dataclass(frozen=True, slots=True)
class Channel:
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
