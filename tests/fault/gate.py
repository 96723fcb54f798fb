"""A gate in front of a store: it holds answers back, loses them, or is shut."""

from __future__ import annotations

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

COMMIT = b"EVALSHA"
CHUNK = 1 << 20


class Gate:
    """``url`` leads through it.

    ``answers``: while it is clear, no answer passes. ``lose``: what becomes of the next commit; the connection is cut
    before the store sees it (``request``) or after the store has done it (``reply``). ``commits`` counts what passed.
    """

    def __init__(self, url: str, path: Path) -> None:
        parts = urlsplit(url)
        self.url = urlunsplit(parts._replace(path=str(path)))
        self.answers = asyncio.Event()
        self.answers.set()
        self.lose: Literal["request", "reply"] | None = None
        self.commits = 0
        self._store = parts.path
        self._shut = False
        self._lines: set[asyncio.Task[object]] = set()

    def shut(self) -> None:
        """Cut every connection, and take no more."""
        self._shut = True
        for line in tuple(self._lines):
            line.cancel()

    def open(self) -> None:
        """Let everybody through again."""
        self._shut = False

    async def serve(self, client: StreamReader, answer: StreamWriter) -> None:
        """Carry one connection until an end hangs up, or is cut off."""
        line = asyncio.current_task()
        assert line is not None
        self._lines.add(line)
        try:
            if not self._shut:
                await self._carry(client, answer)
        except asyncio.CancelledError:
            pass  # the gate was shut; only this line ends, and asyncio would complain about a server's cancelled task
        finally:
            self._lines.discard(line)
            answer.close()

    async def _carry(self, client: StreamReader, answer: StreamWriter) -> None:
        store, ask = await asyncio.open_unix_connection(self._store)
        committing = asyncio.Event()  # commits have a connection of their own
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pass_requests(client, ask, committing))
                group.create_task(self._pass_answers(store, answer, committing))
        except* (ConnectionError, EOFError):
            pass
        finally:
            ask.close()

    async def _pass_requests(self, client: StreamReader, store: StreamWriter, committing: asyncio.Event) -> None:
        while request := await client.read(CHUNK):
            if COMMIT in request:
                self._lose("request")
                self.commits += 1
                committing.set()
            store.write(request)
        raise EOFError

    async def _pass_answers(self, store: StreamReader, client: StreamWriter, committing: asyncio.Event) -> None:
        while said := await store.read(CHUNK):
            await self.answers.wait()
            if committing.is_set():
                self._lose("reply")
            client.write(said)
        raise EOFError

    def _lose(self, what: str) -> None:
        if self.lose == what:
            self.lose = None
            raise EOFError


@asynccontextmanager
async def gate_to(url: str, path: Path) -> AsyncIterator[Gate]:
    """A gate on a socket of its own."""
    gate = Gate(url, path)
    server = await asyncio.start_unix_server(gate.serve, path)
    try:
        yield gate
    finally:
        server.close()
        gate.shut()
