"""Who is compared: how each is started, and what must be there for it."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec

from loadtest.compare.bench import Bench, Started
from loadtest.compare.store import program, store
from loadtest.peers.floor import build, compiler
from loadtest.signing import Anonymous, Signer
from loadtest.viewer import Tokens
from loadtest.wire import PLAIN, SOCKET_IO, Wire

ROOM = "load"
TICK = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """A server; `needs` is the package without which it cannot run."""

    name: str
    label: str
    module: str
    options: Sequence[str] = ()
    needs: str | None = None
    wire: Wire = field(default_factory=lambda: PLAIN)

    @property
    def missing(self) -> str | None:
        """Why it cannot take part here."""
        if self.needs is not None and find_spec(self.needs) is None:
            return f"{self.needs} is not installed (pip install -e '.[compare]')"
        return None

    def tokens(self, _bench: Bench) -> Tokens:
        """What lets viewers in."""
        return Anonymous()

    @asynccontextmanager
    async def running(self, bench: Bench, _rate: float) -> AsyncIterator[Started]:
        """Its process."""
        async with bench.running([sys.executable, "-m", self.module, *self.options]) as started:
            yield started


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomServer(Contender):
    """This server, as an operator starts it, but open to made rooms."""

    name: str = "roomserver"
    label: str = "roomserver"
    module: str = "roomserver"

    def tokens(self, bench: Bench) -> Tokens:
        """Signed with the secret that it was started with."""
        return Signer(bench.secret, ROOM)

    @asynccontextmanager
    async def running(self, bench: Bench, _rate: float) -> AsyncIterator[Started]:
        """With a store of its own on the other core."""
        command = [sys.executable, "-m", "roomserver", "serve", "--dev", "--data", str(bench.fresh("data"))]
        known = {"ROOMSERVER_TOKEN_SECRET": bench.secret, "ROOMSERVER_OPERATOR_TOKEN": bench.operator}
        async with bench.running([*command, *self.options], known) as started:
            yield started


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor(Contender):
    """A C program that only sends; compiled once a run."""

    name: str = "floor"
    label: str = "C, send() only"
    module: str = "loadtest.peers.floor"
    events: int = 1

    @property
    def missing(self) -> str | None:
        """A compiler must be there."""
        return None if compiler() else "there is no C compiler (cc, gcc or clang) on PATH"

    @asynccontextmanager
    async def running(self, bench: Bench, rate: float) -> AsyncIterator[Started]:
        """With the program and the frames that it is to send."""
        program = bench.folder / "floor"
        if not program.exists():
            build(bench.folder)
        interval = self.events / rate
        frames = int(bench.seconds / interval)
        facts = {"viewers": bench.viewers, "frames": frames, "events": self.events, "interval": interval}
        options = [word for name, value in facts.items() for word in (f"--{name}", str(value))]
        command = [sys.executable, "-m", self.module, *options, "--program", str(program)]
        async with bench.running(command) as started:
            yield started


@dataclass(frozen=True, slots=True, kw_only=True)
class Naive(Contender):
    """A check-in server as it is often built first, with a store like ours."""

    name: str = "naive"
    label: str = "websockets + redis.asyncio, pool of 64"
    module: str = "loadtest.peers.naive"

    @property
    def missing(self) -> str | None:
        """A store's program must be there."""
        return None if program() else "there is no valkey-server or redis-server on PATH"

    @asynccontextmanager
    async def running(self, bench: Bench, _rate: float) -> AsyncIterator[Started]:
        """With a store of its own on the other core."""
        async with (
            store(bench) as socket,
            bench.running([sys.executable, "-m", self.module, "--store", str(socket)]) as started,
        ):
            yield started


ROOMSERVER = RoomServer()
NAIVE = Naive()
BROADCAST = Contender(name="websockets", label="websockets.broadcast, each message", module="loadtest.peers.broadcast")
BROADCAST_BATCHES = Contender(
    name="websockets-batches",
    label="websockets.broadcast, same batches",
    module="loadtest.peers.broadcast",
    options=("--tick", str(TICK)),
)
SOCKETIO = Contender(
    name="python-socketio",
    label="python-socketio, each message",
    module="loadtest.peers.sio",
    needs="socketio",
    wire=SOCKET_IO,
)
UWS = Contender(
    name="socketify", label="socketify (uWebSockets), each message", module="loadtest.peers.uws", needs="socketify"
)
UWS_BATCHES = Contender(
    name="socketify-batches",
    label="socketify (uWebSockets), same batches",
    module="loadtest.peers.uws",
    options=("--tick",),
    needs="socketify",
)
FLOOR = Floor()
FLOOR_BATCHES = Floor(name="floor-batches", label="C, send() only, same batches", events=20)
