"""The variants in which one batch goes out: an encoding, plain or deflated; every connection has one.

A frame from server to client is not masked and is deflated without context takeover (RFC 6455, 5.1; RFC 7692, 7.1.1.1),
so the same bytes are right for every connection of a variant.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

from roomserver.centrifuge.codec import Codec
from roomserver.centrifuge.json_codec import JsonCodec
from roomserver.centrifuge.protobuf_codec import ProtobufCodec

TEXT, BINARY = 0x81, 0x82
"""First byte of a whole, unfragmented frame (RFC 6455, 5.2)."""

DEFLATED = 0x40
"""The bit of the first byte that says so (RFC 7692, 6)."""

DEFLATE_FROM = 192
"""Bytes from which a batch is deflated: a single short message becomes hardly smaller."""

LEVEL = 6
"""zlib's own: one batch costs a tenth of a millisecond, once for all viewers; 9 gains another percent."""

EMPTY_BLOCK = b"\x00\x00\xff\xff"
"""What ends a flushed deflate block, and is not sent (RFC 7692, 7.2.1)."""


@dataclass(frozen=True, slots=True, eq=False)
class Variant:
    """One of four constants, compared by identity."""

    codec: Codec
    deflates: bool = False

    def frame(self, payload: bytes) -> bytes:
        """A frame for one connection: plain, since deflating is worth it for many only."""
        return framed(payload, text=self.codec.text)

    def shared_frame(self, payload: bytes) -> bytes:
        """A frame for all connections of this variant."""
        if self.deflates and len(payload) >= DEFLATE_FROM:
            small = deflated(payload)
            if len(small) < len(payload):
                return framed(small, text=self.codec.text, deflated=True)
        return framed(payload, text=self.codec.text)


JSON, PROTOBUF = Variant(JsonCodec()), Variant(ProtobufCodec())
DEFLATED_JSON, DEFLATED_PROTOBUF = Variant(JSON.codec, deflates=True), Variant(PROTOBUF.codec, deflates=True)


def variant(*, protobuf: bool, deflates: bool) -> Variant:
    """The variant of a connection by what it has negotiated."""
    if deflates:
        return DEFLATED_PROTOBUF if protobuf else DEFLATED_JSON
    return PROTOBUF if protobuf else JSON


def deflated(payload: bytes) -> bytes:
    """A message's bytes under permessage-deflate, with a window of its own."""
    zipped = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    return (zipped.compress(payload) + zipped.flush(zlib.Z_SYNC_FLUSH)).removesuffix(EMPTY_BLOCK)


def framed(payload: bytes, *, text: bool, deflated: bool = False) -> bytes:
    """A server's WebSocket frame: unmasked, whole (RFC 6455, 5.1 and 5.2)."""
    first, size = (TEXT if text else BINARY) | (DEFLATED if deflated else 0), len(payload)
    if size < 126:
        return struct.pack("!BB", first, size) + payload
    if size < 65536:
        return struct.pack("!BBH", first, 126, size) + payload
    return struct.pack("!BBQ", first, 127, size) + payload
