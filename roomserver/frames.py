"""The WebSocket protocol of one connection, without I/O: handshake, messages, pongs, the close.

    bytes in ─ websockets' Sans-I/O protocol ─ a request, then whole messages      bytes out ─ what it says by itself

This module is the one door to the library. Batches and replies do not pass through it: their frames are made once
(frame_variants.py) and written as they are. Nor do the handshakes of upgrade.py, nor messages that are one whole frame
(whole_frames.py): a connection has a protocol of the library's as soon as it says anything else.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast
from urllib.parse import parse_qs
from zlib import MAX_WBITS

from websockets.datastructures import Headers
from websockets.exceptions import InvalidHandshake, NegotiationError
from websockets.extensions import Extension
from websockets.extensions.permessage_deflate import PerMessageDeflate, ServerPerMessageDeflateFactory
from websockets.frames import CloseCode, Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import OPEN
from websockets.server import ServerProtocol
from websockets.speedups import apply_mask
from websockets.typing import ExtensionParameter, Subprotocol

from roomserver.whole_frames import (
    DEFLATED,
    MESSAGE_BYTES,
    PLAIN,
    beginning,
    header_of_only,
    may_become_whole,
    split,
    unpacked,
)

PROTOBUF = Subprotocol("centrifuge-protobuf")
FRAGMENTS = 64
"""Pieces that one message may come in; empty ones cost nothing to send."""

PONGS = 10
"""Of pings that come together so many are answered, the newest: RFC 6455, 5.5.3, asks for the last one."""

PING, PONG_START = 0x89, b"\x8a"
"""First byte of a ping, and of a pong (RFC 6455, 5.2)."""

LONGEST_PING = 125
"""Bytes that a ping may have at most (RFC 6455, 5.5)."""

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


@lru_cache(maxsize=64)  # what is offered is written in a few ways
def deflation(offer: str) -> str | None:
    """What an offer of extensions is answered with where batches may be deflated; None: nothing of it is taken.

    Raises ValueError when it cannot be read.
    """
    asked = ServerProtocol(extensions=[SHARED_DEFLATE], logger=log)
    try:
        return asked.process_extensions(Headers({"Sec-WebSocket-Extensions": offer}))[0]
    except InvalidHandshake as error:
        raise ValueError(str(error)) from error


def wants_protobuf(query: str) -> bool:
    """Whether an address asks for Protobuf."""
    return bool(query) and parse_qs(query).get("format") == ["protobuf"]


class Frames:
    """One connection's frames; whoever feeds it sends on what it has to say."""

    __slots__ = (
        "_begun",
        "_between",
        "_fragments",
        "_library",
        "_pieces",
        "_query",
        "_request",
        "_said",
        "_whole",
        "controls",
        "deflates",
        "stirred",
    )

    def __init__(self, *, deflates: bool, opened: bool = False) -> None:
        """``deflates``: compression is taken when it is offered; of a connection that is ``opened`` already: was."""
        self.deflates = deflates
        """Whether the peer takes deflated messages, once it is let in."""
        self.controls = 0
        """Pings and pongs that the peer has sent."""
        self.stirred = False
        """Whether there may be anything that the protocol itself has to say."""
        self._library: ServerProtocol | None = None
        self._request: Request | None = None
        self._query = ""
        self._fragments = bytearray()
        self._pieces = 0
        self._between = opened  # whether the library's parser stands between two frames
        self._whole = opened  # whether what comes then may be a message by itself: open, and in no fragmented one
        self._begun = b""  # a frame whose end has not come
        self._said: list[bytes] = []

    @property
    def _ws(self) -> ServerProtocol:
        self.stirred = True
        if self._library is None:
            self._library = self._opened() if self._whole else self._awaiting()
        return self._library

    def _awaiting(self) -> ServerProtocol:
        return ServerProtocol(
            max_size=MESSAGE_BYTES,
            subprotocols=[PROTOBUF],
            select_subprotocol=_select,
            extensions=[SHARED_DEFLATE] if self.deflates else None,
            logger=log,
        )

    def _opened(self) -> ServerProtocol:
        """As the library's would be after its own handshake."""
        ws = ServerProtocol(max_size=MESSAGE_BYTES, logger=log, state=OPEN)
        if self.deflates:
            ws.extensions = [PerMessageDeflate(True, True, MAX_WBITS, MAX_WBITS)]
        return ws

    def receive(self, data: bytes) -> Sequence[Knock | bytes]:
        """What the peer said with these bytes: the request first, then messages.

        Nearly all of it is one whole frame of one whole message: that needs no parser that can wait in its midst.
        """
        if self._whole and not self._begun and (header := header_of_only(data)):
            return (apply_mask(data[header:], data[header - 4 : header]),)
        if not self._between:
            return self._parsed(data)
        if self._begun:
            data, self._begun = self._begun + data, b""
        frames, end = split(data)
        heard = [one for frame, header in frames for one in self._of_frame(frame, header)]
        if end < len(data):
            heard += self._begin(data[end:])
        return heard

    def glimpse(self, data: bytes) -> bytes:
        """What the messages say that these bytes will be, one after the other, as far as that is plain to see."""
        if not self._whole:
            return b""
        frames, _ = split(self._begun + data)
        return b"\n".join([self._seen(frame, header) for frame, header in frames])

    def _seen(self, frame: bytes, header: int) -> bytes:
        if frame[0] in PLAIN:
            return apply_mask(frame[header:], frame[header - 4 : header])
        if self.deflates and frame[0] in DEFLATED:
            return beginning(apply_mask(frame[header:], frame[header - 4 : header]))
        return b""

    def _of_frame(self, frame: bytes, header: int) -> Sequence[Knock | bytes]:
        if self._whole and frame[0] in PLAIN:
            return (apply_mask(frame[header:], frame[header - 4 : header]),)
        if self._whole and self.deflates and frame[0] in DEFLATED:
            message = unpacked(apply_mask(frame[header:], frame[header - 4 : header]))
            return self._parsed(frame) if message is None else (message,)
        if self._whole and frame[0] == PING and len(frame) - header <= LONGEST_PING:
            self._pong(apply_mask(frame[header:], frame[header - 4 : header]))
            return ()
        return self._parsed(frame)

    def _begin(self, rest: bytes) -> Sequence[Knock | bytes]:
        """The beginning of a frame: it waits for its end, unless the library is to say what is wrong with it."""
        if may_become_whole(rest, DEFLATED if self.deflates else ()):
            self._begun = rest
            return ()
        heard = self._parsed(rest)
        self._between = self._whole = False
        return heard

    def _pong(self, payload: bytes) -> None:
        """Answer a ping; of many that come together the last ones only."""
        self.controls += 1
        self.stirred = True
        self._said.append(bytes((PONG_START[0], len(payload))) + payload)

    def _parsed(self, data: bytes) -> Sequence[Knock | bytes]:
        """The library's work: whatever is not plain, and all that comes after a frame in pieces."""
        self._ws.receive_data(data)
        heard: list[Knock | bytes] = []
        for event in self._ws.events_received():
            if isinstance(event, Request):
                heard.append(self._knock(event))
            elif (message := self._message(cast(Frame, event))) is not None:
                heard.append(message)
        self._said += self._ws.data_to_send()
        if self._ws.eof_sent:
            self._let_go(self._ws)
        self._whole = self._between and self._ws.state is OPEN and self._ws.current_size is None
        return heard

    def _let_go(self, ws: ServerProtocol) -> None:
        """Keep nothing of what came, where nothing that comes is read any more; it may be seconds until he is gone."""
        self._fragments = bytearray()
        ws.extensions = []  # what unpacked a message that is broken, or has no end: 40 kB,
        ws.parser_exc = None  # which the frames of its error hold too

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
            self._between = self._whole = True
        self.deflates = bool(self._ws.extensions)

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
        return self._ws.subprotocol == PROTOBUF or wants_protobuf(self._query)

    def _message(self, frame: Frame) -> bytes | None:
        if self._pieces > FRAGMENTS:  # he is thrown out: the library had read on before it was told
            return None
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

    def receive_eof(self) -> None:
        """The peer sends no more."""
        if self._begun:
            self._ws.receive_data(self._begun)
        self._ws.receive_eof()
        self._whole = False

    def close(self, code: int, reason: str) -> None:
        """Say the end, unless the peer, or a broken frame of his, was faster."""
        if self._ws.state is OPEN:
            self._ws.send_close(code, reason)
            self._whole = False

    @property
    def misspoke(self) -> bool:
        """Whether the library has refused the request by itself: it was none, or none that asks for a WebSocket."""
        return self._library is not None and self._library.handshake_exc is not None

    @property
    def closing(self) -> bool:
        """Whether nothing but the end of the connection is to come, also where it was the peer who said no more."""
        ws = self._library
        return ws is not None and (ws.eof_sent or ws.close_expected())

    @property
    def closed_with(self) -> int | None:
        """The code with which this end has closed; None where the peer was first."""
        ws = self._library
        return None if ws is None or ws.close_sent is None or ws.close_rcvd_then_sent else ws.close_sent.code

    def to_send(self) -> list[bytes]:
        """What the protocol itself has to say: handshake, pong, close; nothing (``b""``) means: end the connection.

        Of many pings that came together only the last ten are answered (RFC 6455, 5.5.3), so that pongs need no queue.
        """
        self.stirred = False
        frames, self._said = self._said, []
        if self._library is not None:
            frames += self._library.data_to_send()
        if len(frames) <= PONGS:
            return frames
        spared = sum(frame[:1] == PONG_START for frame in frames) - PONGS
        told: list[bytes] = []
        for frame in frames:
            if frame[:1] == PONG_START and spared > 0:
                spared -= 1
            else:
                told.append(frame)
        return told

    def end(self) -> None:
        """Let go of the parser, whose callbacks point back at it: no garbage for every connection."""
        if self._library is not None:
            vars(self._library).clear()


def _select(_protocol: ServerProtocol, offered: Any) -> Subprotocol | None:
    """Centrifuge's subprotocol where it is offered; others are ignored, since the default needs none."""
    return PROTOBUF if PROTOBUF in offered else None
