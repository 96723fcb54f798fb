"""RTP packets (RFC 3550, 5.1): read a header without copying, write one that depends on nothing but its arguments."""

from __future__ import annotations

from struct import Struct
from typing import NamedTuple

HEADER = Struct("!BBHLL")
_EXTENSION = Struct("!HH")
_MARKER = 0x80
_PADDING = 0x20
_VERSION = 0x80
WRAP = 1 << 16
TIME_WRAP = 1 << 32


class Packet(NamedTuple):
    """One packet, its header extensions and contributing sources left behind. ``padded``: padding ends the payload."""

    sequence: int
    timestamp: int
    marker: bool
    padded: bool
    payload_type: int
    ssrc: int
    payload: bytes


def parse(data: bytes) -> Packet:
    """The packet that a datagram holds.

    Raises ValueError.
    """
    if len(data) < HEADER.size:
        raise ValueError("too short for RTP")
    first, second, sequence, timestamp, ssrc = HEADER.unpack_from(data)
    if first & 0xC0 != _VERSION:
        raise ValueError("not version 2")
    start = HEADER.size + 4 * (first & 0x0F)
    if first & 0x10:
        if len(data) < start + 4:
            raise ValueError("the header extension is cut off")
        start += 4 + 4 * _EXTENSION.unpack_from(data, start)[1]
    if len(data) < start:
        raise ValueError("the header is cut off")
    padded = bool(first & _PADDING)
    return Packet(sequence, timestamp, bool(second & _MARKER), padded, second & 0x7F, ssrc, data[start:])


def write(packet: Packet, payload_type: int, shift: int) -> bytes:
    """A packet as it goes out under a payload type, its sequence number shifted."""
    first = _VERSION | _PADDING if packet.padded else _VERSION
    second = _MARKER | payload_type if packet.marker else payload_type
    sequence = (packet.sequence + shift) & 0xFFFF
    return HEADER.pack(first, second, sequence, packet.timestamp, packet.ssrc) + packet.payload


def unwrapped(packet: Packet, payload_type: int, ssrc: int) -> Packet:
    """The packet that was sent again inside another stream's (RFC 4588, 4).

    Raises ValueError; what probes a line is padding and nothing else.
    """
    if len(packet.payload) < 2 or packet.padded:
        raise ValueError("nothing is sent again in it")
    original = int.from_bytes(packet.payload[:2])
    return packet._replace(sequence=original, payload_type=payload_type, ssrc=ssrc, payload=packet.payload[2:])


def ahead(sequence: int, of: int) -> int:
    """How far a sequence number is ahead of another, from -32768 to 32767 (RFC 1982)."""
    return ((sequence - of + 0x8000) & 0xFFFF) - 0x8000


def is_rtcp(data: bytes) -> bool:
    """Whether a datagram of a shared port is RTCP (RFC 5761, 4)."""
    return len(data) >= 2 and 192 <= data[1] <= 208
