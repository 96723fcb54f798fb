"""What a rude client sends, as bytes: frames like those of others, and messages that never end or swell."""

from __future__ import annotations

import zlib

import msgspec

from loadtest import frames, handshake, protocol
from loadtest.target import Target

KEY = b"bG9hZHRlc3QgaG9sZHMhIQ=="
"""Of every handshake: nobody checks the answer."""

MASK = bytes.fromhex("c5a36e91")
"""One for all frames, with which no byte of what they say is to be seen (RFC 6455, 5.3): as browsers' are, so that a
server can tell one kind of words from the other no sooner than it can with them."""

KNOWN, INSIDE = b'"connect":{', b'"subscribe":{'
"""What only the answers have that let somebody in: to his token, and into the room."""

_NOT_FINAL, _PACKED = 0x7F, 0x40
_HALF = 40


def knock(target: Target, *, deflate: bool = False) -> bytes:
    """A request to become a WebSocket."""
    return handshake.request(target, KEY, deflate=deflate)


def half_a_knock(target: Target) -> bytes:
    """The beginning of one."""
    return knock(target)[:_HALF]


def first_line(target: Target) -> bytes:
    """Its first line, after which headers are to come."""
    return knock(target).partition(b"\r\n")[0] + b"\r\n"


def entrance(token: str, room: str) -> bytes:
    """The frame with which somebody connects and joins a room."""
    commands = protocol.connect(token), protocol.subscribe(f"room:{room}", None)
    lines = [protocol.encode(command, number) for number, command in enumerate(commands, start=1)]
    return frames.client_frame(frames.TEXT, b"\n".join(lines), MASK)


def called(number: int, method: str, data: dict[str, object]) -> bytes:
    """One call of a feature, without a frame."""
    return msgspec.json.encode({"id": number, "rpc": {"method": method, "data": data}})


def framed(lines: list[bytes]) -> bytes:
    """Calls in one frame."""
    return frames.client_frame(frames.TEXT, b"\n".join(lines), MASK)


def pings(count: int) -> bytes:
    """So many of the longest pings there are."""
    return frames.client_frame(frames.PING, b"p" * 125, MASK) * count


def pieces(count: int, size: int = 200) -> bytes:
    """The beginning of a message, in so many pieces, which has no end."""
    first = bytearray(frames.client_frame(frames.TEXT, b"a" * size, MASK))
    more = bytearray(frames.client_frame(frames.CONTINUATION, b"a" * size, MASK))
    first[0] &= _NOT_FINAL
    more[0] &= _NOT_FINAL
    return bytes(first) + bytes(more) * (count - 1)


def bomb(size: int) -> bytes:
    """A compressed message that is a thousand times as large when it is unpacked (RFC 7692, 7.2.1)."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = packer.compress(b" " * size) + packer.flush(zlib.Z_SYNC_FLUSH)
    frame = bytearray(frames.client_frame(frames.TEXT, packed[:-4], MASK))
    frame[0] |= _PACKED
    return bytes(frame)


def pong() -> bytes:
    """The answer to a ping of the protocol above."""
    return frames.client_frame(frames.TEXT, protocol.PONG, MASK)


def close_code(data: bytes) -> int:
    """The code of the close frame with which a server's bytes end; 0 when there is none."""
    at = data.rfind(bytes((0x80 | frames.CLOSE,)), max(0, len(data) - 127))
    if at < 0 or at + 4 > len(data) or at + 2 + data[at + 1] != len(data):
        return 0
    return int.from_bytes(data[at + 2 : at + 4], "big")
