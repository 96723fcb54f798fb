"""What the socket side costs, without the kernel's part: a danmaku heard and answered, a batch told, a rejoin.

    python -m tests.speed.socket_side [danmaku | rejoin]

Every connection ends in a transport that takes everything and keeps nothing; the rules are the real ones, the store is
in memory. ``calls`` are Python calls and calls into C, counted in one round of its own: a figure that no other work on
the machine can change. Microseconds are CPU, the best of many rounds; compare only what was run in alternation.
"""

from __future__ import annotations

import asyncio
import base64
import gc
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from time import thread_time
from types import CodeType, FrameType
from typing import Any

import orjson
import uvloop

from roomserver.clock import wall_ms
from roomserver.doorstep import Doorstep, Http
from roomserver.features import make_house
from roomserver.garbage import tend
from roomserver.identity import Identity
from roomserver.limits import Limits
from roomserver.memory_store import MemoryStore
from roomserver.server import Options, RoomServer
from roomserver.websocket import WebSocket

VIEWERS, SPEAKERS, MISSED = 400, 20, 40
"""How many watch, how many of them say something within a tick, and how many batches a rejoin recovers."""

ROUNDS = 60
KEY = base64.b64encode(bytes(16)).decode()
UPGRADE = (
    "GET /connection/websocket HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    f"Sec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Version: 13\r\n\r\n"
).encode()

Step = Callable[[], Awaitable[None]]


class Sink(asyncio.Transport):
    """Takes everything at once."""

    def __init__(self) -> None:
        super().__init__()
        self.writes = self.bytes = 0
        self.protocol = asyncio.BaseProtocol()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.writes += 1
        self.bytes += len(data)

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        pass

    def get_write_buffer_size(self) -> int:
        return 0

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self.protocol = protocol

    def get_protocol(self) -> asyncio.BaseProtocol:
        return self.protocol

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass

    def is_closing(self) -> bool:
        return False

    def close(self) -> None:
        pass

    abort = close


class Tokens:
    """Knows everybody by name."""

    def verify(self, token: str) -> Identity:
        return Identity(user=token, name=token, expires=wall_ms() // 1000 + 3600)


def _nobody() -> Http:
    raise AssertionError("this request is plain")


class Hall:
    """A server and who is there."""

    def __init__(self, server: RoomServer) -> None:
        self.server = server
        self.connections: set[object] = set()

    def come(self) -> tuple[WebSocket, Sink]:
        """Somebody connects."""
        sink = Sink()
        doorstep = Doorstep(self.server.door, self.connections, _nobody)
        doorstep.connection_made(sink)
        doorstep.data_received(UPGRADE)
        connection = sink.protocol
        assert isinstance(connection, WebSocket)
        return connection, sink

    async def enter(self, user: str) -> tuple[WebSocket, Sink]:
        """Somebody comes into the room."""
        connection, sink = self.come()
        connection.data_received(said(entering(user)))
        await asyncio.sleep(0)
        return connection, sink


def entering(user: str, **recovery: object) -> bytes:
    """The first frame of an SDK."""
    connect = {"id": 1, "connect": {"token": user, "name": "js"}}
    subscribe = {"id": 2, "subscribe": {"channel": "room:demo", **recovery}}
    return orjson.dumps(connect) + b"\n" + orjson.dumps(subscribe)


def said(message: bytes) -> bytes:
    """A client's frame, masked with zeros."""
    size = len(message)
    head = bytes((0x81, 0x80 | size)) if size < 126 else b"\x81\xfe" + size.to_bytes(2)
    return head + bytes(4) + message


def danmaku(number: int) -> bytes:
    """One danmaku; no two are alike, else they would be merged."""
    data = {"room": "demo", "text": f"what a lovely evening, number {number} of them all"}
    return said(orjson.dumps({"id": number, "rpc": {"method": "danmaku.send", "data": data}}))


@asynccontextmanager
async def opened() -> AsyncIterator[Hall]:
    options = Options(
        house=make_house(),
        store=MemoryStore(),
        checks=Tokens(),
        version="speed",
        admits=lambda *_: True,
        limits=Limits(calls=100_000, burst=100_000, arrivals=None),
        make_rooms=True,
    )
    async with RoomServer(options).running() as server:
        tending = asyncio.create_task(tend(lambda: len(server.door.connections)))
        yield Hall(server)
        tending.cancel()


class Calls:
    """Counts the calls of one round."""

    def __init__(self) -> None:
        self.python: Counter[CodeType] = Counter()
        self.c: Counter[str] = Counter()

    def __call__(self, frame: FrameType, event: str, arg: Any) -> None:
        if event == "call":
            self.python[frame.f_code] += 1
        elif event == "c_call":
            self.c[getattr(arg, "__qualname__", str(arg))] += 1

    def told(self, each: int, *, most: int) -> str:
        """How many there were for each of what was measured, and which most often."""
        top = [f"{n / each:7.1f}  {code.co_qualname}" for code, n in self.python.most_common(most)]
        top += [f"{n / each:7.1f}  {name} (C)" for name, n in self.c.most_common(most // 2)]
        total = f"{self.python.total() / each:7.1f} Python calls, {self.c.total() / each:.1f} into C"
        return "\n".join([total, *top])


async def measured(name: str, each: int, step: Step, *, most: int) -> None:
    """Print the best round's microseconds for each of what a step does, and the calls of one."""
    best = float("inf")
    for _ in range(ROUNDS):
        gc.collect(1)
        begun = thread_time()
        await step()
        best = min(best, thread_time() - begun)
    calls = Calls()
    sys.setprofile(calls)
    await step()
    sys.setprofile(None)
    print(f"{best / each * 1e6:7.1f} us  {name}")  # noqa: T201 - it is a program
    print(calls.told(each, most=most))  # noqa: T201


async def measure_danmaku(most: int) -> None:
    """A tick of danmaku: said by some, told to all, answered."""
    async with opened() as hall:
        there = [(await hall.enter(f"user{n}"))[0] for n in range(VIEWERS)]
        number = 10

        async def tick() -> None:
            nonlocal number
            for _ in range(SPEAKERS):
                number += 1
                there[number % VIEWERS].data_received(danmaku(number))
            await asyncio.sleep(0.06)

        await asyncio.sleep(0.3)
        await measured("a danmaku, heard, told and answered", SPEAKERS, tick, most=most)


async def measure_rejoin(most: int) -> None:
    """Everybody comes back and recovers what he missed; his row is in memory, since his other tab stayed."""
    async with opened() as hall:
        stayed = [(await hall.enter(f"user{n}"))[0] for n in range(SPEAKERS)]
        for number in range(10, 10 + MISSED):
            stayed[number % SPEAKERS].data_received(danmaku(number))
            await asyncio.sleep(0.06)
        room = hall.server.rooms.get("demo")
        assert room is not None
        ring = room.publisher.ring
        position = {"recover": True, "epoch": ring.epoch, "offset": ring.offset - MISSED}
        frames = [said(entering(f"user{n}", **position)) for n in range(SPEAKERS)]

        async def rejoin() -> None:
            came = []
            for frame in frames:
                connection, _ = hall.come()
                connection.data_received(frame)
                came.append(connection)
            await asyncio.sleep(0)
            for connection in came:
                connection.connection_lost(None)

        await measured("a rejoin and its end, upgrade included", SPEAKERS, rejoin, most=most)


STEPS = {"danmaku": measure_danmaku, "rejoin": measure_rejoin}

if __name__ == "__main__":
    chosen = [name for name in STEPS if name in sys.argv] or list(STEPS)
    for step in chosen:
        uvloop.run(STEPS[step](40 if "-v" in sys.argv else 0))
