"""What one connection is sent: the parts of one turn of the loop are one frame, and what waits is bounded.

Batches do not pass through here: the hub writes their frames straight to the transport.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from roomserver.centrifuge import codes
from roomserver.centrifuge.codec import Codec
from roomserver.centrifuge.json_codec import JsonCodec
from roomserver.centrifuge.protobuf_codec import ProtobufCodec
from roomserver.frames import framed
from roomserver.metrics import Metrics

HIGH_WATER = 64 * 1024
"""Bytes that may wait in a transport before its connection leaves its channels until it has read them."""

BUFFER_BYTES = 1024 * 1024
"""Bytes that may wait at all (snapshots, replies, pongs); a peer that reads none of them is cut off."""

JSON, PROTO = JsonCodec(), ProtobufCodec()
CODECS: tuple[Codec, ...] = (JSON, PROTO)
PING_FRAMES: dict[Codec, bytes] = {codec: framed(codec.join((codec.ping,)), text=codec.text) for codec in CODECS}


class Outlet:
    """Takes parts in the connection's encoding, and writes them as frames."""

    __slots__ = ("_flushing", "_held", "_loop", "_metrics", "_parts", "_transport", "codec", "write")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop, metrics: Metrics) -> None:
        self.codec: Codec = JSON
        self.write = transport.write
        self._transport = transport
        self._loop = loop
        self._metrics = metrics
        self._parts: list[bytes] = []
        self._held = False
        self._flushing = False
        transport.set_write_buffer_limits(high=HIGH_WATER)

    def say(self, part: bytes) -> None:
        """Send a part, in one frame with the others of this turn."""
        self._parts.append(part)
        if not self._held and not self._flushing:
            self._flushing = True
            self._loop.call_soon(self.flush)

    def hold(self) -> None:
        """More is to come: it leaves when it is let go."""
        self._held = True

    def let_go(self) -> None:
        """Send what was held."""
        self._held = False
        self.flush()

    def flush(self) -> None:
        """Send what was said so far."""
        self._flushing = False
        if self._parts:
            self.write(framed(self.codec.join(self._parts), text=self.codec.text))
            self._parts.clear()
            self._check()

    def ping(self) -> None:
        """Ask for a sign of life."""
        self.write(PING_FRAMES[self.codec])

    def pass_on(self, frames: Sequence[bytes]) -> None:
        """Send what the WebSocket protocol itself says; an empty one ends the connection."""
        for data in frames:
            if data:
                self.write(data)
            else:
                self._transport.close()
        self._check()

    def _check(self) -> None:
        """Cut off a peer who reads nothing of what he asks for."""
        if self._transport.get_write_buffer_size() > BUFFER_BYTES:
            self._metrics.closes.labels(codes.SLOW.code).inc()
            self._transport.abort()

    def end(self) -> None:
        """The connection is lost: what was said is for nobody."""
        self._parts.clear()
