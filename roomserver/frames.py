"""The WebSocket protocol of one connection, without I/O: handshake, messages, pongs, the close.

    bytes in ─ websockets' Sans-I/O protocol ─ a request, then whole messages      bytes out ─ what it says by itself

This module is the one door to the library. Batches and replies do not pass through it: their frames are ``framed`` once
and written as they are.
"""

from __future__ import annotations

import logging
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import parse_qs

from websockets.frames import CloseCode, Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import OPEN
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

PROTOBUF = Subprotocol("centrifuge-protobuf")
MESSAGE_BYTES = 16 * 1024
"""The largest message of a client: a token and a name fit many times over."""

FRAGMENTS = 64
"""Pieces that one message may come in; empty ones cost nothing to send."""

TEXT, BINARY = 0x81, 0x82
"""First byte of a whole, unfragmented frame (RFC 6455, 5.2)."""

log = logging.getLogger("roomserver.frames.library")
log.setLevel(logging.WARNING)
"""The WebSocket library's own: it tells of every connection at info."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Knock:
    """Somebody wants to come in; a header given twice is on no list."""

    path: str
    origin: str | None
    host: str
    forwarded: str | None = None


class Frames:
    """One connection's frames; whoever feeds it sends on what it has to say."""

    __slots__ = ("_fragments", "_pieces", "_query", "_request", "_ws", "controls")

    def __init__(self) -> None:
        self._ws = ServerProtocol(
            max_size=MESSAGE_BYTES, subprotocols=[PROTOBUF], select_subprotocol=_select, logger=log
        )
        self._request: Request | None = None
        self._query = ""
        self._fragments = bytearray()
        self._pieces = 0
        self.controls = 0
        """Pings and pongs that the peer has sent."""

    def receive(self, data: bytes) -> Iterator[Knock | bytes]:
        """What the peer said with these bytes: the request first, then messages."""
        self._ws.receive_data(data)
        for event in self._ws.events_received():
            if isinstance(event, Request):
                yield self._knock(event)
            elif (message := self._message(cast(Frame, event))) is not None:
                yield message

    def _knock(self, request: Request) -> Knock:
        self._request = request
        path, _, self._query = request.path.partition("?")
        headers = request.headers
        return Knock(
            path=path,
            origin=", ".join(headers.get_all("Origin")) or None,
            host=", ".join(headers.get_all("Host")),
            forwarded=", ".join(headers.get_all("X-Forwarded-For")) or None,
        )

    def accept(self) -> None:
        """Let whoever knocked come in."""
        assert self._request is not None
        self._ws.send_response(self._ws.accept(self._request))
        self._request = None

    def reject(self, status: int, text: str, after: int | None = None) -> None:
        """Send whoever knocked away, perhaps to come back after so many seconds."""
        response = self._ws.reject(status, text)
        if after is not None:
            response.headers["Retry-After"] = str(after)
        self._ws.send_response(response)
        self._request = None

    @property
    def protobuf(self) -> bool:
        """Whether the peer chose Protobuf, by subprotocol or by its address."""
        return self._ws.subprotocol == PROTOBUF or parse_qs(self._query).get("format") == ["protobuf"]

    def _message(self, frame: Frame) -> bytes | None:
        if frame.opcode not in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
            self.controls += 1
            return None
        if frame.fin and frame.opcode is not Opcode.CONT:
            return bytes(frame.data)
        self._fragments += frame.data
        self._pieces += 1
        if self._pieces > FRAGMENTS:
            self._ws.fail(CloseCode.MESSAGE_TOO_BIG, f"a message in more than {FRAGMENTS} pieces")
            return None
        if not frame.fin:
            return None
        message, self._fragments, self._pieces = bytes(self._fragments), bytearray(), 0
        return message

    @property
    def unfinished(self) -> int:
        """Bytes of a message whose end has not come."""
        return len(self._fragments)

    def receive_eof(self) -> None:
        """The peer sends no more."""
        self._ws.receive_eof()

    def close(self, code: int, reason: str) -> None:
        """Say the end, unless the peer, or a broken frame of his, was faster."""
        if self._ws.state is OPEN:
            self._ws.send_close(code, reason)

    @property
    def closing(self) -> bool:
        """Whether nothing but the end of the connection is to come."""
        return self._ws.close_expected()

    def to_send(self) -> list[bytes]:
        """What the protocol itself has to say: handshake, pongs, close; nothing (``b""``) means: end the connection."""
        return self._ws.data_to_send()

    def end(self) -> None:
        """Let go of the parser, whose callbacks point back at it: no garbage for every connection."""
        vars(self._ws).clear()


def _select(_protocol: ServerProtocol, offered: Any) -> Subprotocol | None:
    """Centrifuge's subprotocol where it is offered; others are ignored, since the default needs none."""
    return PROTOBUF if PROTOBUF in offered else None


def framed(payload: bytes, *, text: bool) -> bytes:
    """A server's WebSocket frame: unmasked, whole (RFC 6455, 5.1 and 5.2)."""
    first, size = TEXT if text else BINARY, len(payload)
    if size < 126:
        return struct.pack("!BB", first, size) + payload
    if size < 65536:
        return struct.pack("!BBH", first, 126, size) + payload
    return struct.pack("!BBQ", first, 127, size) + payload
