"""How the store in memory misbehaves on demand; what it promises is in test_store_contract."""

import asyncio

import pytest

from roomserver.memory_store import Fault, MemoryStore
from roomserver.store import Conflict, Durability, StoreUnavailable, Write, Written

CHANGE = Write(subject="m:alice", id="change-1", version=0, body=b"{}")


async def test_it_says_that_it_forgets() -> None:
    assert await MemoryStore().connect() is Durability.MEMORY


async def test_answers_are_held_back_while_the_gate_is_shut() -> None:
    gate = asyncio.Event()
    store = MemoryStore(gate=gate)
    async with asyncio.TaskGroup() as group:
        commit = group.create_task(store.commit({"demo": [CHANGE]}))
        await asyncio.sleep(0)
        assert (await store.open_room("demo")).seq == 1
        assert not commit.done()
        gate.set()
    assert commit.result() == {"demo": [Written(seq=1)]}


async def test_commits_and_replies_are_lost_by_the_list() -> None:
    store = MemoryStore(faults=[Fault.LOST_BEFORE, Fault.LOST_AFTER, Fault.NONE])
    with pytest.raises(StoreUnavailable):
        await store.commit({"demo": [CHANGE]})
    assert await store.load("demo", ["m:alice"]) == [None]
    with pytest.raises(StoreUnavailable):
        await store.commit({"demo": [CHANGE]})
    assert await store.commit({"demo": [CHANGE]}) == {"demo": [Conflict()]}
    assert store.commits == 3


async def test_its_clock_is_the_one_given() -> None:
    assert await MemoryStore(clock=lambda: 0).clock_offset() < -1_000_000_000_000
