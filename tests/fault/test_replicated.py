"""``replicated``: what is acknowledged is on a replica too, so a failover loses none of it."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from room.change import Counter, Score
from roomserver.redis_store import RedisStore
from roomserver.store import Durability, NotDurable, StoreUnavailable, Write, Written
from tests.fault.crowd import burst, enter, new_taps, settle
from tests.fault.figures import Book, Figures, size
from tests.fault.invariants import judge, read
from tests.fault.primary import Pair, plain, replicated_pair
from tests.fault.room_process import room_process

pytestmark = [pytest.mark.store, pytest.mark.fault]

MEMBERS = 40
COMMITS = size(200, 20_000)

PATIENCE = 30.0
"""Seconds for a round trip: a busy machine is no fault."""


def write(number: int) -> Write:
    return Write(subject=f"m:{number}", id=f"change-{number}", version=0, body=b"{}")


@pytest_asyncio.fixture
async def pair(tmp_path: Path) -> AsyncIterator[Pair]:
    async with replicated_pair(tmp_path) as pair:
        yield pair


@pytest_asyncio.fixture
async def store(pair: Pair) -> AsyncIterator[RedisStore]:
    store = RedisStore(pair.primary.url, accept=Durability.REPLICATED, timeout=PATIENCE)
    assert await store.connect() is Durability.REPLICATED
    yield store
    await store.close()


@pytest.mark.timeout(size(240, 1800))
async def test_a_failover_keeps_every_acknowledged_change(pair: Pair, store: RedisStore, figures: Book) -> None:
    acknowledged = []
    for number in range(COMMITS):
        await store.commit({"demo": [write(number)]})
        acknowledged.append(f"m:{number}")
    pair.primary.process.kill()
    pair.replica.admin.replicaof("NO", "ONE")
    kept = RedisStore(pair.replica.url)
    assert await kept.connect() is Durability.LOCAL
    rows = await kept.load("demo", acknowledged)
    await kept.close()
    lost = sum(row is None for row in rows)
    figures(Figures(what="failover to a replica", rounds=1, faults=1, acknowledged=COMMITS, lost=lost))
    assert lost == 0


@pytest.mark.slow
async def test_what_no_replica_has_is_not_acknowledged_and_found_out_when_it_is_back(
    pair: Pair, store: RedisStore
) -> None:
    hasty = RedisStore(pair.primary.url, accept=Durability.REPLICATED, timeout=4.0)
    await hasty.connect()
    replica = pair.replica.process.pid
    os.kill(replica, signal.SIGSTOP)
    try:
        with pytest.raises(StoreUnavailable, match="0 of 1 replicas have it") as caught:
            await hasty.commit({"demo": [write(1)]})
        assert caught.value.written == "unknown"
        with pytest.raises(StoreUnavailable):  # what one server wrote, another must not tell of either
            await hasty.load("demo", ["m:1"])
    finally:
        os.kill(replica, signal.SIGCONT)
        await hasty.close()
    [row] = await store.load("demo", ["m:1"])
    assert row is not None
    assert row.change == "change-1"


READINGS: dict[str, Callable[[RedisStore], Awaitable[object]]] = {
    "the outbox": lambda store: store.outbox("demo", "0", 10),
    "a row": lambda store: store.load("demo", ["m:7"]),
    "a ledger": lambda store: store.log("demo", "m:7", "points"),
    "the sums": lambda store: store.open_room("demo"),
    "a board": lambda store: store.board("demo", "streaks", 0, 9),
    "a rank": lambda store: store.rank("demo", "streaks", "m:7"),
    "those above": lambda store: store.above("demo", "streaks", 1.0, equal=True),
    "a revocation": lambda store: store.revoke("ann", 7),
}
"""What is told to whoever asks: a platform, a viewer, an endpoint."""


async def found(url: str, reading: Callable[[RedisStore], Awaitable[object]]) -> object:
    """What a server of its own reads; why it tells nothing where it does not."""
    store = RedisStore(url, accept=Durability.REPLICATED, timeout=4.0)
    try:
        await store.connect()
        return await reading(store)
    except StoreUnavailable as error:
        return str(error)
    finally:
        await store.close()


@pytest.mark.slow
async def test_nothing_is_told_anywhere_of_what_no_replica_has(pair: Pair, store: RedisStore) -> None:
    """Another server, or an older one, has written it, and is not sure of it itself."""
    local = RedisStore(pair.primary.url)
    await local.connect()
    replica = pair.replica.process.pid
    os.kill(replica, signal.SIGSTOP)
    try:
        change = Write(
            subject="m:7",
            id="change-7",
            version=0,
            body=b"{}",
            appends=[("points", b"{}")],
            counters=[Counter(name="today", add=1)],
            scores=[Score(board="streaks", value=3.0)],
            outbox=b'{"events":[]}',
        )
        assert await local.commit({"demo": [change]}) == {"demo": [Written(seq=1, counters={"today": 1})]}
        async with asyncio.TaskGroup() as group:
            told = {name: group.create_task(found(pair.primary.url, reading)) for name, reading in READINGS.items()}
        assert {task.result() for task in told.values()} == {"0 of 1 replicas have it"}, told
    finally:
        os.kill(replica, signal.SIGCONT)
        await local.close()
    assert [record for _, record in (await store.outbox("demo", "0", 10)).records] == [b'{"events":[]}']
    assert await store.board("demo", "streaks", 0, 9) == [("m:7", 3.0)]


@pytest.mark.slow
async def test_a_room_whose_primary_dies_has_every_receipt_on_the_replica(tmp_path: Path, figures: Book) -> None:
    (tmp_path / "room.toml").write_text('[server]\ndurability = "replicated"\n')
    first, second = new_taps(0, MEMBERS), new_taps(1, MEMBERS)
    async with replicated_pair(tmp_path / "stores") as pair:
        options = "--redis", pair.primary.url, "--config", str(tmp_path / "room.toml")
        async with room_process(*options) as server:
            assert server.readiness()["durability"] == "replicated"
            await settle(await enter(server, first))
            pairs = await enter(server, second)
            await burst(pairs, 1, pair.primary.process.kill)
        pair.replica.admin.replicaof("NO", "ONE")
        judgement = judge(read(pair.replica.url, "demo"), first + second)
        assert judgement.broken == []
        assert {tap.received()["durability"] for tap in first} == {"replicated"}
        async with room_process("--redis", pair.replica.url) as server:
            await settle(await enter(server, second))
            assert judge(read(pair.replica.url, "demo"), first + second).broken == []
    figures(Figures.of("primary killed under a room", 1, 1, judgement))


async def test_a_store_without_its_replicas_is_refused(tmp_path: Path) -> None:
    with plain(tmp_path / "alone") as alone:
        alone.admin.config_set("min-replicas-to-write", 0)
        with pytest.raises(NotDurable, match="min-replicas-to-write is 0 and must be at least 1"):
            await RedisStore(alone.url, accept=Durability.REPLICATED).connect()
        alone.admin.config_set("min-replicas-to-write", 2)
        with pytest.raises(NotDurable, match="the store has 0 replicas, and 1 must have what is acknowledged"):
            await RedisStore(alone.url, accept=Durability.REPLICATED).connect()


async def test_a_replica_is_no_store(pair: Pair) -> None:
    pair.replica.admin.config_set("min-replicas-to-write", 1)
    with pytest.raises(NotDurable, match="is a replica itself"):
        await RedisStore(pair.replica.url, accept=Durability.REPLICATED).connect()
