"""How frames of a server's own dialect carry the Centrifuge protocol: as they are, or inside Socket.IO's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from loadtest import protocol
from loadtest.protocol import Command


class Wire(Protocol):
    """A dialect; what is read of it is turned into lines of the Centrifuge protocol."""

    @property
    def path(self) -> str | None:
        """Where the WebSocket is, when not where the target says."""

    @property
    def pong(self) -> bytes:
        """The answer to a ping."""

    def encode(self, command: Command, number: int) -> bytes:
        """One command."""

    def join(self, lines: Sequence[bytes]) -> list[bytes]:
        """The frames that carry these commands."""

    def translate(self, payload: bytes) -> bytes:
        """The lines in a frame; empty when there are none."""


class Plain:
    """The protocol as it is: lines of one frame."""

    path: str | None = None
    pong = protocol.PONG

    def encode(self, command: Command, number: int) -> bytes:
        """A line."""
        return protocol.encode(command, number)

    def join(self, lines: Sequence[bytes]) -> list[bytes]:
        """All in one frame."""
        return [b"\n".join(lines)]

    def translate(self, payload: bytes) -> bytes:
        """Nothing to do."""
        return payload


class SocketIo:
    """Engine.IO 4 and Socket.IO 5 over WebSocket: events `command`, `reply` and `push` (see peers/sio.py)."""

    path: str | None = "/socket.io/?EIO=4&transport=websocket"
    pong = b"3"

    def encode(self, command: Command, number: int) -> bytes:
        """To connect is a packet of its own; everything else is an event."""
        if command.connect is not None:
            return b"40"
        return b'42["command",' + protocol.encode(command, number) + b"]"

    def join(self, lines: Sequence[bytes]) -> list[bytes]:
        """A packet is a frame."""
        return list(lines)

    def translate(self, payload: bytes) -> bytes:
        """The packet's event as a line; the first command is always to connect."""
        if payload.startswith(b'42["push",'):
            return b'{"push":' + payload[10:-1] + b"}"
        if payload.startswith(b'42["reply",'):
            return payload[11:-1]
        if payload.startswith(b"40"):
            return b'{"id":1,"connect":{"client":"socket.io"}}'
        return protocol.PONG if payload == b"2" else b""


PLAIN: Wire = Plain()
SOCKET_IO: Wire = SocketIo()
