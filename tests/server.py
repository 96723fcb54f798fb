"""A real server process, with an operator's options: on a free port, with a data folder of its own."""

import asyncio
import os
import secrets
import signal
import socket
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest

from tests.warm import Warm

AHEAD = timedelta(hours=2 if datetime.now(UTC).hour == 3 else 0)
"""So far the servers' clocks are set ahead: days change at four o'clock, and none does while the tests run."""

READY_SECONDS = 60
STOP_SECONDS = 60
LOG = "server.log"

Json = dict[str, Any]
"""What came over the wire, of whatever shape."""


class RealServer:
    """`roomserver serve` with secrets that the tests know; it can be stopped, killed and started again."""

    def __init__(self, folder: Path, options: Sequence[str] = ("--dev",)) -> None:
        self.folder = folder
        self.options = tuple(options)
        self.port = free_port()
        self.secret = secrets.token_hex(32)
        self.operator = secrets.token_hex(32)
        self.process: Warm | None = None

    @property
    def http(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return websocket_url(self.port)

    # --- its life

    async def start(self) -> None:
        """Start it, on the data of its last life, and wait until it is ready."""
        self.process = self._launched()
        async with asyncio.timeout(READY_SECONDS):
            while not await self.ready():
                assert self.process.poll() is None, f"the server ended: {self.said()}"
                await asyncio.sleep(0.05)

    def _launched(self) -> Warm:
        where = ("--port", str(self.port), "--data", str(self.folder / "data"))
        known = {"ROOMSERVER_TOKEN_SECRET": self.secret, "ROOMSERVER_OPERATOR_TOKEN": self.operator}
        return Warm(("serve", *in_one_day(self.options), *where), {**os.environ, **known}, self.folder / LOG)

    async def ready(self) -> bool:
        try:
            async with plain_http() as client:
                return (await client.get(f"{self.http}/readyz")).status_code == 200
        except httpx.TransportError:
            return False

    def begin_to_stop(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)

    async def stopped(self) -> int:
        """The exit code, once it has ended."""
        return await asyncio.to_thread(self._wait)

    async def stop(self) -> None:
        """End it as an operator would, and look at how it ended."""
        self.begin_to_stop()
        code = await self.stopped()
        assert code == 0, self.said()
        assert not self.faults(), self.faults()

    async def kill(self) -> None:
        """End it as a power cut would."""
        assert self.process is not None
        self.process.kill()
        await self.stopped()

    def end(self) -> None:
        """See that nothing is left of it, whatever became of the test."""
        if self.process is not None:
            self.process.kill()
            self._wait()

    def _wait(self) -> int:
        assert self.process is not None
        return self.process.wait(STOP_SECONDS)

    def said(self) -> str:
        """The end of its log."""
        return (self.folder / LOG).read_text()[-4000:]

    def faults(self) -> list[str]:
        """What it logged as its own error: no story leads to any."""
        return [line for line in (self.folder / LOG).read_text().splitlines() if '"level": "error"' in line]

    # --- what a platform asks of it

    async def token(self, user: str, *, name: str = "", room: str | None = None, role: str | None = None) -> str:
        """A token from the development door."""
        wanted = {"user": user, "name": name or user.title(), "room": room, "role": role}
        async with plain_http() as client:
            response = await client.post(f"{self.http}/dev/token", json=wanted)
        assert response.status_code == 200, response.text
        return str(response.json()["token"])

    def sign(self, user: str, *, life: float = 3600, **claims: object) -> str:
        """A token as the platform's own back end would make it; ``life`` in seconds, negative for one that is over."""
        return signed(self.secret, {"sub": user, "exp": int(time.time() + life), **claims})

    async def platform(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Any:
        """A call of the platform's back end, with the operator's key."""
        headers = {"Authorization": f"Bearer {self.operator}", "Idempotency-Key": secrets.token_hex(8)}
        async with plain_http() as client:
            response = await client.request(method, f"{self.http}/api/v1{path}", json=body, headers=headers)
        assert response.is_success, response.text
        return response.json() if response.content else None


def in_one_day(options: Sequence[str]) -> Sequence[str]:
    """Options of a server, in whose life no day ends unless they say themselves when it lives."""
    if not AHEAD or "--dev" not in options or "--now" in options:
        return options
    return (*options, "--now", (datetime.now(UTC) + AHEAD).isoformat())


def plain_http() -> httpx.AsyncClient:
    """A client that loads no certificates, which takes longer than all a test asks of it."""
    return httpx.AsyncClient(verify=False, trust_env=False)


def signed(secret: str, claims: Mapping[str, object], **header: object) -> str:
    return jwt.encode(dict(claims), secret, algorithm="HS256", headers=header)


_given: set[int] = set()


def free_port() -> int:
    """A port that nobody has at the moment, and that nobody was given before."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        if port not in _given:
            _given.add(port)
            return port


def websocket_url(port: int) -> str:
    return f"ws://127.0.0.1:{port}/connection/websocket"


@asynccontextmanager
async def running(folder: Path, options: Sequence[str] = ("--dev",)) -> AsyncIterator[RealServer]:
    """A server for one test alone; it must end well, unless the test ended it."""
    server = RealServer(folder, options)
    try:
        await server.start()
        yield server
        if server.process is not None and server.process.poll() is None:
            await server.stop()
    finally:
        server.end()


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    """One server for all tests that leave it running; each uses a room of its own, and may ask as fast as it likes."""
    folder = tmp_path_factory.mktemp("server")
    (folder / "patient.toml").write_text("[limits]\ncalls = 10000\nburst = 10000\n")
    server = RealServer(folder, ("--dev", "--config", str(folder / "patient.toml")))
    try:
        with asyncio.Runner() as runner:
            runner.run(server.start())
        yield server
        with asyncio.Runner() as runner:
            runner.run(server.stop())
    finally:
        server.end()
