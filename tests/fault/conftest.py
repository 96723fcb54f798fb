"""Real stores for the tests of durability, and the book of what was done and found."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from roomserver.embedded import Embedded
from tests.fault.figures import SOAKING, Book

collect_ignore = [] if SOAKING else ["test_partition.py", "test_vanished.py"]
"""What takes more time than every run has."""

book: pytest.StashKey[Book] = pytest.StashKey()


@pytest.fixture(scope="session")
def figures(pytestconfig: pytest.Config) -> Book:
    """Takes what a test did and found; it is printed at the end of the run."""
    return pytestconfig.stash.setdefault(book, Book())


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for line in config.stash.get(book, Book()).lines():
        terminalreporter.write_line(f"fault: {line}")


@pytest_asyncio.fixture
async def embedded(tmp_path: Path) -> AsyncIterator[Embedded]:
    """A real store, empty, on a folder of its own; started in about 0.1 s."""
    async with Embedded(tmp_path / "store") as server:
        yield server
