"""A real Chromium, and the places it visits."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from tests.server import RealServer

QUIET = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
"""No word to anybody but the server; and no sandbox, which root would not get."""

told: pytest.StashKey[list[str]] = pytest.StashKey()


class Report:
    """Figures worth reading that no test asserts; they are printed at the end of the run."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines

    def __call__(self, line: str) -> None:
        self._lines.append(line)


@pytest.fixture(scope="session")
def report(pytestconfig: pytest.Config) -> Report:
    return Report(pytestconfig.stash.setdefault(told, []))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for line in config.stash.get(told, []):
        terminalreporter.write_line(f"browser: {line}")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(chromium: Path, pages: Path) -> AsyncIterator[Browser]:
    """One browser for all tests; each opens tabs of its own in it."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=QUIET)
        yield browser
        await browser.close()


@pytest.fixture
def server(shared_server: RealServer) -> RealServer:
    """A server that every test leaves running."""
    return shared_server
