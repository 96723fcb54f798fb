"""Who has just connected: his first bytes say whether he becomes a WebSocket at once, or is uvicorn's.

    accepted ─ first bytes ─ a plain upgrade? ─ yes ─ WebSocket
                                              └ no ── uvicorn's HTTP, which hands over WebSockets of its own

uvicorn's protocol and its parser cost more to make than everything that a plain upgrade needs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol, cast

from roomserver.door import Door
from roomserver.upgrade import plain_upgrade
from roomserver.websocket import WebSocket

HEADER_SECONDS = 10
"""A connection that has said no whole request by then is given up: open sockets are what runs out first."""


class Http(Protocol):
    """uvicorn's side, which goes on where this one ends."""

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Take the connection."""

    def data_received(self, data: bytes) -> None:
        """Take what has come."""

    def go_on(self, deadline: asyncio.TimerHandle) -> None:
        """Wait for the header no longer than until then."""


class Doorstep(asyncio.Protocol):
    """One connection until something is heard of it; ``connections`` are those that uvicorn ends when it stops."""

    __slots__ = ("_connections", "_deadline", "_door", "_http", "_transport")
    _transport: asyncio.Transport
    _deadline: asyncio.TimerHandle

    def __init__(self, door: Door, connections: set[object], http: Callable[[], Http]) -> None:
        self._door = door
        self._connections = connections
        self._http = http

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the first bytes."""
        self._transport = cast(asyncio.Transport, transport)
        self._connections.add(self)
        self._deadline = self._door.shell.loop.call_later(HEADER_SECONDS, self._too_late)

    def _too_late(self) -> None:
        self._door.shell.metrics.turned_away.labels("late").inc()
        self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing came."""
        self._deadline.cancel()
        self._connections.discard(self)

    def data_received(self, data: bytes) -> None:
        """Hand the connection over."""
        self._connections.discard(self)
        upgrade = plain_upgrade(data, deflates=self._door.deflates)
        if upgrade is None:
            http = self._http()
            self._transport.set_protocol(cast(asyncio.Protocol, http))
            http.connection_made(self._transport)
            http.go_on(self._deadline)
            http.data_received(data)
        else:
            self._deadline.cancel()
            connection = WebSocket(self._door, self._connections)
            self._transport.set_protocol(connection)
            connection.connection_made(self._transport)
            connection.come_in(upgrade, data)

    def shutdown(self) -> None:
        """The HTTP server ends."""
        self._transport.close()
