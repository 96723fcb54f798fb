"""One machine for one process at a time: starts it on a core of its own, waits until it listens, ends it."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

from loadtest.faults import ServerUnreachable
from loadtest.oscost import children_of
from loadtest.progress import Watch

_STARTS_WITHIN = 20.0
_STOPS_WITHIN = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cores:
    """Where the measured process runs, and where everything else does; None when there is one core only."""

    server: int | None
    others: frozenset[int]

    @classmethod
    def of_this_machine(cls) -> Cores:
        """The lowest core is the server's."""
        first, *rest = sorted(_affinity(0))
        return cls(server=first if rest else None, others=frozenset(rest or [first]))


def _affinity(pid: int) -> set[int]:
    if sys.platform != "linux":
        return set(range(os.cpu_count() or 1))
    return os.sched_getaffinity(pid)


def pin(pid: int, cores: frozenset[int]) -> None:
    """Let a process run on these cores only, where the system can be told so."""
    if sys.platform == "linux":
        os.sched_setaffinity(pid, cores)


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A process that listens on this machine."""

    pid: int
    port: int

    @property
    def url(self) -> str:
        """Its WebSocket address."""
        return f"ws://127.0.0.1:{self.port}/connection/websocket"

    @property
    def http(self) -> str:
        """Its HTTP address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def children(self) -> list[int]:
        """The processes it has started: a store of its own."""
        return children_of(self.pid)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What all rounds share; `secret` signs tokens of the server under test, `folder` is for what may go afterwards."""

    folder: Path
    cores: Cores
    viewers: int
    seconds: float
    watch: Watch
    stop: asyncio.Event
    secret: str = field(default_factory=lambda: secrets.token_hex(32))
    operator: str = field(default_factory=lambda: secrets.token_hex(32))

    def fresh(self, name: str) -> Path:
        """A folder that nobody has used."""
        return self.folder / f"{name}-{secrets.token_hex(4)}"

    @asynccontextmanager
    async def running(
        self, command: Sequence[str], environment: Mapping[str, str] | None = None, port: int | None = None
    ) -> AsyncIterator[Started]:
        """A process for as long as the context; without a port, a free one is put behind the command.

        Raises:
            ServerUnreachable: it ended or did not listen in time.
        """
        if port is None:
            port = free_port()
            command = [*command, "--port", str(port)]
        log = self.folder / "peers.log"
        with log.open("ab") as output:
            process = subprocess.Popen(  # noqa: ASYNC220, S603  # starting is quick; commands are the harness' own
                command,
                env={**os.environ, **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
            try:
                if self.cores.server is not None:
                    pin(process.pid, frozenset({self.cores.server}))
                await _listening(process, port, log)
                started = Started(pid=process.pid, port=port)
                if self.cores.server is not None:
                    for child in started.children:
                        pin(child, self.cores.others)
                yield started
            finally:
                await asyncio.to_thread(end, process)


def free_port() -> int:
    """A port that nobody has at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _listening(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = perf_counter() + _STARTS_WITHIN
    while perf_counter() < deadline:
        if process.poll() is not None:
            break
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return
    raise ServerUnreachable(f"A process of the comparison did not start: {_end_of(log)}")


def _end_of(log: Path) -> str:
    return log.read_text("utf-8", "replace")[-500:]


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask a process to end, and see that it does."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(_STOPS_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
