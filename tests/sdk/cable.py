"""The network between a client and a server, which a test can cut."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar

from tests.server import websocket_url

SomeCable = TypeVar("SomeCable", bound="Cable")


class Cable:
    """``url`` leads through it; while it is cut, nothing passes and nobody gets through."""

    def __init__(self, target: int) -> None:
        self.port = 0
        self._target = target
        self._whole = True
        self._ends: set[asyncio.StreamWriter] = set()
        self._unused = asyncio.Event()
        self._unused.set()

    @property
    def url(self) -> str:
        return websocket_url(self.port)

    def cut(self) -> None:
        """Break all connections, without a word to either side that a polite close would be."""
        self._whole = False
        for end in self._ends:
            end.transport.abort()

    def mend(self) -> None:
        self._whole = True

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass on what a client and the server say to each other."""
        if not self._whole:
            writer.transport.abort()
            return
        self._unused.clear()
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self._target)
        ends = {writer, there_writer}
        self._ends |= ends
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(pass_on(reader, there_writer))
                both.create_task(self._answer(there_reader, writer))
        except* OSError:
            pass
        finally:
            self._ends -= ends
            for end in ends:
                end.close()
            if not self._ends:
                self._unused.set()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass on what the server says."""
        await pass_on(reader, writer)

    async def unused(self) -> None:
        """Wait until all connections have come to their end."""
        await self._unused.wait()


async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """All that is read, as it came, and the end."""
    while data := await reader.read(1 << 16):
        writer.write(data)
        await writer.drain()
    writer.write_eof()


@asynccontextmanager
async def plugged_in(cable: SomeCable) -> AsyncIterator[SomeCable]:
    """A cable that is there to be used."""
    server = await asyncio.start_server(cable.carry, "127.0.0.1", 0)
    cable.port = server.sockets[0].getsockname()[1]
    try:
        yield cable
    finally:
        server.close()
        cable.cut()
        await cable.unused()


@asynccontextmanager
async def laid(target: int) -> AsyncIterator[Cable]:
    """A cable to a port of this machine."""
    async with plugged_in(Cable(target)) as cable:
        yield cable
