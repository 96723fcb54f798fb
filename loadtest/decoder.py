"""Reading once what all viewers get: one crowd's frames are the same bytes many times over.

Three memories, each of the last few only, since a batch reaches all close together: whole pieces of a socket's stream
that held nothing but pushes to the room (compared as bytes: no frame is cut, no JSON is read), frames, and batches.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple, TypeVar

from loadtest.protocol import Heard, Publication, Push, Reply, decode, decode_batch
from loadtest.wire import PLAIN, Wire

Key = TypeVar("Key")
Value = TypeVar("Value")

_KEPT = 64
_PIECES = 8
_SHARED = b'"channel":"room:'
_LOOKED_AT = 48  # bytes of a piece in which the channel of its first push stands


class _Piece(NamedTuple):
    data: bytes
    pushes: tuple[Push, ...]


class SharedDecoder:
    """Decodes what all viewers get once, not once per viewer; `wire` is the dialect of the server."""

    __slots__ = ("_batches", "_pieces", "_replies", "wire")

    def __init__(self, wire: Wire = PLAIN) -> None:
        self.wire = wire
        self._pieces: deque[_Piece] = deque(maxlen=_PIECES)
        self._replies: dict[bytes, tuple[Reply, ...]] = {}
        self._batches: dict[int, tuple[Publication, Heard]] = {}

    def pushes(self, data: bytes) -> tuple[Push, ...] | None:
        """What a piece of a stream, cut between two frames, holds; None when it was not seen lately."""
        for piece in self._pieces:
            if piece.data == data:
                return piece.pushes
        return None

    def learn(self, data: bytes, replies: Sequence[Reply]) -> None:
        """Remember a piece that held these lines, all of it and nothing else, when others will get the same."""
        if _SHARED in data[:_LOOKED_AT]:
            pushes = tuple(reply.push for reply in replies if reply.push is not None)
            if len(pushes) == len(replies):
                self._pieces.appendleft(_Piece(data, pushes))

    def replies(self, payload: bytes) -> tuple[Reply, ...]:
        """The lines of a frame; none when its dialect says nothing with it.

        Raises:
            WireFault: for a line that is not a reply.
        """
        if _SHARED not in payload[:_LOOKED_AT]:
            return self._decode(payload)
        known = self._replies.get(payload)
        if known is None:
            known = self._replies[payload] = self._decode(payload)
            _forget_oldest(self._replies)
        return known

    def _decode(self, payload: bytes) -> tuple[Reply, ...]:
        lines = self.wire.translate(payload)
        return decode(lines) if lines else ()

    def batch(self, publication: Publication) -> Heard:
        """The batch of a publication.

        Raises:
            WireFault: when it is none.
        """
        known = self._batches.get(id(publication))
        if known is None:
            # The publication is kept with its batch, so that its address cannot come to mean another one.
            known = self._batches[id(publication)] = (publication, decode_batch(publication.data))
            _forget_oldest(self._batches)
        return known[1]


def _forget_oldest(kept: dict[Key, Value]) -> None:
    if len(kept) > _KEPT:
        del kept[next(iter(kept))]
