"""A client's frames that need no parser: masked, small, whole, each with a message or a word of the protocol itself.

bytes ─ split ─ (frame, header's length) … and a rest that may become one      RFC 6455, 5.2 and RFC 7692, 7.2
"""

from __future__ import annotations

from collections.abc import Sequence
from zlib import MAX_WBITS, decompressobj
from zlib import error as zlib_error

MESSAGE_BYTES = 16 * 1024
"""The largest message of a client: a token and a name fit many times over."""

PLAIN = (0x81, 0x82)
"""First byte of a text and of a binary message that is whole and not deflated."""

DEFLATED = (0xC1, 0xC2)
"""The same of one that is whole and deflated (RFC 7692, 6)."""

BLOCK_END = b"\x00\x00\xff\xff"
"""What every deflated message ends with, and is sent without (RFC 7692, 7.2.2)."""

GLIMPSE = 1024
"""Bytes of a deflated message that are looked at before it is heard: what it asks for is said in its first hundred."""

WHOLE = (*PLAIN, 0x88, 0x89, 0x8A)
"""First byte of a frame that is whole and plain: of such a message, a close, a ping or a pong."""

SHORTEST, MASKED = 6, 0x80
"""Bytes of the shortest frame of a client, and the bit that says that it is masked."""

CONTROL = 0x08
"""The bit that says that a frame is no message (RFC 6455, 5.5)."""


def header_of_only(data: bytes) -> int:
    """The header's length where these bytes are the whole frame of one plain message; 0 when they are anything else."""
    size = len(data)
    if size < SHORTEST + 2 or data[0] not in PLAIN:
        return 0
    length, header = data[1] - MASKED, SHORTEST
    if length == 126:
        length, header = data[2] << 8 | data[3], SHORTEST + 2
    if length == 127 or length > MESSAGE_BYTES or header + length != size:
        return 0
    return header


def split(data: bytes) -> tuple[list[tuple[bytes, int]], int]:
    """The whole and small frames with which these bytes begin, each with its header's length, and where they end.

    RFC 6455, 5.2: a client masks; 126 stands before two bytes of length, 127 before eight.
    """
    frames: list[tuple[bytes, int]] = []
    at, size = 0, len(data)
    while size - at >= SHORTEST and MASKED <= data[at + 1] < MASKED + 127:
        length, header = data[at + 1] - MASKED, SHORTEST
        if length == 126:
            length, header = data[at + 2] << 8 | data[at + 3], SHORTEST + 2
        end = at + header + length
        if length > MESSAGE_BYTES or end > size:
            break
        frames.append((data[at:end], header))
        at = end
    return frames, at


def beginning(said: bytes) -> bytes:
    """What a deflated message begins with; nothing where it is broken."""
    try:
        return decompressobj(-MAX_WBITS).decompress(said, GLIMPSE)
    except zlib_error:
        return b""


def unpacked(said: bytes) -> bytes | None:
    """What a message says that was deflated by itself; None where the library is to say what is wrong with it."""
    unpacks = decompressobj(-MAX_WBITS)
    try:
        message = unpacks.decompress(said + BLOCK_END, MESSAGE_BYTES)
    except zlib_error:
        return None
    return None if unpacks.unconsumed_tail or len(message) >= MESSAGE_BYTES else message


def may_become_whole(begun: bytes, more: Sequence[int]) -> bool:
    """Whether a frame that begins so may be a whole and small one once its end has come; ``more``: of these, too."""
    known = begun[0] in WHOLE or begun[0] in more
    if not known or len(begun) < 2:
        return known
    masked, length = begun[1] >= MASKED, begun[1] & ~MASKED
    if length < 126:
        return masked
    is_message = not begun[0] & CONTROL and length == 126
    return masked and is_message and (len(begun) < 4 or (begun[2] << 8 | begun[3]) <= MESSAGE_BYTES)
