"""A whole room in one thread and no time: servers, a store that fails, and people who tap, drop out and come back.

Everything above the sockets is the real thing: connection, session, turn, committer, log and recovery. Time is virtual
and chance is one seed, so a schedule that breaks a promise is the same each time it is run:

    PYTHONHASHSEED=0 python -m tests.fault.simulation 17   schedule 17; with a second number, all from 17 to it
"""

from __future__ import annotations

import asyncio
import logging
import random
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from typing import Any

import orjson
from websockets.frames import Frame, Opcode

from roomserver.clock import wall_ms
from roomserver.committer import Committer
from roomserver.door import Door
from roomserver.features import make_house
from roomserver.gate import Gate
from roomserver.identity import Identity
from roomserver.limits import Limits
from roomserver.metrics import Metrics
from roomserver.rooms import Rooms
from roomserver.rows import RowCodec
from roomserver.shell import Shell
from roomserver.websocket import WebSocket
from roomserver.wheel import Wheel
from tests.fault.client import Json, Tap, Try
from tests.fault.invariants import Judgement, StoredRoom, judge, member_of
from tests.fault.model_store import ModelDisk, ModelStore
from tests.roomserver.hand_time import HandClock, HandTime

HOUSE = make_house()
ROOM = "demo"
KNOCK = (
    b"GET /connection/websocket HTTP/1.1\r\nHost: room.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
TROUBLE = 5.0
"""Seconds during which everything may fail; then it heals, and everybody must get his receipt."""

PATIENCE = 5.0
"""Seconds until a client gives an answer up, as SDKs do."""


class Broken(AssertionError):
    """A promise that a client saw broken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is simulated; the defaults are the real thing, anything else is a planted fault."""

    members: int = 3
    servers: int = 2
    compares: bool = True
    keeps: bool = True
    retries: bool = False
    committer: type[Committer] = Committer
    codec: type[RowCodec] = RowCodec
    mangle: Callable[[bytes, Random], list[bytes]] = lambda frame, _: [frame]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one schedule came to."""

    judgement: Judgement
    faults: int


class Pipe(asyncio.Transport):
    """A transport to a client in the same thread: what is written arrives in order, a while later."""

    def __init__(self, world: World, hear: Callable[[bytes], None]) -> None:
        super().__init__()
        self.world = world
        self.hear = hear
        self.server: WebSocket | None = None
        self.closing = False
        self._arrives = 0.0

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        pass

    def get_write_buffer_size(self) -> int:
        return 0

    def get_protocol(self) -> asyncio.BaseProtocol:
        return asyncio.Protocol()

    def is_closing(self) -> bool:
        return self.closing

    def write(self, data: bytes | bytearray | memoryview) -> None:
        loop = self.world.loop
        self._arrives = max(self._arrives + 1e-6, loop.time() + self.world.rng.choice([0.0, 0.002, 0.05]))
        for frame in self.world.plan.mangle(bytes(data), self.world.rng):
            loop.call_at(self._arrives, self.hear, frame)

    def arrive(self, frame: bytes) -> None:
        """What the client says is there."""
        if self.server is not None:
            self.server.data_received(frame)

    def close(self) -> None:
        if not self.closing:
            self.closing = True
            self.world.loop.call_soon(self._end)

    abort = close

    def _end(self) -> None:
        server, self.server = self.server, None
        if server is not None:
            server.connection_lost(None)
            self.hear(b"")


class Server:
    """A server process, as far as it has no sockets; ``kill`` ends it in the middle of whatever it does."""

    def __init__(self, world: World) -> None:
        plan, loop = world.plan, world.loop
        self.store = ModelStore(world.disk, retries=plan.retries)
        codec = plan.codec(HOUSE)
        committer = plan.committer(self.store, codec, on_storage=self._on_storage, on_facts=lambda *_: None)
        self.shell = Shell(house=HOUSE, clock=HandClock(loop), committer=committer, metrics=world.metrics, loop=loop)
        self.rooms = Rooms(self.shell, self.store, codec, make=True)
        self.wheel = Wheel(loop)
        self.door = Door(
            shell=self.shell,
            rooms=self.rooms,
            checks=Names(),
            wheel=self.wheel,
            version="simulated",
            admits=lambda *_: True,
            gate=Gate(limits=Limits(calls=1000, burst=1000)),
        )
        self.pipes: list[Pipe] = []
        self.alive = True
        self.work = loop.create_task(committer.run())
        self.wheel.start()

    def _on_storage(self, available: bool) -> None:
        self.rooms.storage_is(available)

    def take(self, pipe: Pipe) -> None:
        """Let a client in."""
        pipe.server = WebSocket(self.door, set())
        self.pipes.append(pipe)
        pipe.server.connection_made(pipe)
        pipe.server.data_received(KNOCK)

    def kill(self) -> None:
        self.alive = False
        self.work.cancel()
        self.wheel.stop()
        for pipe in self.pipes:
            pipe.server = None  # it has not even said good-bye
            pipe.closing = True
            pipe.world.loop.call_soon(pipe.hear, b"")
        for room in self.rooms:
            room.close()


class Names:
    """A token is its user's name."""

    def verify(self, token: str) -> Identity:
        return Identity(user=token, name=token.title(), expires=wall_ms() // 1000 + 3600)


class Device:
    """A client that comes back by itself, recovers, and taps until it has its receipt."""

    def __init__(self, world: World, user: str, key: str) -> None:
        self.world = world
        self.user = user
        self.tap = Tap(user, key)
        self.position: tuple[str, int] | None = None
        self.known: set[str] = set()
        self._pipe: Pipe | None = None
        self._calls: dict[int, asyncio.Future[Json]] = {}
        self._next = 0

    # --- bytes

    def _hear(self, data: bytes) -> None:
        if not data:
            self._lost()
        if data[:4] == b"HTTP":
            data = data.partition(b"\r\n\r\n")[2]
        while data:
            size, start = data[1], 2
            if size >= 126:
                start += 2 if size == 126 else 8
                size = int.from_bytes(data[2:start])
            opcode, said, data = data[0] & 15, data[start : start + size], data[start + size :]
            if opcode == Opcode.CLOSE:
                self._lost()
            elif opcode == Opcode.TEXT:
                for line in said.split(b"\n"):
                    self._take(orjson.loads(line))

    def _take(self, said: Json) -> None:
        if "push" in said:
            if said["push"]["channel"] == f"room:{ROOM}":
                self._pushed(said["push"])
        elif "subscribe" in said:
            self._joined(said["subscribe"])
        if (waiting := self._calls.pop(said.get("id", 0), None)) is not None and not waiting.done():
            waiting.set_result(said)

    def _pushed(self, push: Json) -> None:
        if "pub" not in push:  # told of a gap: come back
            self._lost()
        elif self.position is not None:
            epoch, offset = self.position
            if push["pub"]["offset"] != offset + 1:
                raise Broken(f"{self.user} hears batch {push['pub']['offset']} after {offset}")
            self._read(epoch, push["pub"])

    def _joined(self, result: Json) -> None:
        epoch, offset = result["epoch"], result.get("offset", 0)
        if result.get("recovered"):
            assert self.position is not None
            missed = result.get("publications", [])
            if epoch != self.position[0] or [pub["offset"] for pub in missed] != [
                *range(self.position[1] + 1, offset + 1)
            ]:
                raise Broken(f"{self.user} at {self.position} was told that nothing is missing of {epoch, offset}")
            for pub in missed:
                self._read(epoch, pub)
        self.position = epoch, offset

    def _read(self, epoch: str, pub: Json) -> None:
        self.position = epoch, pub["offset"]
        for event in pub["data"]["events"]:
            if event["id"] in self.known:
                raise Broken(f"{self.user} hears {event['type']} twice")
            self.known.add(event["id"])
            if event["type"] == "checkin.burst" and event["today"] > self.world.stored_today():
                raise Broken(f"{self.user} hears of {event['today']} check-ins, {self.world.stored_today()} are stored")

    def _lost(self) -> None:
        pipe, self._pipe = self._pipe, None
        if pipe is not None:
            pipe.close()
        for waiting in self._calls.values():
            waiting.cancel()
        self._calls.clear()

    # --- what it does

    async def live(self) -> None:
        """Come, tap, drop out, come back, until there is a receipt and time for trouble is over."""
        rng, loop = self.world.rng, self.world.loop
        end = loop.time() + TROUBLE
        await asyncio.sleep(rng.uniform(0, 1))
        while self.tap.receipt is None or loop.time() < end:
            with suppress(ConnectionError, TimeoutError):
                await self._enter()
                await asyncio.sleep(rng.choice([0, 0.01, 0.4]))
                await self._tap()
                if rng.random() < 0.3:
                    await self._ask("danmaku.send", text="hi")
                await asyncio.sleep(rng.uniform(0, 1.5))
            if rng.random() < 0.4:
                self._lost()
            await asyncio.sleep(rng.uniform(0, 0.5))
        self._lost()

    async def _enter(self) -> None:
        if self._pipe is not None:
            return
        self._connect()
        await self._call({"connect": {"token": self.user}})
        recover: Json = {"channel": f"room:{ROOM}"}
        if self.position is not None:
            recover |= {"recover": True, "epoch": self.position[0], "offset": self.position[1]}
        reply = await self._call({"subscribe": recover})
        if "error" in reply:
            self._lost()
            raise ConnectionError(reply["error"]["message"])

    def _connect(self) -> None:
        server = self.world.some_server()
        if server is None:
            raise ConnectionError("nobody listens")

        def hear(data: bytes) -> None:
            if self._pipe is pipe:
                self._hear(data)

        self._pipe = pipe = Pipe(self.world, hear)
        server.take(pipe)

    async def _tap(self) -> None:
        this = Try(self.world.loop.time())
        self.tap.tries.append(this)
        reply = await self._ask("checkin.mark", key=self.tap.key)
        this.answered = self.world.loop.time()
        if "rpc" in reply:
            receipt = this.receipt = reply["rpc"]["data"]
            if self.tap.receipt is None:
                self.tap.receipt = receipt
            else:
                self.tap.again.append(receipt)
        elif not reply["error"].get("temporary"):
            raise Broken(f"{self.user} is refused for good: {reply['error']}")

    async def _ask(self, method: str, **data: object) -> Json:
        return await self._call({"rpc": {"method": method, "data": {"room": ROOM, **data}}})

    async def _call(self, request: Mapping[str, Any]) -> Json:
        if self._pipe is None:
            raise ConnectionError("it is gone")
        self._next += 1
        waiting = self._calls[self._next] = self.world.loop.create_future()
        frame = Frame(Opcode.TEXT, orjson.dumps({"id": self._next, **request})).serialize(mask=True)
        self.world.loop.call_later(self.world.rng.choice([0.0, 0.003, 0.02]), self._pipe.arrive, frame)
        try:
            async with asyncio.timeout(PATIENCE):
                reply: Json = await waiting
                return reply
        except asyncio.CancelledError:
            if waiting.cancelled():
                raise ConnectionError("it was lost") from None
            raise
        except TimeoutError:
            self._lost()
            raise


class World:
    """One schedule."""

    def __init__(self, seed: int, plan: Plan, metrics: Metrics) -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, HandTime)
        self.loop, self.plan, self.metrics = loop, plan, metrics
        self.rng = Random(seed)
        self.disk = ModelDisk(self.rng, compares=plan.compares, keeps=plan.keeps)
        self.servers = [Server(self) for _ in range(plan.servers)]
        self.faults = 0
        self.ahead = 0

    def some_server(self) -> Server | None:
        """One of those that run."""
        running = [server for server in self.servers if server.alive]
        return self.rng.choice(running) if running else None

    def stored_today(self) -> int:
        """How many check-ins are stored at this moment."""
        room = self.disk.memory.stored.get(ROOM)
        return 0 if room is None else sum(len(log) for (_, name), log in room.logs.items() if name == "checkin")

    def stored(self) -> StoredRoom:
        """The room as it is stored."""
        room = self.disk.memory.stored.get(ROOM)
        if room is None:
            return StoredRoom(members={})
        entries = {key: [orjson.loads(one) for one in log] for key, log in room.logs.items()}
        return StoredRoom(
            members={
                name[2:]: member_of(name, row, entries.get((name, "checkin"), []), entries.get((name, "points"), []))
                for name, row in room.rows.items()
                if name.startswith("m:")
            },
            parts=tuple(row.version for name, row in room.rows.items() if name.startswith("p:")),
            counters=room.counters,
            seq=room.seq,
            told=tuple(event for _, record in room.outbox for event in orjson.loads(record)["events"]),
        )

    async def run(self) -> Outcome:
        """Live through it."""
        users = [f"user{n % self.plan.members}" for n in range(2 * self.plan.members - 1)]
        devices = [Device(self, user, f"key{n}") for n, user in enumerate(users)]
        async with asyncio.timeout(60), asyncio.TaskGroup() as group:
            trouble = group.create_task(self._trouble())
            for device in devices:
                group.create_task(device.live())
            await trouble
        await asyncio.sleep(5)  # what is late has come
        for server in self.servers:
            if server.alive:
                assert not server.work.done(), "a committer has ended"
                server.kill()
        return Outcome(
            judgement=judge(self.stored(), [one.tap for one in devices]), faults=self.faults + self.disk.faults
        )

    async def _trouble(self) -> None:
        """Kill and cut off, now and then; then let everything heal."""
        end = self.loop.time() + TROUBLE
        while (pause := self.rng.expovariate(1.5)) < end - self.loop.time():
            await asyncio.sleep(pause)
            await self.rng.choice([self._kill_server, self._kill_store, self._cut_off, self._save, self._jump])()
        self.disk.calm = True
        self.disk.away = False

    async def _kill_server(self) -> None:
        place = self.rng.randrange(len(self.servers))
        self.faults += 1
        self.servers[place].kill()
        await asyncio.sleep(self.rng.choice([0, 0.5]))
        self.servers[place] = Server(self)
        self.servers[place].shell.clock.adjust(self.ahead)

    async def _kill_store(self) -> None:
        self.disk.restart()

    async def _cut_off(self) -> None:
        self.faults += 1
        self.disk.away = True
        await asyncio.sleep(self.rng.choice([0.1, 1, 4]))
        self.disk.away = False

    async def _jump(self) -> None:
        """The store's clock is found to be elsewhere, by one server before the others."""
        self.faults += 1
        self.ahead += self.rng.choice([1, -2, 9]) * 3_600_000
        server = self.rng.choice(self.servers)
        server.shell.clock.adjust(self.ahead)

    async def _save(self) -> None:
        self.disk.save()


def simulate(seed: int, plan: Plan, metrics: Metrics) -> Outcome:
    """Run one schedule.

    Raises Broken for what a client saw, and whatever went wrong on the way.
    """
    state = random.getstate()
    random.setstate(Random(seed).getstate())  # clock.jitter is chance too
    try:
        with asyncio.Runner(loop_factory=HandTime) as runner:
            outcome = runner.run(_lived(seed, plan, metrics))
            loop = runner.get_loop()
            assert isinstance(loop, HandTime)
            for fault in loop.faults:
                raise fault.get("exception") or AssertionError(fault["message"])
            return outcome
    finally:
        random.setstate(state)


async def _lived(seed: int, plan: Plan, metrics: Metrics) -> Outcome:
    return await World(seed, plan, metrics).run()


def what_breaks(seed: int, plan: Plan, metrics: Metrics) -> tuple[Outcome | None, str]:
    """What a schedule came to, and the first promise that it broke, as a sentence; "" when all is well."""
    try:
        outcome = simulate(seed, plan, metrics)
    except Exception as error:  # noqa: BLE001 - whatever goes wrong in a schedule is its finding
        while isinstance(error, ExceptionGroup):
            error = error.exceptions[0]
        return None, f"{type(error).__name__}: {error}"
    return outcome, next(iter(outcome.judgement.broken), "")


def survey(seeds: Iterable[int]) -> Json:
    """Run schedules of the real thing; their sums, and what they broke by their seeds."""
    metrics = Metrics()
    sums: Json = {"schedules": 0, "faults": 0, "acknowledged": 0, "lost": 0, "doubled": 0, "broken": {}}
    for seed in seeds:
        outcome, why = what_breaks(seed, Plan(), metrics)
        sums["schedules"] += 1
        if why:
            sums["broken"][seed] = why
        if outcome is not None:
            sums["faults"] += outcome.faults
            for name in ("acknowledged", "lost", "doubled"):
                sums[name] += getattr(outcome.judgement, name)
    return sums


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    first, last = (int(one) for one in (sys.argv[1], sys.argv[-1]))
    sys.stdout.write(orjson.dumps(survey(range(first, last + 1)), option=orjson.OPT_NON_STR_KEYS).decode() + "\n")
