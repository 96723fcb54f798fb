"""The server's life: put together, connect, work, drain.

Everything is made here, once, and handed down; nothing below looks anything up.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

from room.house import House
from room.message import Command, Query
from room.people import Actor
from room.refusal import Refused
from roomserver.addresses import Proxies
from roomserver.centrifuge import codes
from roomserver.clock import Clock, steady
from roomserver.committer import Committer
from roomserver.door import Door
from roomserver.drain import WAVE_SECONDS, waves
from roomserver.forgetting import Forgetting
from roomserver.gate import Gate
from roomserver.identity import Checks
from roomserver.limits import Limits
from roomserver.load import measure
from roomserver.metrics import Metrics
from roomserver.open_room import OpenRoom
from roomserver.revocations import Revocations, Revoked, UnrevokedChecks
from roomserver.rooms import Rooms
from roomserver.rows import RowCodec
from roomserver.shell import Shell
from roomserver.store import Durability, RoomFacts, Store, StoreUnavailable
from roomserver.sweep import Sweep
from roomserver.tokens import LONGEST_LIFE
from roomserver.tombstones import Tombstones
from roomserver.wheel import Wheel

CLOCK_SECONDS = 60
"""Between two looks at the store's clock, which decides the day."""

FLUSH_SECONDS = 3.0
"""At most so long a stopping server waits before its first close: what it has accepted is stored or refused by then."""

DRAIN_SECONDS = 7.0
"""At most so long it waits after its last close for whom it still owes an answer."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a room server is made with.

    ``proxies`` None: connections are not counted by address. ``ahead`` shifts the domain's clock (ms); ``make_rooms``
    makes unknown rooms at the first join; a new room's days are those of ``zone`` and begin ``boundary`` minutes after
    midnight. ``tombstones`` is the file in which erasures are written down. No token lives longer than ``token_life``
    seconds.
    """

    house: House
    store: Store
    checks: Checks
    version: str
    admits: Callable[[str | None, str], bool]
    limits: Limits = field(default_factory=Limits)
    proxies: Proxies | None = None
    ahead: int = 0
    make_rooms: bool = False
    zone: str = "UTC"
    boundary: int = 240
    deflates: bool = True
    tombstones: Path | None = None
    token_life: int = LONGEST_LIFE


class RoomServer:
    """All that serves rooms in one process; made inside the running loop."""

    def __init__(self, options: Options) -> None:
        loop = asyncio.get_running_loop()
        self.codec = codec = RowCodec(options.house)
        self.store = options.store
        self.revoked = Revoked()
        self.checks = UnrevokedChecks(options.checks, self.revoked)
        self.metrics = Metrics()
        self.committer = Committer(options.store, codec, on_storage=self._on_storage, on_facts=self._on_facts)
        self.clock = Clock(ahead=options.ahead)
        self.shell = Shell(
            house=options.house, clock=self.clock, committer=self.committer, metrics=self.metrics, loop=loop
        )
        days = (options.zone, options.boundary)
        self.rooms = Rooms(self.shell, options.store, codec, make=options.make_rooms, days=days)
        self.forgetting = Forgetting(self.rooms, options.store, options.house, Tombstones(options.tombstones))
        self.sweep = Sweep(self.shell, self.rooms, options.store)
        self.wheel = Wheel(loop)
        self.door = Door(
            shell=self.shell,
            rooms=self.rooms,
            checks=self.checks,
            wheel=self.wheel,
            version=options.version,
            admits=options.admits,
            gate=Gate(limits=options.limits, load=self.shell.load, proxies=options.proxies),
            deflates=options.deflates,
            clock=steady,
        )
        self.revocations = Revocations(options.store, self.revoked, self.door.connections, life=options.token_life)
        self.started = False

    @property
    def ready(self) -> bool:
        """Whether new viewers are welcome: not while starting or draining."""
        return self.started and not self.door.draining

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[RoomServer]:
        """Connect to the store and work until the block ends.

        Raises StoreUnavailable, StoreRefused when there is nothing to rely on.
        """
        try:
            self.rooms.durability = await self.store.connect()
            self.clock.adjust(await self.store.clock_offset())
            async with self._working():
                yield self
        finally:
            await self.store.close()

    @contextlib.asynccontextmanager
    async def _working(self) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as tasks:
            works = [tasks.create_task(self.committer.run(), name="committer")]
            works.append(tasks.create_task(self._watch_store(), name="store"))
            works.append(
                tasks.create_task(measure(self.shell.load, lambda: self.committer.wait, self.door.intake), name="load")
            )
            works.append(tasks.create_task(self.sweep.run(), name="sweep"))
            works.append(tasks.create_task(self.forgetting.rewriting(), name="rewriting"))
            works.append(tasks.create_task(self.revocations.follow(), name="revocations"))
            works.append(tasks.create_task(self.forgetting.follow(), name="erasures"))
            self.wheel.start()
            try:
                await self.revocations.load()
                await self.forgetting.again()
                self.started = True
                yield
            finally:
                self.started = False
                self.wheel.stop()
                for work in works:
                    work.cancel()

    @property
    def durability(self) -> Durability:
        """What an acknowledgement is worth."""
        return self.rooms.durability

    async def command(self, actor: Actor, message: Command | Query, *, make: bool | None = None) -> bytes:
        """Carry out what the platform asks; the reply as JSON.

        Raises Refused.
        """
        room = await self.rooms.open(message.room, make=make)
        future: asyncio.Future[bytes | Refused] = self.shell.loop.create_future()
        room.ask(actor, message, lambda told: None if future.done() else future.set_result(told))
        answer = await future
        if isinstance(answer, Refused):
            raise answer
        return answer

    async def drain(self) -> None:
        """Refuse newcomers, store and answer what was accepted, and close everybody in turn (drain.py)."""
        self.door.draining = True
        log.info("draining", extra={"connections": len(self.door.connections)})
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FLUSH_SECONDS):
                await self.committer.idle.wait()
        for wave in waves(self.door.connections):
            for connection in wave:
                connection.close_when_answered(codes.SHUTDOWN)
            await asyncio.sleep(WAVE_SECONDS)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_SECONDS):
                await self.committer.idle.wait()
                await self.door.empty.wait()
        log.info("drained", extra={"connections": len(self.door.connections), "unstored": self.committer.queued})

    def _on_storage(self, available: bool) -> None:
        self.rooms.storage_is(available)

    def _on_facts(self, room: str, facts: RoomFacts) -> None:
        if (found := self.rooms.get(room)) is not None:
            found.learn(facts)

    async def _watch_store(self) -> None:
        """Follow the store's clock, and notice when another run of the store answers with less than was stored."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(CLOCK_SECONDS):  # wait_for may swallow a cancellation that comes with it
                    await self.committer.storage.new_run.wait()
            self.committer.storage.new_run.clear()
            self.rooms.durability_is(self.store.durability)
            try:
                self.clock.adjust(await self.store.clock_offset())
                for room in self.rooms:
                    await self._compare(room)
            except (StoreUnavailable, Refused, OSError) as error:
                log.warning("the store was not looked at", extra={"why": str(error)})
            except Exception:  # a fault of ours must not end the server
                log.exception("the store was not looked at")

    async def _compare(self, room: OpenRoom) -> None:
        """Believe the store, when it has less than it had.

        Raises StoreUnavailable.
        """
        seen = room.seq
        try:
            facts = await self.store.open_room(room.id)
        except ValueError as error:  # what is stored there is no number: no other room suffers for it
            log.error("a room's sums cannot be read", extra={"room": room.id, "why": str(error)})
            return
        if room.suspect or facts.seq < seen:
            log.error("the store lost data", extra={"room": room.id, "seen": seen, "stored": facts.seq})
            self.metrics.losses.inc()
            room.data_lost(facts)
            await self.forgetting.again(room.id)
