"""A host who is on air with a test picture."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from loadtest.cast import Member
from loadtest.onair import on_air
from loadtest.target import parse_target
from tests.server import RealServer


@asynccontextmanager
async def evening(server: RealServer, room: str) -> AsyncIterator[None]:
    """The room's host is on air while the block lasts."""
    stop = asyncio.Event()
    host = Member(user="lin", name="Lin", tier=0, language="en", role="host")
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(on_air(parse_target(server.url), room, host, stop))
        try:
            yield
        finally:
            stop.set()
