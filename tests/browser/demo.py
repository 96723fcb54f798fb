"""`roomserver demo`, as its user starts and stops it."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from tests.server import READY_SECONDS, STOP_SECONDS, free_port


class Demo:
    """The demo's process, on the data of the last one in its folder."""

    def __init__(self, folder: Path, viewers: int) -> None:
        self.port = free_port()
        self._log = folder / "demo.log"
        command = [sys.executable, "-m", "roomserver", "demo", "--port", str(self.port), "--viewers", str(viewers)]
        with self._log.open("ab") as output:
            self._process = subprocess.Popen([*command, "--data", str(folder / "data")], stdout=output, stderr=output)

    @property
    def http(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def said(self) -> str:
        """The end of what it printed."""
        return self._log.read_text()[-4000:]

    async def ready(self) -> None:
        async with httpx.AsyncClient() as client, asyncio.timeout(READY_SECONDS):
            while not await _answers(client, f"{self.http}/readyz"):
                assert self._process.poll() is None, self.said()
                await asyncio.sleep(0.05)

    def crowd(self) -> list[int]:
        """The processes that play its viewers (where /proc tells of processes)."""
        address = f"ws://127.0.0.1:{self.port}/".encode()
        return [pid for pid, line in _command_lines().items() if address in line and b"loadtest" in line]

    async def stop(self) -> int:
        """Ask it to end; its exit code."""
        self._process.send_signal(signal.SIGTERM)
        return await asyncio.to_thread(self._process.wait, STOP_SECONDS)

    def end(self) -> None:
        """See that nothing is left of it, whatever became of the test."""
        self._process.kill()
        self._process.wait(STOP_SECONDS)


@asynccontextmanager
async def demo(folder: Path, *, viewers: int) -> AsyncIterator[Demo]:
    """A demo that is ready; it must end well."""
    show = Demo(folder, viewers)
    try:
        await show.ready()
        yield show
        assert await show.stop() == 0, show.said()
    finally:
        show.end()


async def _answers(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(url)).is_success
    except httpx.TransportError:
        return False


def _command_lines() -> dict[int, bytes]:
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            found[int(process.name)] = (process / "cmdline").read_bytes()
        except OSError:
            continue  # it ended meanwhile
    return found
