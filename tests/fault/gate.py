"""A gate in front of a store: it holds answers back, loses them, is slow, or is shut."""

from __future__ import annotations

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

Lost = Literal["request", "reply", "late"]
Moment = Literal["commit", "half", "answer", "answered"]
"""Of a commit: it has come, half of it is passed on, its answer has come, its answer is passed on."""

COMMIT = b"EVALSHA"
CHUNK = 1 << 20


class Gate:
    """``url`` leads through it.

    ``answers``: while it is clear, no answer passes. ``piece``: so many bytes are read at a time, each of which waits
    for as many seconds as ``delay`` says before it passes, in both directions. ``lose``: what becomes of the next
    commit; the connection is cut before the store sees it (``request``), after the store has done it (``reply``), or
    before the store does it all the same, as soon as another commit comes (``late``).
    """

    def __init__(self, url: str, path: Path) -> None:
        parts = urlsplit(url)
        self.url = urlunsplit(parts._replace(path=str(path)))
        self.answers = asyncio.Event()
        self.answers.set()
        self.piece = CHUNK
        self.delay: Callable[[], float] = _at_once
        self.lose: Lost | None = None
        self._store = parts.path
        self._shut = False
        self._moment: Moment | None = None
        self._strike: Callable[[], None] = lambda: None
        self._lines: set[asyncio.Task[object]] = set()
        self._late: tuple[StreamReader, StreamWriter, bytes] | None = None

    def strike_at(self, moment: Moment, strike: Callable[[], None]) -> None:
        """Do something at a moment of the next commit, and cut its connection there."""
        self._moment, self._strike = moment, strike

    def calm(self) -> None:
        """Let nothing befall the next commit, if it has not befallen one already, and be quick again."""
        self._moment, self.lose = None, None
        self.piece, self.delay = CHUNK, _at_once

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
        except OSError:
            pass  # there is no store at the moment
        finally:
            self._lines.discard(line)
            answer.close()

    async def _carry(self, client: StreamReader, answer: StreamWriter) -> None:
        store, ask = await asyncio.open_unix_connection(self._store)
        committing = asyncio.Event()  # commits have a connection of their own
        try:
            async with asyncio.TaskGroup() as group:
                answers = group.create_task(self._pass_answers(store, answer, committing))
                async for request in self._pieces(client):
                    if COMMIT in request:
                        await self._catch_up()
                        if self.lose == "late":
                            answers.cancel()
                            self._late = store, ask, request
                        self._lose("late", "request")
                        self._reached("commit")
                        if self._moment == "half":
                            ask.write(request[: len(request) // 2])
                            await ask.drain()
                        self._reached("half")
                        committing.set()
                    ask.write(request)
                raise EOFError
        except* (ConnectionError, EOFError):
            pass
        finally:
            if self._late is None or self._late[1] is not ask:
                ask.close()

    async def _pass_answers(self, store: StreamReader, client: StreamWriter, committing: asyncio.Event) -> None:
        async for said in self._pieces(store):
            await self.answers.wait()
            if committing.is_set():
                self._lose("reply")
                self._reached("answer")
            client.write(said)
            if committing.is_set():
                self._reached("answered")
        raise EOFError

    async def _pieces(self, stream: StreamReader) -> AsyncIterator[bytes]:
        while piece := await stream.read(self.piece):
            if seconds := self.delay():
                await asyncio.sleep(seconds)
            yield piece

    async def _catch_up(self) -> None:
        """Let the store do what came late, before anything newer."""
        if self._late is not None:
            (store, ask, request), self._late = self._late, None
            ask.write(request)
            await store.read(CHUNK)
            ask.close()

    def _reached(self, moment: Moment) -> None:
        if self._moment == moment:
            self._moment = None
            self._strike()
            raise EOFError

    def _lose(self, *what: Lost) -> None:
        if self.lose in what:
            self.lose = None
            raise EOFError


def _at_once() -> float:
    return 0.0


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
