"""The attacks: what each peer opens with, what he sends again and again, and what a server does about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from loadtest.hold import raw
from loadtest.target import Target

SLOW_BYTES = 1024
"""What a slow reader takes in a second."""

HEADER_SECONDS = 10
"""Within which a server is to give up who has not said a whole request."""


class Kind(StrEnum):
    """The ways in which peers make trouble; `reading` is none: they are joined, and read all."""

    READING = "reading"
    SLOW = "slow"
    PINGS = "pings"
    PIECES = "pieces"
    BOMBS = "bombs"
    HEADERS = "headers"
    SILENT = "silent"
    HALF_OPEN = "half-open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """One kind: `joins` when its peers come into the room with a good token first.

    `burst` is sent every `every` seconds, as far as the socket takes it. `ended_by` is the close code that is due to
    it, 0 where there is no WebSocket yet and the connection just ends, None where nobody is to be closed.
    """

    label: str
    joins: bool = False
    deflate: bool = False
    opening: Callable[[Target], bytes] | None = None
    burst: Callable[[], bytes] | None = None
    every: float = 0.02
    ended_by: int | None = None
    reads: int | None = None


ATTACKS: Mapping[Kind, Attack] = {
    Kind.READING: Attack(label="all of them read", joins=True),
    Kind.SLOW: Attack(label="they read 1 KB/s", joins=True, reads=SLOW_BYTES),
    Kind.PINGS: Attack(label="floods of pings", joins=True, burst=lambda: raw.pings(100), ended_by=3013),
    Kind.PIECES: Attack(label="messages in endless pieces", joins=True, burst=lambda: raw.pieces(100), ended_by=1009),
    Kind.BOMBS: Attack(
        label="deflate bombs, 10 MB each",
        joins=True,
        deflate=True,
        burst=lambda: raw.bomb(10_000_000),
        every=0.1,
        ended_by=1009,
    ),
    Kind.HEADERS: Attack(
        label="headers, a line a second",
        opening=raw.first_line,
        burst=lambda: b"X-More: to come\r\n",
        every=1.0,
        ended_by=0,
    ),
    Kind.SILENT: Attack(label="silent connections", opening=lambda _: b"", ended_by=0),
    Kind.HALF_OPEN: Attack(label="half-open connections", opening=raw.half_a_knock, ended_by=0),
}
