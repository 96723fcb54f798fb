"""What all connections of a process share, and who of them is there."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol
from weakref import WeakValueDictionary

from roomserver.centrifuge.codes import Disconnect
from roomserver.frames import Knock
from roomserver.gate import Gate, TurnedAway
from roomserver.identity import Checks, Identity
from roomserver.intake import Intake
from roomserver.limits import STAFF_FACTOR
from roomserver.pace import Pace
from roomserver.rooms import Rooms
from roomserver.shell import Shell
from roomserver.wheel import Wheel

PATH = "/connection/websocket"

FLOODERS = 1000
"""Whose measure is kept though they have no connection: it is full again within ten seconds anyway."""


class Guest(Protocol):
    """A connection, as far as its end is concerned."""

    @property
    def identity(self) -> Identity | None:
        """Whom its token names; None before it has connected."""

    def close(self, why: Disconnect) -> None:
        """The server ends this connection."""

    def close_when_answered(self, why: Disconnect) -> None:
        """The server ends this connection as soon as it owes it no answer."""


@dataclass(slots=True, kw_only=True)
class Door:
    """What a connection needs of its server; ``admits`` judges an Origin and a Host header.

    ``deflates``: whether connections that offer compression get it. ``clock``: seconds that go on during a turn of the
    loop (None: the loop's own). ``flooders`` keeps the measures of those who were closed as a flood for a while: who
    comes back at once goes on where he was.
    """

    shell: Shell
    rooms: Rooms
    checks: Checks
    wheel: Wheel
    version: str
    admits: Callable[[str | None, str], bool]
    gate: Gate
    connections: set[Guest] = field(default_factory=set)
    deflates: bool = True
    clock: Callable[[], float] | None = None
    draining: bool = False
    empty: asyncio.Event = field(default_factory=asyncio.Event)
    intake: Intake = field(init=False)
    durable: tuple[bytes, ...] = field(init=False)
    flooders: deque[Pace] = field(default_factory=lambda: deque(maxlen=FLOODERS))
    _paces: WeakValueDictionary[str, Pace] = field(default_factory=WeakValueDictionary)

    def __post_init__(self) -> None:
        self.empty.set()
        self.intake = Intake(self.shell.loop, self.clock)
        self.durable = tuple(one.kind.encode() for one in self.shell.house.commands if one.on_wire and one.durable)

    def turns_away(self, knock: Knock, address: str) -> TurnedAway | None:
        """The answer for somebody who may not come in; None when he may, and then ``leave`` must follow."""
        why = self._not_his(knock) or self.gate.admit(address, len(self.connections) - 1, self.shell.loop.time())
        if why is not None:
            self.shell.metrics.turned_away.labels(why.reason).inc()
        return why

    def _not_his(self, knock: Knock) -> TurnedAway | None:
        """Why this is no place for him, however calm the server is."""
        if knock.path != PATH:
            return TurnedAway(status=404, reason="path", text=f"Not here: connect to {PATH}.\n")
        if not self.admits(knock.origin, knock.host):
            text = "This origin or host is not on the server's list.\n"
            return TurnedAway(status=403, reason="origin", text=text)
        if self.draining:
            return TurnedAway(status=503, reason="draining", text="The server is stopping: try again.\n", after=1)
        return None

    def is_one_too_many(self, identity: Identity) -> bool:
        """Whether a user has as many connections as he may; guests are nobody."""
        return bool(identity.user) and self.shell.people.count(identity.user) >= self.gate.limits.per_user

    def pace(self, identity: Identity | None = None) -> Pace:
        """How much somebody may ask: one measure for all connections of a user, one for each of nobody's."""
        limits = self.gate.limits
        if identity is None or not identity.user:
            return Pace(limits.calls, limits.burst, self.shell.loop.time())
        pace = self._paces.get(identity.user)
        if pace is None:
            factor = STAFF_FACTOR if identity.roles else 1
            pace = Pace(limits.calls * factor, limits.burst * factor, self.shell.loop.time())
            self._paces[identity.user] = pace
        return pace

    def enter(self, guest: Guest) -> None:
        """A connection is there."""
        self.connections.add(guest)
        self.empty.clear()

    def leave(self, guest: Guest) -> None:
        """A connection is lost."""
        self.connections.discard(guest)
        if not self.connections:
            self.empty.set()
