"""What all connections of a process share, and who of them is there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from roomserver.centrifuge.codes import Disconnect
from roomserver.frames import Knock
from roomserver.identity import Checks
from roomserver.rooms import Rooms
from roomserver.shell import Shell
from roomserver.wheel import Wheel

PATH = "/connection/websocket"


class Guest(Protocol):
    """A connection, as far as its end is concerned."""

    def close_when_answered(self, why: Disconnect) -> None:
        """The server ends this connection as soon as it owes it no answer."""


@dataclass(slots=True, kw_only=True)
class Door:
    """What a connection needs of its server; ``admits`` judges an Origin and a Host header."""

    shell: Shell
    rooms: Rooms
    checks: Checks
    wheel: Wheel
    version: str
    admits: Callable[[str | None, str], bool]
    connections: set[Guest] = field(default_factory=set)
    draining: bool = False
    empty: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.empty.set()

    def turns_away(self, knock: Knock) -> tuple[int, str] | None:
        """The HTTP status and the sentence for somebody who may not come in; None when he may."""
        if knock.path != PATH:
            return 404, f"Not here: connect to {PATH}.\n"
        if not self.admits(knock.origin, knock.host):
            return 403, "This origin or host is not on the server's list.\n"
        if self.draining:
            return 503, "The server is stopping: try again.\n"
        return None

    def enter(self, guest: Guest) -> None:
        """A connection is there."""
        self.connections.add(guest)
        self.empty.clear()

    def leave(self, guest: Guest) -> None:
        """A connection is lost."""
        self.connections.discard(guest)
        if not self.connections:
            self.empty.set()
