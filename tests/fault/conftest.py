"""Real stores for the tests of durability."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from roomserver.embedded import Embedded


@pytest_asyncio.fixture
async def embedded(tmp_path: Path) -> AsyncIterator[Embedded]:
    """A real store, empty, on a folder of its own; started in about 0.1 s."""
    async with Embedded(tmp_path / "store") as server:
        yield server
