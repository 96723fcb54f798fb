"""The WebSocket protocol of one connection, without I/O: handshake, messages, pongs, the close.

    bytes in ─ websockets' Sans-I/O protocol ─ a request, then whole messages      bytes out ─ what it says by itself

This module is the one door to the library. Batches and replies do not pass through it: their frames are made once
(frame_variants.py) and written as they are.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import parse_qs
from zlib import MAX_WBITS

from websockets.exceptions import NegotiationError
from websockets.extensions import Extension
from websockets.extensions.permessage_deflate import PerMessageDeflate, ServerPerMessageDeflateFactory
from websockets.frames import CloseCode, Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import OPEN
from websockets.server import ServerProtocol
from websockets.typing import ExtensionParameter, Subprotocol
from websockets.utils import apply_mask

PROTOBUF = Subprotocol("centrifuge-protobuf")
MESSAGE_BYTES = 16 * 1024
"""The largest message of a client: a token and a name fit many times over."""

FRAGMENTS = 64
"""Pieces that one message may come in; empty ones cost nothing to send."""

PLAIN = (0x81, 0x82)
"""First byte of a text and of a binary message that is whole and not deflated."""

SHORTEST, MASKED = 6, 0x80
"""Bytes of the shortest frame of a client, and the bit that says that it is masked."""

PONG_START = b"\x8a"
"""First byte of a pong (RFC 6455, 5.2)."""

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


class _SharedDeflate(ServerPerMessageDeflateFactory):
    """Deflate without context takeover and with the full window, so that a deflated batch is right for everybody."""

    def process_request_params(
        self, params: Sequence[ExtensionParameter], accepted_extensions: Sequence[Extension]
    ) -> tuple[list[ExtensionParameter], PerMessageDeflate]:
        """Take the offer, unless it asks for a smaller window."""
        told, extension = super().process_request_params(params, accepted_extensions)
        if extension.local_max_window_bits < MAX_WBITS:
            raise NegotiationError("a window of its own")
        return told, extension


SHARED_DEFLATE = _SharedDeflate(server_no_context_takeover=True, client_no_context_takeover=True)


class Frames:
    """One connection's frames; whoever feeds it sends on what it has to say."""

    __slots__ = ("_between", "_fragments", "_pieces", "_query", "_request", "_ws", "controls")

    def __init__(self, *, deflates: bool) -> None:
        """``deflates`` says whether compression is taken when it is offered."""
        self._ws = ServerProtocol(
            max_size=MESSAGE_BYTES,
            subprotocols=[PROTOBUF],
            select_subprotocol=_select,
            extensions=[SHARED_DEFLATE] if deflates else None,
            logger=log,
        )
        self._request: Request | None = None
        self._query = ""
        self._fragments = bytearray()
        self._pieces = 0
        self._between = False  # whether the library's parser stands between two frames
        self.controls = 0
        """Pings and pongs that the peer has sent."""

    def receive(self, data: bytes) -> Iterator[Knock | bytes]:
        """What the peer said with these bytes: the request first, then messages.

        Nearly all of it are whole frames of one whole message each: these need no parser that can wait in their midst.
        """
        whole = _split(data) if self._between else None
        if whole is None:
            self._between = False
            yield from self._parsed(data)
            return
        for frame, header in whole:
            if frame[0] in PLAIN and self._ws.current_size is None and self._ws.state is OPEN:
                yield apply_mask(frame[header:], frame[header - 4 : header])
            else:
                yield from self._parsed(frame)

    def _parsed(self, data: bytes) -> Iterator[Knock | bytes]:
        """The library's work: whatever is not plain, and all that comes after a frame in pieces."""
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
        if self._ws.state is OPEN:  # a parser that begins here keeps no request for as long as the connection lasts
            self._ws.parser = self._ws.parse()
            next(self._ws.parser)
            self._between = True

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

    @property
    def deflates(self) -> bool:
        """Whether the peer takes deflated messages."""
        return bool(self._ws.extensions)

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
        """What the protocol itself has to say: handshake, pong, close; nothing (``b""``) means: end the connection.

        Of several pings that came together only the last is answered (RFC 6455, 5.5.3), so that pongs need no queue.
        """
        frames = self._ws.data_to_send()
        pongs = [frame for frame in frames if frame[:1] == PONG_START]
        return [frame for frame in frames if frame[:1] != PONG_START or frame is pongs[-1]]

    def end(self) -> None:
        """Let go of the parser, whose callbacks point back at it: no garbage for every connection."""
        vars(self._ws).clear()


def _split(data: bytes) -> list[tuple[bytes, int]] | None:
    """The frames of which these bytes consist, each with its header's length; None unless they are whole and small.

    RFC 6455, 5.2: a client masks; 126 stands before two bytes of length, 127 before eight.
    """
    frames: list[tuple[bytes, int]] = []
    at, size = 0, len(data)
    while at < size:
        if size - at < SHORTEST or data[at + 1] < MASKED:
            return None
        length, header = data[at + 1] - MASKED, SHORTEST
        if length == 126:
            length, header = data[at + 2] << 8 | data[at + 3], SHORTEST + 2
        end = at + header + length
        if length == 127 or length > MESSAGE_BYTES or end > size:
            return None
        frames.append((data[at:end], header))
        at = end
    return frames


def _select(_protocol: ServerProtocol, offered: Any) -> Subprotocol | None:
    """Centrifuge's subprotocol where it is offered; others are ignored, since the default needs none."""
    return PROTOBUF if PROTOBUF in offered else None
