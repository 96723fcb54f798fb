"""Rooms are opened once for all who ask, and closed when nobody is in them."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import orjson
import pytest

from room.people import Actor, Role
from room.refusal import InternalError, Refused, RowDamaged, ServerBusy, StoreAway, UnknownRoom
from roomserver.committer import Committer
from roomserver.metrics import Metrics
from roomserver.open_room import OpenRoom, nobody
from roomserver.rooms import IDLE_SECONDS, OPENING, Rooms
from roomserver.rows import RowCodec
from roomserver.shell import Shell
from roomserver.store import Durability, StoredRow
from settings.messages import Configure
from tests.roomserver.hand_store import HandStore
from tests.roomserver.hand_time import HandClock, later, play, settle
from tests.roomserver.jars import HOUSE, Drop, Look

ADA = Actor(id="ada", name="Ada")
OPERATOR = Actor(id="operator", name="operator", role=Role.OPERATOR)


class Building:
    """Rooms on a store in the test's hand."""

    def __init__(self, store: HandStore | None = None, *, make: bool = False) -> None:
        loop = asyncio.get_running_loop()
        self.store = store or HandStore()
        codec = RowCodec(HOUSE)
        self.committer = Committer(self.store, codec, on_storage=lambda _: None, on_facts=lambda *_: None)
        shell = Shell(house=HOUSE, clock=HandClock(loop), committer=self.committer, metrics=Metrics(), loop=loop)
        self.rooms = Rooms(shell, self.store, codec, make=make)

    def find(self, room: str = "demo", *, make: bool | None = None) -> list[OpenRoom | Refused]:
        found: list[OpenRoom | Refused] = []
        self.rooms.find(room, found.append, make=make)
        return found


@asynccontextmanager
async def building(store: HandStore | None = None, *, make: bool = False) -> AsyncIterator[Building]:
    made = Building(store, make=make)
    task = asyncio.get_running_loop().create_task(made.committer.run())
    try:
        yield made
        assert not task.done()
    finally:
        task.cancel()
        for room in made.rooms:
            room.close()


def test_a_room_that_nobody_made_is_unknown_unless_it_may_be_made() -> None:
    async def dialogue() -> None:
        async with building() as strict:
            found = strict.find()
            await settle()
            assert [type(one) for one in found] == [UnknownRoom]
            assert (len(strict.rooms), strict.store.stored) == (0, {})
            room = await strict.rooms.open("demo", make=True)
            assert room.state.settings.made
            assert strict.find() == [room]
        async with building(make=True) as easy:
            assert (await easy.rooms.open("other")).id == "other"
            assert len(easy.rooms) == 1

    play(dialogue)


def test_all_who_come_at_once_get_the_same_room_and_it_is_loaded_once() -> None:
    async def dialogue() -> None:
        async with building() as first:
            await first.rooms.open("demo", make=True)
            async with building(first.store) as second:
                loads = len(second.store.loads)
                found = [second.find() for _ in range(5)]
                assert found == [[]] * 5
                await settle()
                assert len({id(one[0]) for one in found}) == 1
                assert len(second.store.loads) == loads + 1
                assert isinstance(found[0][0], OpenRoom)

    play(dialogue)


def test_who_may_make_a_room_makes_it_though_somebody_who_may_not_asked_before() -> None:
    async def dialogue() -> None:
        async with building() as made:
            before, maker, after = made.find(), made.find(make=True), made.find()
            await later(0.1)
            assert [type(one[0]) for one in (before, maker, after)] == [OpenRoom] * 3
            other = made.find("other")
            await settle()
            assert [type(one) for one in other] == [UnknownRoom]

    play(dialogue)


def test_two_servers_make_one_room() -> None:
    async def dialogue() -> None:
        async with building() as one, building(one.store) as other:
            async with asyncio.TaskGroup() as tasks:
                rooms = [tasks.create_task(b.rooms.open("demo", make=True)) for b in (one, other)]
            assert all(task.result().state.settings.made for task in rooms)
            assert one.store.stored["demo"].rows["p:settings"].version == 1

    play(dialogue)


def test_sums_and_settings_are_there_when_a_room_is_opened_again() -> None:
    async def dialogue() -> None:
        async with building() as first:
            room = await first.rooms.open("demo", make=True)
            room.ask(OPERATOR, Configure(room="demo", title="Lipstick"), nobody)
            room.ask(ADA, Drop(room="demo", coins=4), nobody)
            await settle()
            async with building(first.store) as second:
                second.rooms.durability = Durability.LOCAL
                again = await second.rooms.open("demo")
                assert again.state.settings.title == "Lipstick"
                assert again.state.counters == {"coins": 4}
                assert again.seq == 3
                assert again.state.durability == "local"

    play(dialogue)


def test_without_a_store_the_door_stays_shut_and_opens_later() -> None:
    async def dialogue() -> None:
        async with building(make=True) as made:
            made.store.away = True
            found = made.find()
            await settle()
            assert [type(one) for one in found] == [StoreAway]
            made.store.away = False
            assert (await made.rooms.open("demo")).id == "demo"

    play(dialogue)


@pytest.mark.parametrize(("what", "expected"), [("row", RowDamaged), ("fault", InternalError)])
def test_whatever_keeps_a_room_shut_is_told_to_all_and_asked_again_next_time(what: str, expected: type) -> None:
    async def dialogue() -> None:
        async with building() as first:
            await first.rooms.open("demo", make=True)
            kept = dict(first.store.stored["demo"].rows)
            async with building(first.store) as made:
                if what == "row":
                    made.store.stored["demo"].rows["p:settings"] = StoredRow(version=1, change="c", body=b"\xff")
                else:
                    made.store.broken = RuntimeError("a fault of ours")
                found = [made.find(), made.find()]
                await settle()
                assert [type(one) for told in found for one in told] == [expected] * 2
                made.store.broken = None
                made.store.stored["demo"].rows.update(kept)
                assert (await made.rooms.open("demo")).id == "demo"

    play(dialogue)


def test_one_visitors_fault_does_not_shut_the_others_out(caplog: pytest.LogCaptureFixture) -> None:
    def fail(_: object) -> None:
        raise ZeroDivisionError

    async def dialogue() -> None:
        async with building(make=True) as made:
            made.rooms.find("demo", fail)
            found = made.find()
            await settle()
            assert len(found) == 1
            assert len(made.find()) == 1

    play(dialogue)
    assert "a visitor was not told of his room" in caplog.text


def test_only_so_many_may_wait_at_one_door() -> None:
    async def dialogue() -> None:
        async with building(make=True) as made:
            made.store.reads.clear()
            found = [made.find() for _ in range(OPENING + 1)]
            assert [type(one) for one in found[-1]] == [ServerBusy], "the store is there"
            made.store.reads.set()
            await settle()
            assert all(len(one) == 1 for one in found)

    play(dialogue)


def test_who_gave_up_waiting_spoils_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async def dialogue() -> None:
        async with building(make=True) as made:
            made.store.reads.clear()
            waiting = asyncio.get_running_loop().create_task(made.rooms.open("demo"))
            await settle()
            waiting.cancel()
            await settle()
            made.store.reads.set()
            assert (await made.rooms.open("demo")).id == "demo"

    play(dialogue)
    assert caplog.text == ""


def test_an_empty_room_is_closed_and_one_with_somebody_in_it_is_not() -> None:
    async def dialogue() -> None:
        async with building(make=True) as made:
            empty, full = await made.rooms.open("empty"), await made.rooms.open("full")
            full.state.online = 1
            await later(IDLE_SECONDS + 1)
            assert (made.rooms.get("empty"), made.rooms.get("full")) == (None, full)
            full.state.online = 0
            await later(IDLE_SECONDS + 1)
            assert len(made.rooms) == 0
            again = await made.rooms.open("empty")
            assert again is not empty
            assert again.publisher.ring.epoch != empty.publisher.ring.epoch

    play(dialogue)


def test_a_closed_room_leaves_no_log_and_after_a_full_collection_nothing() -> None:
    async def dialogue() -> None:
        async with building(make=True) as made:
            room = await made.rooms.open("demo")
            ring, gone = room.publisher.ring, weakref.ref(room)
            await later(1)
            said = [len(ring.entries())]
            del room
            await later(2 * IDLE_SECONDS)
            assert made.rooms.get("demo") is None
            said.append(len(ring.entries()))
            await made.rooms.open("other")  # the committer's last batch is another's now
            gc.collect()
            assert (said[0] > 0, said[1], gone()) == (True, 0, None)

    play(dialogue)


def test_every_open_room_is_told_when_the_store_goes_and_comes_and_so_are_those_that_open_meanwhile() -> None:
    async def dialogue() -> None:
        async with building(make=True) as made:
            room = await made.rooms.open("demo")
            made.rooms.storage_is(False)
            assert room.state.storage == "away"
            assert (await made.rooms.open("late")).state.storage == "away"
            made.store.gate.clear()
            found = made.find("slow")
            await settle()
            made.rooms.storage_is(True)
            made.store.gate.set()
            await settle()
            assert [one.state.storage for one in found if isinstance(one, OpenRoom)] == ["ok"]
            assert [one.state.storage for one in made.rooms] == ["ok", "ok", "ok"]

    play(dialogue)


def test_a_question_is_answered_in_a_room_that_is_open() -> None:
    async def dialogue() -> None:
        async with building(make=True) as made:
            room = await made.rooms.open("demo")
            told: list[object] = []
            room.ask(ADA, Look(room="demo"), told.append)
            assert told == [orjson.dumps({"ada": 0})]

    play(dialogue)
