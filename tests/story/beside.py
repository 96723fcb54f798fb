"""Two servers on one store, with the same secrets."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import quote

from tests.server import RealServer, free_port


def store_url(data: Path) -> str:
    """How another program reaches the store of a server."""
    said = (data / "store.conf").read_text()
    [path] = re.findall(r'^unixsocket "?([^"\n]+)', said, re.MULTILINE)
    [password] = re.findall(r"^requirepass (\S+)", said, re.MULTILINE)
    return f"unix://{quote(path)}?password={password}"


@asynccontextmanager
async def beside(server: RealServer, folder: Path) -> AsyncIterator[RealServer]:
    """Another server on the store of the first one; it must end well."""
    await asyncio.to_thread(folder.mkdir)
    other = RealServer(folder, ("--dev", "--redis", store_url(server.folder / "data")))
    other.secret, other.operator, other.port = server.secret, server.operator, free_port()
    try:
        await other.start()
        yield other
        await other.stop()
    finally:
        other.end()
