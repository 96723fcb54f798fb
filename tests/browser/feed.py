"""A line between a page and the server on which a test can put in what no server would say, as fast as it likes.

All passes as it came; on a WebSocket's way to the page, frames of the test's own may stand between two of the server's.
"""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress

from tests.sdk.cable import Cable, plugged_in
from tests.server import Json

HEAD_END = b"\r\n\r\n"
TEXT = 0x81
"""The first byte of a whole, plain text frame (RFC 6455, 5.2)."""


def frame(payload: bytes) -> bytes:
    """A text frame as a server sends it."""
    if len(payload) < 126:
        return bytes((TEXT, len(payload))) + payload
    if len(payload) < 1 << 16:
        return bytes((TEXT, 126)) + len(payload).to_bytes(2) + payload
    return bytes((TEXT, 127)) + len(payload).to_bytes(8) + payload


class Frames:
    """Cuts what a server sends into whole frames, which it does not look into."""

    def __init__(self) -> None:
        self._data = bytearray()

    def take(self, data: bytes) -> Iterator[bytes]:
        """The frames that are whole by now."""
        self._data += data
        while (size := self._size()) and size <= len(self._data):
            yield bytes(self._data[:size])
            del self._data[:size]

    def _size(self) -> int:
        """Bytes of the first frame, 0 where it cannot be known yet."""
        data = self._data
        if len(data) < 2:
            return 0
        extended = {126: 2, 127: 8}.get(data[1], 0)
        if len(data) < 2 + extended:
            return 0
        return 2 + extended + (int.from_bytes(data[2 : 2 + extended]) if extended else data[1])


class Feed(Cable):
    """The line; ``http`` is where the page is loaded from."""

    def __init__(self, target: int) -> None:
        super().__init__(target)
        self._sockets: set[asyncio.StreamWriter] = set()
        self._ids = itertools.count()
        self._passing = asyncio.Event()
        self._passing.set()

    @property
    def http(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    # --- putting in

    async def room(self, room: str, events: Sequence[Json], **more: object) -> None:
        """A batch of the room's, without an offset: nothing recovers from it."""
        await self.push(f"room:{room}", {"events": [self._stamped(one) for one in events], **more})

    async def push(self, channel: str, data: Json) -> None:
        """A publication in a channel."""
        message = {"push": {"channel": channel, "pub": {"data": data}}}
        for socket in tuple(self._sockets):
            socket.write(frame(json.dumps(message).encode()))
            with suppress(ConnectionError):  # the page is gone
                await socket.drain()

    async def personal(self, user: str, events: Sequence[Json]) -> None:
        await self.push(f"#{user}", {"events": [self._stamped(one) for one in events]})

    async def host(self, room: str, events: Sequence[Json]) -> None:
        await self.push(f"host:{room}", {"events": [self._stamped(one) for one in events]})

    def _stamped(self, event: Json) -> Json:
        return {"id": f"fed-{next(self._ids)}", "at": 1_700_000_000_000, **event}

    # --- passing on

    @contextmanager
    def silent(self) -> Iterator[None]:
        """What the server says on its WebSockets waits here meanwhile."""
        self._passing.clear()
        try:
            yield
        finally:
            self._passing.set()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """What the server says: plain until it becomes a WebSocket, frame by frame from then on."""
        began = b""
        while data := await reader.read(1 << 16):
            began += data
            if began.startswith(b"HTTP/1.1 101"):
                head, end, rest = began.partition(HEAD_END)
                if not end:
                    continue
                writer.write(head + end)
                self._sockets.add(writer)
                try:
                    await self._by_frames(reader, writer, rest)
                finally:
                    self._sockets.discard(writer)
                break
            writer.write(data)
            await writer.drain()
            began = began[:12]
        writer.write_eof()

    async def _by_frames(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, data: bytes) -> None:
        frames = Frames()
        while True:
            for one in frames.take(data):
                await self._passing.wait()
                writer.write(one)
            await writer.drain()
            if not (data := await reader.read(1 << 16)):
                return


@asynccontextmanager
async def fed(target: int) -> AsyncIterator[Feed]:
    """A line to a server's port of this machine."""
    async with plugged_in(Feed(target)) as feed:
        yield feed
