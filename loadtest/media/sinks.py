"""The viewers' process, and what the server counts of its pictures."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import httpx
import msgspec

from loadtest.compare.bench import Started
from loadtest.faults import PartFailed

ROOM = "demo"


class Sink:
    """The viewers' process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def ask(self, what: str) -> dict[str, float]:
        """Say a line to it; its answer.

        Raises PartFailed.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{what}\n".encode())
        line = await self._process.stdout.readline()
        if not line:
            raise PartFailed("The viewers' process ended.")
        answer: dict[str, float] = msgspec.json.decode(line)
        return answer


async def metric(server: Started, name: str) -> float:
    """A counter of the media backend; 0 where it has none of that name."""
    await asyncio.sleep(1.2)  # it counts once a second
    async with httpx.AsyncClient(trust_env=False) as client:
        page = (await client.get(f"{server.http}/metrics")).text
    found = re.search(rf"^roomserver_media_{name} (\S+)$", page, re.MULTILINE)
    return float(found[1]) if found else 0.0


@asynccontextmanager
async def sink(server: Started, token: str, *, light: bool = False) -> AsyncIterator[Sink]:
    """Viewers at a server; ``light``: what they get is counted and never opened."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "loadtest.media.sink", f"{server.http}/whep/{ROOM}", token),
        *(("light",) if light else ()),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        yield Sink(process)
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
