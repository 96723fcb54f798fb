"""A room server in a process of its own, with an operator's options, to be killed."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO
from urllib.parse import quote
from urllib.request import urlopen

from tests.patience import PATIENCE
from tests.server import in_one_day, signed, websocket_url
from tests.warm import Warm

SECRET = secrets.token_hex(32)
READY_SECONDS = 60


class RoomProcess:
    """A running server; ``url`` is for sockets, ``said`` is what it has logged."""

    def __init__(self, process: Warm, log: IO[bytes], port: int) -> None:
        self.process = process
        self.port = port
        self.url = websocket_url(port)
        self._log = log

    def token(self, user: str) -> str:
        """The same one for an hour: what a server remembers of tokens is not what it keeps by mistake."""
        return signed(SECRET, {"sub": user, "exp": int(time.time()) // 3600 * 3600 + 7200, "info": {"name": user}})

    def metric(self, name: str) -> float:
        """The sum of a counter over its labels."""
        lines = self._get("/metrics").splitlines()
        return sum(float(line.split()[-1]) for line in lines if line.partition("{")[0].split()[0] == name)

    def readiness(self) -> dict[str, object]:
        said: dict[str, object] = json.loads(self._get("/readyz"))
        return said

    def _get(self, path: str) -> str:
        with urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=PATIENCE) as page:
            text: str = page.read().decode()
        return text

    def kill(self) -> None:
        self.process.kill()

    def store_pid(self) -> int:
        """The store that this server has started for itself."""
        for children in Path(f"/proc/{self.process.pid}/task").glob("*/children"):
            for child in children.read_text().split():
                if b"-server" in Path(f"/proc/{child}/cmdline").read_bytes():
                    return int(child)
        raise LookupError(f"process {self.process.pid} has no store")

    def said(self) -> list[dict[str, object]]:
        return lines_of(self._log)


@asynccontextmanager
async def room_process(*where: str) -> AsyncIterator[RoomProcess]:
    """A server on ``--data DIR`` or ``--redis URL``, ready for connections; killed at the end if it still runs."""
    with tempfile.NamedTemporaryFile() as log:
        process = start(*where, log=log)
        try:
            yield RoomProcess(process, log, await _port(process, log))
        finally:
            process.kill()
            await asyncio.to_thread(process.wait)


def start(*where: str, log: IO[bytes]) -> Warm:
    """Start a server on a free port, which it tells in its log (a file with a name) once it is ready."""
    environment = {**os.environ, "ROOMSERVER_TOKEN_SECRET": SECRET}
    return Warm(("serve", *in_one_day(("--dev", "--port", "0", *where))), environment, Path(log.name))


def lines_of(log: IO[bytes]) -> list[dict[str, object]]:
    """The whole lines of a log, read beside the process that writes it on."""
    text = os.pread(log.fileno(), 1 << 20, 0)
    return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith(b"}\n")]


async def _port(process: Warm, log: IO[bytes]) -> int:
    async with asyncio.timeout(READY_SECONDS):
        while True:
            for line in lines_of(log):
                if line["event"] == "ready":
                    return int(str(line["address"]).rpartition(":")[2])
            assert process.poll() is None, os.pread(log.fileno(), 4000, 0).decode()
            await asyncio.sleep(0.02)


def embedded_url(data: Path) -> str:
    """How to reach the store that a server keeps on a data folder; it has a new password after each start."""
    lines = (line.partition(" ") for line in (data / "store.conf").read_text().splitlines())
    said = {name: text.strip('"') for name, _, text in lines}
    return f"unix://{quote(said['unixsocket'])}?password={said['requirepass']}"
