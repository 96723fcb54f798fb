"""Fan-out: one frame for all.

A publication is encoded once per encoding in use, framed (and deflated) once per variant, and the same bytes are given
to every connection's ``write``. Nothing is made, copied or scheduled per recipient. A connection that cannot take more
is not in here: it leaves its channels when its transport says stop (see websocket.py).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, MutableMapping
from typing import Generic, Protocol, TypeVar

from roomserver.centrifuge.codec import Codec
from roomserver.frame_variants import Variant

log = logging.getLogger(__name__)

Write = Callable[[bytes], None]


class Connection(Protocol):
    """What the hub knows of a connection."""

    @property
    def variant(self) -> Variant:
        """The form of frames that it takes."""

    @property
    def write(self) -> Write:
        """Takes one whole WebSocket frame."""


class Person(Connection, Protocol):
    """A connection through which somebody is told what is for him alone."""

    def say(self, part: bytes) -> None:
        """Send a part of a frame, together with what else is said in this turn of the loop."""


class Fanout:
    """What all channels together have written, for metrics and tests."""

    def __init__(self) -> None:
        self.encoded = 0
        self.recovered = 0
        self.written = 0
        self.bytes = 0
        self.failed = 0


C = TypeVar("C", bound=Connection)

Made = MutableMapping[Variant, bytes]
"""Frames of one publication that are made already."""


class Listeners(Generic[C]):
    """The connections that are told what is published under one name."""

    def __init__(self, name: str, fanout: Fanout) -> None:
        self.name = name
        self._fanout = fanout
        self._members: dict[C, None] = {}
        self._writers: tuple[tuple[Variant, tuple[Write, ...]], ...] | None = ()

    def __len__(self) -> int:
        return len(self._members)

    def __contains__(self, connection: C) -> bool:
        return connection in self._members

    def members(self) -> tuple[C, ...]:
        """All connections at this moment."""
        return tuple(self._members)

    def add(self, connection: C) -> None:
        """Let a connection hear what is published from now on."""
        self._members[connection] = None
        self._writers = None

    def remove(self, connection: C) -> None:
        """Stop writing to a connection."""
        if connection in self._members:
            del self._members[connection]
            self._writers = None

    def publish(self, offset: int, data: bytes, made: Made | None = None) -> int:
        """Write one publication to all; the number of connections it was written to.

        ``made`` gets the frames of every variant in use, for those who catch up later.
        """
        if self._writers is None:
            self._writers = self._by_variant()
        reached, made = 0, {} if made is None else made
        payloads: dict[Codec, bytes] = {}
        for variant, writers in self._writers:
            if variant.codec not in payloads:
                payloads[variant.codec] = self._payload(variant.codec, offset, data)
            frame = made[variant] = variant.shared_frame(payloads[variant.codec])
            self._fanout.bytes += len(frame) * len(writers)
            reached += self._write(frame, writers)
        self._fanout.written += reached
        return reached

    def frame(self, variant: Variant, offset: int, data: bytes, made: Made) -> bytes:
        """The one frame of a publication in a variant, made now if nobody needed it before."""
        frame = made.get(variant)
        if frame is None:
            frame = made[variant] = variant.shared_frame(self._payload(variant.codec, offset, data))
        return frame

    def _payload(self, codec: Codec, offset: int, data: bytes) -> bytes:
        self._fanout.encoded += 1
        return codec.join((codec.encode_publication(self.name, offset, data),))

    def _write(self, frame: bytes, writers: tuple[Write, ...]) -> int:
        failed = 0
        for write in writers:
            try:
                write(frame)
            except Exception:  # one viewer's broken transport must not cost the others their batch
                failed += 1
                log.debug("a write failed", exc_info=True)
        self._fanout.failed += failed
        return len(writers) - failed

    def _by_variant(self) -> tuple[tuple[Variant, tuple[Write, ...]], ...]:
        writers: dict[Variant, list[Write]] = {}
        for connection in self._members:
            writers.setdefault(connection.variant, []).append(connection.write)
        return tuple((variant, tuple(found)) for variant, found in writers.items())


class People:
    """The personal channels: what is for one user, on all his connections."""

    def __init__(self, fanout: Fanout) -> None:
        self._fanout = fanout
        self._connections: dict[str, tuple[Person, ...]] = {}

    def add(self, user: str, connection: Person) -> None:
        """A user's connection came."""
        self._connections[user] = (*self._connections.get(user, ()), connection)

    def remove(self, user: str, connection: Person) -> None:
        """A user's connection went."""
        left = tuple(one for one in self._connections.get(user, ()) if one is not connection)
        if left:
            self._connections[user] = left
        else:
            self._connections.pop(user, None)

    def count(self, user: str) -> int:
        """How many connections a user has."""
        return len(self._connections.get(user, ()))

    def tell(self, user: str, data: bytes) -> int:
        """Say it on all connections of a user, in one frame with his replies; how many that were."""
        connections = self._connections.get(user, ())
        parts: dict[Codec, bytes] = {}
        for connection in connections:
            codec = connection.variant.codec
            part = parts.get(codec)
            if part is None:
                part = parts[codec] = codec.encode_publication(f"#{user}", 0, data)
                self._fanout.encoded += 1
            self._fanout.bytes += len(part)
            connection.say(part)
        self._fanout.written += len(connections)
        return len(connections)
