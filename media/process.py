"""The media process as the room server holds it: started, written to, listened to, ended."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from media.backend import IceServer, Reason, Rejected
from media.control import LONGEST, Call, Said, line, read_said

START_SECONDS = 20
STOP_SECONDS = 5

log = logging.getLogger(__name__)


class CannotCarry(Exception):
    """Why there is no media process; one sentence for whoever started the server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the media port is: what it is bound to, and under which addresses clients reach it."""

    host: str = "127.0.0.1"
    port: int = 0
    addresses: tuple[str, ...] = ("127.0.0.1",)
    ice_servers: tuple[IceServer, ...] = ()


def away() -> Rejected:
    """There is nobody to ask just now."""
    return Rejected(Reason.AWAY, "no picture can be carried just now", retry_after=2)


class MediaProcess:
    """One that listens on ``port``."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.pid = process.pid
        self.port: int | None = None
        self._process = process

    @classmethod
    async def started(cls, place: Place, environment: Mapping[str, str] | None) -> MediaProcess:
        """Start one, and wait until it listens.

        Raises CannotCarry, OSError.
        """
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "media", place.host, str(place.port), *place.addresses),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=None if environment is None else dict(environment),
            limit=LONGEST,
            start_new_session=True,  # Ctrl-C in a terminal is for the server, which ends this process
        )
        made = cls(process)
        try:
            await made._listens()
        except asyncio.CancelledError:
            await made.stop()
            raise
        return made

    async def _listens(self) -> None:
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(START_SECONDS):
                said = read_said(await self._process.stdout.readline())
        except (TimeoutError, ValueError):
            raise CannotCarry(await self._why()) from None
        self.port = said.ready

    async def _why(self) -> str:
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        said = b"" if self._process.stderr is None else await self._process.stderr.read()
        await self._process.wait()
        return said.decode(errors="replace").strip().rpartition("\n")[2] or "the media process did not start"

    async def listen(self, silent_seconds: float, take: Callable[[Said], None]) -> None:
        """Take what it says, until it ends, as it must when it says nothing for so long, or what nobody understands."""
        assert self._process.stdout is not None
        async with asyncio.TaskGroup() as tasks:
            complaints = tasks.create_task(self._complain(), name="media log")
            try:
                while data := await self._next_line(self._process.stdout, silent_seconds):
                    take(read_said(data))
            except TimeoutError:
                log.error("the media process is stuck, and killed")  # there is nothing to trace
                self._process.kill()
            except (ValueError, LookupError):
                log.exception("the media process is ended")
                await self.stop()
            complaints.cancel()

    async def _next_line(self, out: asyncio.StreamReader, silent_seconds: float) -> bytes:
        """Raises TimeoutError, ValueError."""
        async with asyncio.timeout(silent_seconds):
            return await out.readline()

    async def _complain(self) -> None:
        """Say in the log what the process says is wrong."""
        if self._process.stderr is not None:
            async for data in self._process.stderr:
                log.warning("the media process says", extra={"what": data.decode(errors="replace").strip()[:500]})

    def send(self, call: Call) -> None:
        """Ask it something.

        Raises Rejected.
        """
        if self._process.stdin is None or self._process.stdin.is_closing():
            raise away()
        self._process.stdin.write(line(call))

    async def stop(self) -> None:
        """Let it say good-bye to everybody, and end."""
        process = self._process
        if process.returncode is not None or process.stdin is None:
            return
        process.stdin.close()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
