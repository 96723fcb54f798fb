"""What is due is done though nobody comes: in open rooms and closed ones, by one server or two."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import ClassVar

import orjson

from presence.feature import Presence
from room.change import Due, Part
from room.context import Context
from room.feature import Feature
from room.house import House
from room.message import Command, Event
from room.people import Actor, Role, Standing, User
from room.refusal import BadRequest
from room.row import member, user_of
from roomserver.committer import Committer
from roomserver.memory_store import Fault
from roomserver.metrics import Metrics
from roomserver.open_room import OpenRoom
from roomserver.rooms import Rooms
from roomserver.rows import RowCodec
from roomserver.shell import Shell
from roomserver.store import StoreUnavailable
from roomserver.sweep import AGAIN_MS, ALL_SECONDS, BATCH, OPEN_SECONDS, Sweep
from settings.feature import RoomSettings
from tests.roomserver.hand_store import HandStore
from tests.roomserver.hand_time import START as NOW
from tests.roomserver.hand_time import HandClock, later, play

DAY = 86_400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    until: int = 0
    paid: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign(Command):
    """Rent something; a rent is due at an instant, and then every day."""

    kind: ClassVar[str] = "lease.sign"
    durable: ClassVar[bool] = True

    at: int
    what: str = "lease.rent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pay(Command):
    kind: ClassVar[str] = "lease.pay"
    who: ClassVar[Role] = Role.ROOM
    durable: ClassVar[bool] = True

    user: str

    def subject(self, actor: Actor) -> str:
        return member(self.user)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed(Event):
    kind: ClassVar[str] = "lease.signed"
    durable: ClassVar[bool] = True

    user: User
    at: int
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid(Event):
    kind: ClassVar[str] = "lease.paid"
    durable: ClassVar[bool] = True

    user: User
    amount: int
    until: int


class Leases(Feature):
    name = "lease"
    commands = (Sign, Pay)
    events = (Signed, Paid)
    section = Lease

    def decide(self, command: Sign | Pay, context: Context) -> Iterable[Event]:
        if isinstance(command, Sign):
            yield Signed(user=context.user, at=command.at, what=command.what)
            return
        until = context.row.of(Lease).until
        if command.user == "broke":
            raise BadRequest("no money")
        owed = until <= context.now
        yield Paid(user=context.person, amount=int(owed), until=until + DAY if owed else until)

    def evolve(self, section: Lease, event: Event) -> Lease:
        match event:
            case Signed():
                return Lease(until=event.at)
            case Paid():
                return Lease(until=event.until, paid=section.paid + event.amount)
        return section

    def record(self, event: Event, context: Context) -> Iterable[Part]:
        match event:
            case Signed():
                yield Due(what=event.what, at=event.at)
            case Paid():
                yield Due(what="lease.rent", at=event.until)

    def due(self, what: str, subject: str, room: str) -> Iterable[Command]:
        user = user_of(subject)
        return [Pay(room=room, user=user)] if what == "lease.rent" and user is not None else []


HOUSE = House([RoomSettings(), Presence(), Leases()], standing=lambda _: Standing())
CODEC = RowCodec(HOUSE)


class Server:
    """Rooms with a sweep, on a store that others may use too."""

    def __init__(self, store: HandStore) -> None:
        loop = asyncio.get_running_loop()
        self.store = store
        self.committer = Committer(store, CODEC, on_storage=lambda _: None, on_facts=lambda *_: None)
        shell = Shell(house=HOUSE, clock=HandClock(loop), committer=self.committer, metrics=Metrics(), loop=loop)
        self.rooms = Rooms(shell, store, CODEC)
        self.sweep = Sweep(shell, self.rooms, store)

    async def sign(self, room: OpenRoom, user: str, at: int, what: str = "lease.rent") -> None:
        signed = asyncio.Event()
        room.ask(Actor(id=user, name=user), Sign(room=room.id, at=at, what=what), lambda _: signed.set())
        await signed.wait()

    def lease(self, user: str, room: str = "demo") -> Lease:
        stored = self.store.stored[room].rows[member(user)]
        return CODEC.decode(member(user), stored).of(Lease)


@asynccontextmanager
async def serving(store: HandStore | None = None, *, sweeps: bool = True) -> AsyncIterator[Server]:
    server = Server(store or HandStore())
    tasks = [asyncio.create_task(server.committer.run())]
    tasks += [asyncio.create_task(server.sweep.run())] if sweeps else []
    try:
        yield server
        assert not any(task.done() for task in tasks)
    finally:
        for task in tasks:
            task.cancel()
        for room in server.rooms:
            room.close()


def test_what_is_due_in_an_open_room_is_done_when_it_is_time() -> None:
    async def dialogue() -> None:
        async with serving() as server:
            room = await server.rooms.open("demo", make=True)
            await server.sign(room, "ada", NOW + 20_000)
            await later(15)
            assert server.lease("ada").paid == 0
            await later(OPEN_SECONDS + 5)
            assert server.lease("ada") == Lease(until=NOW + 20_000 + DAY, paid=1)
            assert room.row("m:ada") is None  # who is not here is not kept

    play(dialogue)


class Asked(HandStore):
    """Counts how often it is asked what is due."""

    looks = 0

    async def due(self, room: str, until: int, limit: int) -> list[tuple[str, str, int]]:
        self.looks += 1
        return await super().due(room, until, limit)

    async def soonest(self, rooms: Sequence[str]) -> list[int | None]:
        self.looks += 1
        return await super().soonest(rooms)


def test_rooms_in_which_nothing_is_due_soon_cost_the_store_one_look_a_minute_together() -> None:
    async def dialogue() -> None:
        store = Asked()
        async with serving(store) as server:
            for number in range(50):
                await server.rooms.open(f"room{number}", make=True)
            await later(50)
            assert store.looks == 1
            await server.sign(await server.rooms.open("room7"), "ada", NOW + 52_000)
            await later(OPEN_SECONDS + 4)
            assert server.lease("ada", "room7").paid == 1

    play(dialogue)


def test_a_room_that_nobody_is_in_is_opened_for_it() -> None:
    async def dialogue() -> None:
        store = HandStore()
        async with serving(store) as server:
            await server.sign(await server.rooms.open("demo", make=True), "ada", NOW + 1_000)
        async with serving(store) as server:
            assert len(server.rooms) == 0
            await later(ALL_SECONDS + 1)
            assert server.lease("ada").paid == 1

    play(dialogue)


def test_two_servers_do_it_once() -> None:
    async def dialogue() -> None:
        store = HandStore()
        async with serving(store, sweeps=False) as one, serving(store, sweeps=False) as other:
            room = await one.rooms.open("demo", make=True)
            users = [f"user{number}" for number in range(20)]
            for user in users:
                await one.sign(room, user, NOW)
            async with asyncio.TaskGroup() as tasks:
                for server in (one, other):
                    tasks.create_task(server.sweep.room("demo"))
            assert {one.lease(user) for user in users} == {Lease(until=NOW + DAY, paid=1)}

    play(dialogue)


def test_a_lost_reply_does_it_once() -> None:
    async def dialogue() -> None:
        store = HandStore([Fault.NONE, Fault.NONE, Fault.LOST_AFTER])
        async with serving(store, sweeps=False) as server:
            await server.sign(await server.rooms.open("demo", make=True), "ada", NOW)
            await server.sweep.room("demo")
            assert server.lease("ada").paid == 1

    play(dialogue)


def test_what_stays_due_is_asked_again_after_a_minute_and_holds_nobody_up() -> None:
    async def dialogue() -> None:
        async with serving(sweeps=False) as server:
            room = await server.rooms.open("demo", make=True)
            await server.sign(room, "broke", NOW)
            for number in range(BATCH):
                await server.sign(room, f"stranger{number}", NOW, what="other.thing")
            await server.sign(room, "ada", NOW + 1)
            await later(1)
            for _ in range(3):
                await server.sweep.room("demo")
            assert server.lease("ada").paid == 1
            commits = server.store.commits
            await server.sweep.room("demo")
            assert server.store.commits == commits
            await later(AGAIN_MS / 1000 + 1)
            await server.sweep.room("demo")
            assert server.lease("broke").paid == 0

    play(dialogue)


class Losing(HandStore):
    """A store that cannot say what is due, for a while."""

    deaf = True

    async def due(self, room: str, until: int, limit: int) -> list[tuple[str, str, int]]:
        if self.deaf:
            raise StoreUnavailable("nobody answers")
        return await super().due(room, until, limit)

    async def soonest(self, rooms: Sequence[str]) -> list[int | None]:
        if self.deaf:
            raise StoreUnavailable("nobody answers")
        return await super().soonest(rooms)


def test_a_store_that_is_away_is_asked_again() -> None:
    async def dialogue() -> None:
        store = Losing()
        async with serving(store) as server:
            await server.sign(await server.rooms.open("demo", make=True), "ada", NOW)
            await later(20)
            assert server.lease("ada").paid == 0
            store.deaf = False
            await later(OPEN_SECONDS + 1)
            assert server.lease("ada").paid == 1

    play(dialogue)


def test_a_room_that_cannot_be_opened_holds_up_no_other() -> None:
    async def dialogue() -> None:
        async with serving(sweeps=False) as server:
            for name in ("demo", "other"):
                await server.sign(await server.rooms.open(name, make=True), "ada", NOW)
            stored = server.store.stored["demo"].rows
        async with serving(server.store) as again:
            kept = stored["p:settings"]
            stored["p:settings"] = type(kept)(version=kept.version, change=kept.change, body=orjson.dumps([]))
            await later(ALL_SECONDS + 2)
            assert (again.lease("ada").paid, again.lease("ada", "other").paid) == (0, 1)

    play(dialogue)
