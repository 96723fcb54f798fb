"""WebSocket frames (RFC 6455, section 5) as seen from a client that reads a lot and writes little.

A server's frames come unmasked, so a whole message is one slice of what the socket gave: that is what lets one core
read for thousands of viewers.
"""

from __future__ import annotations

import zlib
from typing import Final, NamedTuple

from loadtest.faults import WireFault

CONTINUATION: Final = 0x0
TEXT: Final = 0x1
BINARY: Final = 0x2
CLOSE: Final = 0x8
PING: Final = 0x9
PONG: Final = 0xA

_CONTROL: Final = frozenset({CLOSE, PING, PONG})
_KNOWN: Final = frozenset({CONTINUATION, TEXT, BINARY}) | _CONTROL
_LONGEST_CONTROL: Final = 125
_PACKED: Final = 0x40
_WHOLE_AND_PACKED: Final = 0x80 | _PACKED
LONGEST_MESSAGE: Final = 16 * 1024 * 1024


class Message(NamedTuple):
    """One whole message: fragments are already joined."""

    opcode: int
    payload: bytes


def client_frame(opcode: int, payload: bytes, mask: bytes) -> bytes:
    """Frame `payload` in one masked frame; `mask` has four bytes (section 5.3)."""
    size = len(payload)
    if size < 126:
        head = bytes((0x80 | opcode, 0x80 | size))
    elif size < 1 << 16:
        head = bytes((0x80 | opcode, 0xFE)) + size.to_bytes(2, "big")
    else:
        head = bytes((0x80 | opcode, 0xFF)) + size.to_bytes(8, "big")
    return head + mask + _masked(payload, mask)


def _masked(payload: bytes, mask: bytes) -> bytes:
    size = len(payload)
    stream = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(stream, "big")).to_bytes(size, "big")


class FrameReader:
    """Cuts a server's bytes into messages; feed it as they come, in pieces of any size."""

    __slots__ = ("_deflate", "_fragments", "_opcode", "_rest")

    def __init__(self, *, deflate: bool = False) -> None:
        self._deflate = deflate
        self._rest = b""
        self._opcode = CONTINUATION
        self._fragments: list[bytes] = []

    @property
    def between(self) -> bool:
        """Whether all that was fed ends where a message ends."""
        return not self._rest and not self._fragments

    def feed(self, data: bytes) -> list[Message]:
        """Take the next bytes and give the messages they complete.

        Raises:
            WireFault: for what section 5 does not allow a server, or a message above 16 MiB.
        """
        if self._rest:
            data = self._rest + data
        messages: list[Message] = []
        start, end = 0, len(data)
        while end - start >= 2:
            first, second = data[start], data[start + 1]
            body, size = _measure(data, start, second)
            if body < 0 or end - body < size:
                break
            packed = self._deflate and first & 0xF0 == _WHOLE_AND_PACKED
            _check_head(first & ~_PACKED if packed else first, second, size)
            start = body + size
            payload = data[body:start]
            self._take(first, inflate(payload) if packed else payload, messages)
        self._rest = data[start:]
        return messages

    def _take(self, first: int, payload: bytes, messages: list[Message]) -> None:
        opcode, final = first & 0x0F, bool(first & 0x80)
        if opcode in _CONTROL or (final and opcode and not self._fragments):
            messages.append(Message(opcode, payload))
            return
        self._join(opcode, final, payload, messages)

    def _join(self, opcode: int, final: bool, payload: bytes, messages: list[Message]) -> None:
        if bool(opcode) == bool(self._fragments):
            raise WireFault("The server sent a fragment out of order.")
        self._opcode = opcode or self._opcode
        self._fragments.append(payload)
        if sum(map(len, self._fragments)) > LONGEST_MESSAGE:
            raise WireFault("The server sent a message above 16 MiB.")
        if final:
            messages.append(Message(self._opcode, b"".join(self._fragments)))
            self._fragments = []


def inflate(payload: bytes) -> bytes:
    """What a compressed message says that was packed by itself (RFC 7692, 7.2.2).

    Raises:
        WireFault: when it was not, or says more than 16 MiB.
    """
    try:
        unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
        said = unpacker.decompress(payload + b"\x00\x00\xff\xff", LONGEST_MESSAGE)
    except zlib.error as error:
        raise WireFault(f"The server sent a compressed message that cannot be read: {error}.") from error
    if unpacker.unconsumed_tail:
        raise WireFault("The server sent a message above 16 MiB.")
    return said


def _measure(data: bytes, start: int, second: int) -> tuple[int, int]:
    """Where the payload starts and its size; (-1, 0) while the length itself is not whole."""
    size = second & 0x7F
    if size < 126:
        return start + 2, size
    width = 2 if size == 126 else 8
    body = start + 2 + width
    if len(data) < body:
        return -1, 0
    size = int.from_bytes(data[start + 2 : body], "big")
    if size > LONGEST_MESSAGE:
        raise WireFault("The server sent a message above 16 MiB.")
    return body, size


def _check_head(first: int, second: int, size: int) -> None:
    opcode = first & 0x0F
    if first & 0x70:
        raise WireFault("The server set a reserved bit without an extension.")
    if opcode not in _KNOWN:
        raise WireFault(f"The server sent a frame with the unknown opcode {opcode}.")
    if second & 0x80:
        raise WireFault("The server masked a frame.")
    if opcode in _CONTROL and (size > _LONGEST_CONTROL or not first & 0x80):
        raise WireFault("The server sent a long or fragmented control frame.")
