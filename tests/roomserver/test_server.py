"""The server's life: put together, connected, watching its store, drained."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import orjson
import pytest

from room.people import Actor, Role
from room.refusal import PermissionDenied, UnknownRoom
from roomserver.centrifuge.codes import SHUTDOWN, Disconnect
from roomserver.identity import Identity, InvalidToken
from roomserver.memory_store import StoredRoom
from roomserver.server import CLOCK_SECONDS, Options, RoomServer
from roomserver.store import Durability, RoomFacts, StoreUnavailable
from settings.messages import ChangeSettings, Configure
from tests.roomserver.hand_store import HandStore
from tests.roomserver.hand_time import later, play, settle
from tests.roomserver.jars import HOUSE, Daily, Drop, Look

ADA = Actor(id="ada", name="Ada")
BOB = Actor(id="bob", name="Bob")
OPERATOR = Actor(id="operator", name="operator", role=Role.OPERATOR)


class Nobody:
    """Knows no token."""

    def verify(self, token: str) -> Identity:
        raise InvalidToken(token)


class Restarting(HandStore):
    """A store whose runs have names, and whose clock is ahead."""

    def __init__(self) -> None:
        super().__init__()
        self.run = "first"
        self.offset = 5_000
        self.level = Durability.LOCAL
        self.closed = False
        self.refuses = False
        self.damaged: set[str] = set()

    @property
    def run_id(self) -> str:
        return self.run

    @property
    def durability(self) -> Durability:
        return self.level

    async def connect(self) -> Durability:
        if self.refuses:
            raise StoreUnavailable("nobody there", written="no")
        return self.level

    async def clock_offset(self) -> int:
        await super().clock_offset()
        return self.offset

    async def open_room(self, room: str) -> RoomFacts:
        if room in self.damaged:
            raise ValueError("no number")
        return await super().open_room(room)

    async def close(self) -> None:
        self.closed = True


def made(store: Restarting, *, make: bool = True, ahead: int = 0) -> RoomServer:
    return RoomServer(
        Options(
            house=HOUSE,
            store=store,
            checks=Nobody(),
            version="test",
            admits=lambda *_: True,
            make_rooms=make,
            ahead=ahead,
        )
    )


@asynccontextmanager
async def serving(
    store: Restarting | None = None, *, make: bool = True
) -> AsyncIterator[tuple[RoomServer, Restarting]]:
    store = store or Restarting()
    server = made(store, make=make)
    async with server.running():
        yield server, store
        for room in server.rooms:
            room.close()


def test_it_is_ready_while_it_runs_and_gives_the_store_back() -> None:
    async def dialogue() -> None:
        store = Restarting()
        server = made(store)
        ready = [server.ready]
        async with server.running():
            ready.append(server.ready)
            assert server.durability is Durability.LOCAL
        assert [*ready, server.ready] == [False, True, False]
        assert store.closed
        assert asyncio.all_tasks() == {asyncio.current_task()}

    play(dialogue)


def test_without_a_store_it_does_not_start() -> None:
    async def dialogue() -> None:
        store = Restarting()
        store.refuses = True
        server = made(store)
        with pytest.raises(StoreUnavailable):
            async with server.running():
                pytest.fail("started")
        assert not server.ready

    play(dialogue)


def test_the_domains_clock_is_the_stores_and_followed() -> None:
    async def dialogue() -> None:
        async with serving() as (server, store):
            plain = server.clock.now()
            store.offset = 3_605_000
            await later(CLOCK_SECONDS + 1)
            assert 3_590_000 < server.clock.now() - plain < 3_700_000

    play(dialogue)


def test_the_platform_commands_and_asks() -> None:
    async def dialogue() -> None:
        async with serving(make=False) as (server, _):
            with pytest.raises(UnknownRoom):
                await server.command(OPERATOR, ChangeSettings(room="demo", frozen=True))
            reply = orjson.loads(await server.command(OPERATOR, Configure(room="demo", title="Mugs"), make=True))
            assert reply["title"] == "Mugs"
            with pytest.raises(PermissionDenied):
                await server.command(ADA, ChangeSettings(room="demo", frozen=True))
            assert orjson.loads(await server.command(ADA, Look(room="demo"))) == {"ada": 0}

    play(dialogue)


def test_a_request_that_was_given_up_stops_nothing() -> None:
    async def dialogue() -> None:
        async with serving() as (server, store):
            await server.rooms.open("demo")
            store.gate.clear()
            asked = asyncio.get_running_loop().create_task(server.command(ADA, Drop(room="demo", coins=2)))
            await settle()
            asked.cancel()
            await settle()
            store.gate.set()
            assert orjson.loads(await server.command(ADA, Drop(room="demo", coins=1))) == {"coins": 3}

    play(dialogue)


def test_a_store_that_comes_back_with_less_is_noticed_and_believed() -> None:
    async def dialogue() -> None:
        async with serving() as (server, store):
            room = await server.rooms.open("demo")
            await server.command(ADA, Daily(room="demo", day=1))
            kept = {"p:settings": store.stored["demo"].rows["p:settings"]}
            epoch = room.publisher.ring.epoch
            store.stored["demo"] = StoredRoom(seq=1, rows=kept)
            store.run = "second"
            await later(5)  # a look at the store, and the comparison
            assert server.metrics.losses._value.get() == 1
            assert room.publisher.ring.epoch != epoch
            assert room.seq == 1
            assert room.state.counters == {}
            reply = orjson.loads(await server.command(ADA, Daily(room="demo", day=1)))
            assert reply == {"coins": 1, "replayed": False}
            await later(CLOCK_SECONDS + 1)
            assert server.metrics.losses._value.get() == 1

    play(dialogue)


def test_a_store_that_was_emptied_under_a_room_is_noticed_by_the_next_commit() -> None:
    async def dialogue() -> None:
        async with serving() as (server, store):
            room = await server.rooms.open("demo")
            await server.command(ADA, Daily(room="demo", day=1))
            epoch = room.publisher.ring.epoch
            store.stored.clear()
            await server.command(BOB, Daily(room="demo", day=1))
            await later(5)  # less than until the next look at the store
            assert server.metrics.losses._value.get() == 1
            assert room.publisher.ring.epoch != epoch
            reply = orjson.loads(await server.command(ADA, Daily(room="demo", day=1)))
            assert reply == {"coins": 1, "replayed": False}
            await later(CLOCK_SECONDS + 1)
            assert server.metrics.losses._value.get() == 1

    play(dialogue)


def test_one_rooms_damaged_sums_hide_no_other_rooms_loss_and_end_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async def dialogue() -> None:
        async with serving() as (server, store):
            for room in ("damaged", "demo"):
                await server.rooms.open(room)
                await server.command(ADA, Daily(room=room, day=1))
            store.damaged.add("damaged")
            store.stored["demo"] = StoredRoom()
            store.run = "second"
            await later(5)  # a look at the store, and the comparison
            assert "a room's sums cannot be read" in caplog.messages
            assert server.metrics.losses._value.get() == 1

    play(dialogue)


def test_no_fault_of_a_look_at_the_store_ends_the_server(caplog: pytest.LogCaptureFixture) -> None:
    async def dialogue() -> None:
        async with serving() as (server, store):
            await later(5)
            store.broken = RuntimeError("a fault of ours")
            await later(CLOCK_SECONDS + 1)
            store.broken, store.offset = None, 3_605_000
            plain = server.clock.now()
            await later(CLOCK_SECONDS + 1)
            assert server.clock.now() - plain > 3_500_000
            assert "the store was not looked at" in caplog.messages

    play(dialogue)


def test_a_store_that_comes_back_whole_changes_nothing() -> None:
    async def dialogue() -> None:
        async with serving() as (server, store):
            room = await server.rooms.open("demo")
            await server.command(ADA, Drop(room="demo"))
            epoch = room.publisher.ring.epoch
            store.run = "second"
            await later(CLOCK_SECONDS + 1)
            assert (server.metrics.losses._value.get(), room.publisher.ring.epoch) == (0, epoch)

    play(dialogue)


def test_what_an_acknowledgement_is_worth_is_what_the_store_says_now() -> None:
    async def dialogue() -> None:
        store = Restarting()
        async with made(store).running() as server:
            room = await server.rooms.open("demo", make=True)
            assert (server.durability, room.state.durability) == (Durability.LOCAL, "local")
            store.level = Durability.MEMORY
            await later(3)  # the next look at the store
            assert (server.durability, room.state.durability) == (Durability.MEMORY, "memory")

    play(dialogue)


def test_rooms_are_told_when_the_store_goes_and_comes() -> None:
    async def dialogue() -> None:
        async with serving() as (server, store):
            room = await server.rooms.open("demo")
            store.away = True
            await later(3)
            assert room.state.storage == "away"
            store.away = False
            await later(3)
            assert [one.state.storage for one in server.rooms] == ["ok"]

    play(dialogue)


def test_a_drain_waits_for_what_was_accepted() -> None:
    async def dialogue() -> None:
        async with serving() as (server, store):
            await server.rooms.open("demo")
            store.gate.clear()
            asked = asyncio.get_running_loop().create_task(server.command(ADA, Drop(room="demo")))
            await settle()
            drained = asyncio.get_running_loop().create_task(server.drain())
            await later(1)
            assert not server.ready
            assert not drained.done()
            store.gate.set()
            await settle()
            assert drained.done()
            assert orjson.loads(await asked) == {"coins": 1}

    play(dialogue)


class Seat:
    """A connection by hand, which owes nobody anything; it notes when it was closed."""

    def __init__(self, server: RoomServer, identity: Identity | None) -> None:
        self.identity = identity
        self.closed: float | None = None
        self._door = server.door
        self._door.enter(self)

    def close(self, why: Disconnect) -> None:
        assert why == SHUTDOWN
        self.closed = asyncio.get_running_loop().time()
        self._door.leave(self)

    close_when_answered = close


def test_a_drain_closes_nobody_before_all_is_stored_then_viewers_and_hosts_last() -> None:
    async def dialogue() -> None:
        async with serving() as (server, store):
            await server.rooms.open("demo")
            host, *others = [
                Seat(server, Identity(user=user, name=user, expires=10**10, roles=roles))
                for user, roles in (("ann", {"demo": Role.HOST}), ("", {}), ("bob", {}), ("cyd", {"*": Role.MODERATOR}))
            ]
            crowd = [Seat(server, None) for _ in range(250)]
            store.gate.clear()
            asked = asyncio.get_running_loop().create_task(server.command(ADA, Drop(room="demo")))
            await settle()
            drained = asyncio.get_running_loop().create_task(server.drain())
            await later(1)
            assert [one.closed for one in (host, *others, *crowd)] == [None] * 254
            store.gate.set()
            await drained
            assert orjson.loads(await asked) == {"coins": 1}
            instants = [one.closed or 0.0 for one in (*others, host)]
            assert instants == sorted(set(instants))  # one wave after the other
            assert len({one.closed for one in crowd}) == 3
            assert max(one.closed or 0.0 for one in crowd) < instants[1]

    play(dialogue)


def test_a_drain_ends_though_the_store_never_answers() -> None:
    async def dialogue() -> None:
        async with serving() as (server, store):
            await server.rooms.open("demo")
            store.gate.clear()
            asked = asyncio.get_running_loop().create_task(server.command(ADA, Drop(room="demo")))
            await settle()
            start = asyncio.get_running_loop().time()
            await server.drain()
            assert asyncio.get_running_loop().time() - start < 11
            asked.cancel()
            store.gate.set()

    play(dialogue)
