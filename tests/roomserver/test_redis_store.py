"""What only a store behind a wire can do wrong: lose replies, be misconfigured, old, full, or away."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import redis

from room.change import Claim, Counter, Score
from roomserver.embedded import Embedded
from roomserver.redis_store import RedisStore
from roomserver.store import (
    Conflict,
    Damaged,
    Durability,
    NotDurable,
    RoomFacts,
    StoredRow,
    StoreRefused,
    StoreTooOld,
    StoreUnavailable,
    Write,
    Written,
)
from tests.patience import PATIENCE, until
from tests.roomserver.store_proxy import StoreProxy, between

pytestmark = pytest.mark.store

CHANGE = Write(
    subject="m:alice",
    id="change-1",
    version=0,
    body=b"{}",
    claims=(Claim(name="gift", take=1, stock=9),),
    appends=(("points", b"+5"),),
    counters=(Counter(name="today", add=1),),
    scores=(Score(board="streak", value=1),),
    outbox=b"record",
)
SECOND = Write(subject="m:alice", id="change-2", version=1, body=b"{}")
STORED = StoredRow(version=1, change="change-1", body=b"{}")


@pytest_asyncio.fixture
async def store(embedded: Embedded) -> AsyncIterator[RedisStore]:
    store = RedisStore(embedded.url)
    await store.connect()
    yield store
    await store.close()


@pytest.fixture
def admin(embedded: Embedded) -> Iterator[redis.Redis]:
    """A client for what an operator does to the store."""
    with redis.Redis.from_url(embedded.url) as client:
        yield client


@pytest_asyncio.fixture
async def proxy(embedded: Embedded, tmp_path: Path) -> AsyncIterator[StoreProxy]:
    async with between(embedded.url, tmp_path / "proxy.sock") as proxy:
        yield proxy


# Lost on the way ------------------------------------------------------------------------------------------------------


async def connected(url: str) -> RedisStore:
    store = RedisStore(url)
    assert await store.connect() is Durability.LOCAL
    await store.commit({"warm": [CHANGE]})  # every connection of a commit is open now
    return store


async def test_a_lost_reply_is_unknown_and_the_change_written_once(proxy: StoreProxy, store: RedisStore) -> None:
    cut = await connected(proxy.url)
    proxy.lose_reply = True
    with pytest.raises(StoreUnavailable) as caught:
        await cut.commit({"demo": [CHANGE]})
    assert caught.value.written == "unknown"
    assert await cut.load("demo", ["m:alice"]) == [STORED]
    assert await cut.log("demo", "m:alice", "points") == [b"+5"]
    facts = await store.open_room("demo")
    assert (facts.seq, facts.counters) == (1, {"today": 1})
    await cut.close()


async def test_a_lost_command_is_unknown_too_and_nothing_is_written(proxy: StoreProxy, store: RedisStore) -> None:
    cut = await connected(proxy.url)
    proxy.lose_request = True
    with pytest.raises(StoreUnavailable) as caught:
        await cut.commit({"demo": [CHANGE]})
    assert caught.value.written == "unknown"
    assert await store.load("demo", ["m:alice"]) == [None]
    assert await cut.commit({"demo": [CHANGE]}) == {"demo": [Written(seq=1, counters={"today": 1})]}
    await cut.close()


async def test_a_late_reply_answers_no_later_request(proxy: StoreProxy, store: RedisStore) -> None:
    slow = await connected(proxy.url)
    proxy.replies.clear()
    with pytest.raises(StoreUnavailable) as caught:
        await slow.commit({"demo": [CHANGE]})
    assert caught.value.written == "unknown"
    proxy.replies.set()
    assert await slow.commit({"demo": [CHANGE]}) == {"demo": [Conflict()]}
    await slow.close()


async def test_a_cancelled_request_leaves_no_reply_behind(proxy: StoreProxy, store: RedisStore) -> None:
    held = await connected(proxy.url)
    proxy.replies.clear()
    task = asyncio.create_task(held.commit({"demo": [CHANGE]}))
    while await store.load("demo", ["m:alice"]) == [None]:  # noqa: ASYNC110 - the store tells no events
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    proxy.replies.set()
    assert await held.commit({"demo": [CHANGE]}) == {"demo": [Conflict()]}
    await held.close()


async def test_a_request_makes_no_task_that_would_let_it_leave_only_when_the_loop_comes_round(
    store: RedisStore,
) -> None:
    await store.commit({"warm": [CHANGE]})
    made: list[str] = []

    def noted(loop: asyncio.AbstractEventLoop, work: Any, **more: Any) -> asyncio.Task[Any]:
        made.append(work.__qualname__)
        return asyncio.Task(work, loop=loop, **more)

    loop = asyncio.get_running_loop()
    loop.set_task_factory(noted)
    try:
        await store.commit({"demo": [CHANGE]})
        await store.load("demo", ["m:alice"])
    finally:
        loop.set_task_factory(None)
    assert made == []


async def test_the_changes_of_all_rooms_go_in_one_round_trip(proxy: StoreProxy, store: RedisStore) -> None:
    held = await connected(proxy.url)
    proxy.replies.clear()
    async with asyncio.TaskGroup() as group:
        commit = group.create_task(held.commit({room: [CHANGE] for room in "abc"}))
        while await store.load("c", ["m:alice"]) == [None]:  # noqa: ASYNC110 - the store tells no events
            await asyncio.sleep(0)
        assert not commit.done()
        proxy.replies.set()
    assert set(commit.result()) == set("abc")
    await held.close()


ANSWERS = [
    (b"-LOADING the dataset is being loaded", "no"),
    (b"-MISCONF errors writing to the AOF file", "no"),
    (b"-CLUSTERDOWN the cluster is down", "no"),
    (b"-ERR something of a script", "unknown"),
]


@pytest.mark.parametrize(("answer", "written"), ANSWERS)
async def test_an_error_says_whether_anything_can_have_been_written(
    proxy: StoreProxy, answer: bytes, written: str
) -> None:
    store = await connected(proxy.url)
    proxy.rewrite = lambda _: answer + b"\r\n"
    with pytest.raises(StoreUnavailable, match=answer[1:].decode()) as caught:
        await store.commit({"demo": [CHANGE]})
    assert caught.value.written == written
    await store.close()


async def test_many_commits_at_once_get_their_own_answers(store: RedisStore) -> None:
    async with asyncio.TaskGroup() as group:
        rooms = [f"room-{number}" for number in range(20)]
        commits = {room: group.create_task(store.commit({room: [CHANGE]})) for room in rooms}
    assert all(task.result() == {room: [Written(seq=1, counters={"today": 1})]} for room, task in commits.items())


# What the store is ----------------------------------------------------------------------------------------------------


async def test_a_store_that_is_not_there_is_unavailable_and_nothing_was_written(tmp_path: Path) -> None:
    store = RedisStore(f"unix://{tmp_path}/nothing.sock")
    with pytest.raises(StoreUnavailable) as caught:
        await store.connect()
    assert caught.value.written == "no"
    with pytest.raises(StoreUnavailable) as caught:
        await store.commit({"demo": [CHANGE]})
    assert caught.value.written == "no"


@pytest.mark.parametrize("url", ["localhost:6379", "http://localhost", "", "redis://localhost:port"])
def test_a_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(StoreRefused, match="no URL of a store"):
        RedisStore(url)


async def test_a_wrong_password_is_refused_and_not_told(embedded: Embedded) -> None:
    wrong = RedisStore(embedded.url.partition("?")[0] + "?password=not-the-word")
    with pytest.raises(StoreRefused, match="lets nobody in") as caught:
        await wrong.connect()
    assert "not-the-word" not in str(caught.value)


WEAK = [
    ("appendonly", "no", "appendonly is no and must be yes"),
    ("appendfsync", "everysec", "appendfsync is everysec and must be always"),
    ("maxmemory-policy", "allkeys-lru", "maxmemory-policy is allkeys-lru and must be noeviction"),
]


@pytest.mark.parametrize(("name", "text", "sentence"), WEAK)
async def test_a_store_that_may_lose_is_refused_unless_asked_for(
    embedded: Embedded, admin: redis.Redis, name: str, text: str, sentence: str
) -> None:
    admin.config_set(name, text)
    with pytest.raises(NotDurable, match=sentence):
        await RedisStore(embedded.url).connect()
    lenient = RedisStore(embedded.url, accept=Durability.MEMORY)
    assert await lenient.connect() is Durability.MEMORY
    await lenient.close()


async def test_a_store_that_does_not_tell_its_configuration_is_refused(embedded: Embedded, admin: redis.Redis) -> None:
    admin.acl_setuser(
        "guest", enabled=True, passwords=["+word"], keys=["*"], categories=["+@all"], commands=["-config"]
    )
    url = f"{embedded.url.partition('?')[0]}?username=guest&password=word"
    with pytest.raises(NotDurable, match="does not tell its configuration"):
        await RedisStore(url).connect()


async def test_an_old_store_is_refused(proxy: StoreProxy) -> None:
    proxy.rewrite = lambda reply: reply.replace(b"redis_version:7.", b"redis_version:6.")
    with pytest.raises(StoreTooOld, match=r"the store is Redis 6\.[.\d]+; Redis 7\.0 or later, or Valkey, is needed"):
        await RedisStore(proxy.url).connect()


async def test_a_store_that_came_back_weaker_takes_no_more_commits(
    embedded: Embedded, store: RedisStore, admin: redis.Redis, tmp_path: Path
) -> None:
    run = store.run_id
    configuration = tmp_path / "store" / "store.conf"
    configuration.write_text(configuration.read_text().replace("always", "everysec"))
    await killed(embedded)
    with pytest.raises(StoreUnavailable, match="appendfsync is everysec"):
        await again(store)
    assert store.run_id == run


# Refusals that write nothing ------------------------------------------------------------------------------------------

REFUSALS = [
    ("maxmemory", "1", "OOM"),
    ("min-replicas-to-write", "1", "NOREPLICAS"),
    ("replicaof", "127.0.0.1 1", "READONLY"),
]


@pytest.mark.parametrize(("name", "text", "code"), REFUSALS)
async def test_a_store_that_takes_no_writes_refuses_the_whole_script(
    store: RedisStore, admin: redis.Redis, name: str, text: str, code: str
) -> None:
    await store.commit({"warm": [CHANGE]})
    before = {key: admin.dump(key) for key in admin.scan_iter()}
    if name == "replicaof":
        admin.replicaof(*text.split())
    else:
        admin.config_set(name, text)
    with pytest.raises(StoreUnavailable, match=code) as caught:
        await store.commit({"demo": [CHANGE], "other": [CHANGE]})
    assert caught.value.written == "no"
    assert {key: admin.dump(key) for key in admin.scan_iter()} == before


DAMAGES = ["row:m:alice", "log:m:alice:points", "board:streak", "counters", "stock", "seq", "outbox", "due"]


@pytest.mark.parametrize("part", DAMAGES)
async def test_a_key_of_another_type_is_told_and_nothing_is_written(
    store: RedisStore, admin: redis.Redis, part: str
) -> None:
    name = f"{{room:demo}}:{part}"
    admin.rpush(name, "no room server wrote this")
    before = {key: admin.dump(key) for key in admin.scan_iter()}
    assert await store.commit({"demo": [CHANGE]}) == {"demo": [Damaged(name)]}
    assert {key: admin.dump(key) for key in admin.scan_iter()} == before


async def test_a_damaged_row_stops_only_its_own_change(store: RedisStore, admin: redis.Redis) -> None:
    admin.set("{room:demo}:row:m:alice", "no header")
    bob = Write(subject="m:bob", id="change-2", version=0, body=b"{}")
    assert await store.commit({"demo": [CHANGE, bob]}) == {
        "demo": [Damaged("{room:demo}:row:m:alice"), Written(seq=1)],
    }
    assert await store.load("demo", ["m:alice"]) == [None]


async def test_a_primary_that_is_none_any_more_is_left(store: RedisStore, admin: redis.Redis) -> None:
    await store.commit({"demo": [CHANGE]})
    admin.replicaof("127.0.0.1", "1")
    try:
        with pytest.raises(StoreUnavailable, match="READONLY") as refused:
            await store.commit({"demo": [SECOND]})
        assert refused.value.written == "no"
        before = admin.info("stats")["total_connections_received"]
        assert await store.load("demo", ["m:alice"]) == [STORED]
        assert admin.info("stats")["total_connections_received"] == before + 1
    finally:
        admin.replicaof("NO", "ONE")
    assert await store.commit({"demo": [SECOND]}) == {"demo": [Written(seq=2)]}


async def test_a_row_whose_header_is_no_text_keeps_nobody_from_the_others(
    store: RedisStore, admin: redis.Redis
) -> None:
    await store.commit({"demo": [CHANGE]})
    admin.set("{room:demo}:row:m:bob", b"1 \xff\xfe\n{}")
    alice, bob = await store.load("demo", ["m:alice", "m:bob"])
    assert alice == STORED
    assert bob is not None
    assert (bob.version, bob.body) == (1, b"{}")


@pytest.mark.parametrize(("name", "field"), [("counters", "today"), ("stock", "gift")])
async def test_a_sum_that_is_no_number_is_damage(store: RedisStore, admin: redis.Redis, name: str, field: str) -> None:
    admin.hset(f"{{room:demo}}:{name}", field, "1.5")
    assert await store.commit({"demo": [CHANGE]}) == {"demo": [Damaged(f"{{room:demo}}:{name}")]}


async def test_a_room_with_damaged_sums_is_opened_with_those_that_are_whole(
    store: RedisStore, admin: redis.Redis
) -> None:
    await store.commit({"demo": [CHANGE]})
    admin.hset("{room:demo}:counters", "other", "1.5")
    assert await store.open_room("demo") == RoomFacts(seq=1, counters={"today": 1})
    admin.delete("{room:demo}:counters")
    admin.rpush("{room:demo}:counters", "no hash")
    admin.set("{room:demo}:seq", "no number")
    assert await store.open_room("demo") == RoomFacts(seq=0, counters={})


# A store that forgets its scripts, or dies ----------------------------------------------------------------------------


async def test_a_forgotten_script_is_taught_again(store: RedisStore, admin: redis.Redis) -> None:
    await store.commit({"demo": [CHANGE]})
    admin.script_flush()
    assert await store.commit({"other": [CHANGE]}) == {"other": [Written(seq=1, counters={"today": 1})]}


async def killed(embedded: Embedded) -> None:
    """The store is killed, and another one answers."""
    restarts = embedded.restarts
    os.kill(embedded.pid, signal.SIGKILL)
    await until(lambda: embedded.restarts > restarts)


async def again(store: RedisStore) -> list[StoredRow | None]:
    """The row, as soon as the store that comes back tells it, or what it says instead."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                return await store.load("demo", ["m:alice"])
            except StoreUnavailable as error:
                if isinstance(error.__cause__, StoreRefused):
                    raise
                await asyncio.sleep(0.01)


async def test_another_run_of_the_store_has_another_id(embedded: Embedded, store: RedisStore) -> None:
    await store.commit({"demo": [CHANGE]})
    run = store.run_id
    await killed(embedded)
    assert await again(store) == [STORED]
    assert store.run_id != run
    # The connection of commits led to the dead one: that is noticed before anything is sent.
    assert await store.commit({"other": [CHANGE]}) == {"other": [Written(seq=1, counters={"today": 1})]}
