"""A process beside the audited crowd: it is made ready, told when to begin, and says at the end what came of it."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from multiprocessing.connection import Connection
from typing import Any

import uvloop

from loadtest.compare.bench import pin
from loadtest.faults import PartFailed

READY = "ready"
_STARTS_WITHIN = 60.0

Hear = Callable[[], Coroutine[None, None, Any]]
"""The next thing that the parent says."""

Say = Callable[[object], None]
"""Says something to the parent; `READY` first."""

Work = Callable[[Any, Hear, Say], Coroutine[None, None, None]]
"""A coroutine function of a module, and what a child process does: with its plan."""


class Child:
    """The parent's end."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe

    def tell(self, word: object) -> None:
        """Say something to it."""
        self._pipe.send(word)

    async def hear(self, within: float) -> Any:
        """The next thing it says.

        Raises:
            PartFailed: it ended, or says nothing in time.
        """
        there = await asyncio.to_thread(self._pipe.poll, within)
        try:
            said = self._pipe.recv() if there else "A client process says nothing."
        except EOFError:
            said = "A client process ended without a word."
        if isinstance(said, str) and said != READY:
            raise PartFailed(said)
        return said


@asynccontextmanager
async def beside(work: Work, plan: object, cores: frozenset[int]) -> AsyncIterator[Child]:
    """A child process for as long as the context; it is ready when this is."""
    context = multiprocessing.get_context("spawn")
    mine, theirs = context.Pipe()
    process = context.Process(target=_live, args=(theirs, work, plan, cores), daemon=True)
    process.start()
    theirs.close()
    try:
        child = Child(mine)
        await child.hear(_STARTS_WITHIN)
        yield child
    finally:
        process.terminate()
        await asyncio.to_thread(process.join)
        mine.close()


# --- in the child process


def _live(pipe: Connection, work: Work, plan: object, cores: frozenset[int]) -> None:
    pin(os.getpid(), cores)

    async def hear() -> Any:
        return await asyncio.to_thread(pipe.recv)

    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(work(plan, hear, pipe.send))
    except (EOFError, BrokenPipeError):
        pass  # the parent has gone
    except Exception as error:  # noqa: BLE001  # whatever it is, the parent is to know
        pipe.send(f"A client process failed: {error!r}")
