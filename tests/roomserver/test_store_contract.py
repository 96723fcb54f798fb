"""What every store promises, asked of each of them: in memory, Valkey, and Redis where the machine has it."""

import asyncio
import copy
import math
import shutil
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import redis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from room.change import Claim, Counter, Due, Score
from roomserver.embedded import Embedded
from roomserver.memory_store import MemoryStore
from roomserver.redis_store import RedisStore
from roomserver.store import ClaimFailed, Conflict, Store, StoredRow, TooLarge, Traces, Verdict, Write, Written
from roomserver.store_limits import CHANGES, TOLD_MS

PROGRAMS = {"valkey": None} | ({"redis": found} if (found := shutil.which("redis-server")) else {})
KINDS = [pytest.param("memory"), *(pytest.param(name, marks=pytest.mark.store) for name in PROGRAMS)]
DAY = 86_400_000


@dataclass
class Twin:
    store: Store
    dump: Callable[[], object]
    """Everything that is stored, to compare."""

    async def write(self, *writes: Write, room: str = "demo") -> Sequence[Verdict]:
        return (await self.store.commit({room: writes}))[room]


def change(subject: str = "m:alice", version: int = 0, **parts: Any) -> Write:
    row: dict[str, Any] = {"subject": subject, "version": version, "id": "change-1", "body": b"{}"}
    return Write(**row | parts)


def redis_dump(url: str) -> dict[bytes, object]:
    with redis.Redis.from_url(url) as client:
        return {name: client.dump(name) for name in client.scan_iter()}


class Servers:
    """A server of each kind that is asked for, which all tests of this module share."""

    def __init__(self, folder: Path, runner: asyncio.Runner) -> None:
        self._folder = folder
        self._runner = runner
        self._running: dict[str, Embedded] = {}

    def emptied(self, kind: str) -> str:
        """The address of a server that holds nothing; "" of the store in memory."""
        if kind == "memory":
            return ""
        if kind not in self._running:
            server = self._running[kind] = Embedded(self._folder / kind, program=PROGRAMS[kind])
            self._runner.run(server.__aenter__())
        with redis.Redis.from_url(self._running[kind].url) as client:
            client.flushall()
        return self._running[kind].url

    def end(self) -> None:
        for server in self._running.values():
            self._runner.run(server.__aexit__(None, None, None))


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    with asyncio.Runner() as runner:
        servers = Servers(tmp_path_factory.mktemp("stores"), runner)
        yield servers
        servers.end()


@asynccontextmanager
async def opened(url: str, outbox_age: int = DAY) -> AsyncIterator[Twin]:
    if not url:
        memory = MemoryStore(outbox_age=outbox_age)
        yield Twin(memory, lambda: copy.deepcopy(memory.stored))
        return
    store = RedisStore(url, outbox_age=outbox_age)
    await store.connect()
    yield Twin(store, lambda: redis_dump(url))
    await store.close()


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, servers: Servers) -> str:
    return servers.emptied(request.param)


@pytest_asyncio.fixture
async def twin(url: str) -> AsyncIterator[Twin]:
    async with opened(url) as twin:
        yield twin


# Rows ----------------------------------------------------------------------------------------------------------------


async def test_a_written_row_is_loaded_with_its_next_version_and_its_change(twin: Twin) -> None:
    body = bytes(range(256))
    assert await twin.write(change(id="c-1", body=body)) == [Written(seq=1)]
    loaded = await twin.store.load("demo", ["m:bob", "m:alice"])
    assert loaded == [None, StoredRow(version=1, change="c-1", body=body)]


async def test_a_row_may_skip_versions(twin: Twin) -> None:
    await twin.write(change())
    assert await twin.write(change(version=1, to=7)) == [Written(seq=2)]
    assert await twin.store.load("demo", ["m:alice"]) == [StoredRow(version=7, change="change-1", body=b"{}")]
    assert await twin.write(change(version=2)) == [Conflict()]
    assert await twin.write(change(version=7)) == [Written(seq=3)]


async def test_nothing_is_loaded_of_another_room_or_for_nobody(twin: Twin) -> None:
    await twin.write(change())
    assert await twin.store.load("other", ["m:alice"]) == [None]
    assert await twin.store.load("demo", []) == []


@pytest.mark.parametrize("version", [0, 2])
async def test_a_change_made_from_another_version_is_a_conflict_and_writes_nothing(twin: Twin, version: int) -> None:
    await twin.write(change())
    before = twin.dump()
    stale = change(
        version=version,
        claims=(Claim(name="gift", take=1, stock=1),),
        appends=(("points", b"+5"),),
        counters=(Counter(name="today", add=1),),
        scores=(Score(board="streak", value=1),),
        due=(Due(what="settle", at=1),),
        outbox=b"record",
    )
    assert await twin.write(stale) == [Conflict()]
    assert twin.dump() == before


async def test_a_conflict_does_not_stop_the_other_changes(twin: Twin) -> None:
    await twin.write(change("m:alice"))
    verdicts = await twin.write(change("m:alice"), change("m:bob"))
    assert verdicts == [Conflict(), Written(seq=2)]


async def test_one_commit_writes_several_rooms_each_with_its_own_count(twin: Twin) -> None:
    batches = {"a": [change("m:1"), change("m:2")], "b": [change("m:1", version=7)], "c": [change("m:1")]}
    assert await twin.store.commit(batches) == {
        "a": [Written(seq=1), Written(seq=2)],
        "b": [Conflict()],
        "c": [Written(seq=1)],
    }
    assert [(await twin.store.open_room(room)).seq for room in "abc"] == [2, 0, 1]


async def test_nothing_to_write_is_no_error(twin: Twin) -> None:
    assert await twin.store.commit({}) == {}
    assert await twin.store.commit({"demo": []}) == {"demo": []}


async def test_a_full_commit_is_written_whole(twin: Twin) -> None:
    writes = [change(f"m:{number}", appends=(("points", b"1"),), outbox=b"x") for number in range(CHANGES)]
    assert await twin.write(*writes) == [Written(seq=number + 1) for number in range(CHANGES)]


async def test_rooms_lists_those_with_a_part_of_their_own(twin: Twin) -> None:
    await twin.write(change("m:alice"), room="passers-by")
    await twin.write(change("p:settings"), room="kept")
    assert await twin.store.rooms() == ["kept"]


async def test_a_room_that_an_emptied_store_has_anew_is_listed_again(twin: Twin, url: str) -> None:
    await twin.write(change("p:settings"), room="kept")
    if isinstance(twin.store, MemoryStore):
        twin.store.stored.clear()
    else:
        with redis.Redis.from_url(url) as client:
            client.flushall()
    assert await twin.store.rooms() == []
    await twin.write(change("p:settings"), room="kept")
    assert await twin.store.rooms() == ["kept"]


# Claims --------------------------------------------------------------------------------------------------------------


def taking(subject: str, pieces: int = 1, **parts: Any) -> Write:
    return change(subject, claims=(Claim(name="gift", take=pieces, stock=3),), **parts)


async def test_the_last_piece_goes_to_the_first_of_two_changes_in_a_batch(twin: Twin) -> None:
    await twin.write(taking("m:early", 2))
    verdicts = await twin.write(taking("m:alice"), taking("m:bob", appends=(("points", b"+1"),)))
    assert verdicts == [Written(seq=2), ClaimFailed("gift")]
    assert await twin.store.load("demo", ["m:bob"]) == [None]
    assert await twin.store.log("demo", "m:bob", "points") == []


async def test_a_refused_change_takes_no_piece(twin: Twin) -> None:
    await twin.write(change("m:alice"))
    assert await twin.write(taking("m:alice", 3), taking("m:bob", 3)) == [Conflict(), Written(seq=2)]


async def test_a_failed_claim_writes_nothing(twin: Twin) -> None:
    await twin.write(taking("m:alice", 2))
    before = twin.dump()
    bold = change(
        "m:bob",
        claims=(Claim(name="plenty", take=1, stock=9), Claim(name="gift", take=2, stock=3)),
        counters=(Counter(name="today", add=1),),
        outbox=b"record",
    )
    assert await twin.write(bold) == [ClaimFailed("gift")]
    assert twin.dump() == before


async def test_claims_of_one_thing_in_one_change_add_up(twin: Twin) -> None:
    twice = (Claim(name="gift", take=2, stock=3), Claim(name="gift", take=2, stock=3))
    assert await twin.write(change(claims=twice)) == [ClaimFailed("gift")]


async def test_a_stock_that_is_another_later_counts_what_was_taken_before(twin: Twin) -> None:
    def take(subject: str, pieces: int, stock: int) -> Write:
        return change(subject, claims=(Claim(name="gift", take=pieces, stock=stock),))

    assert await twin.write(take("m:a", 3, 3)) == [Written(seq=1)]
    assert await twin.write(take("m:b", 1, 3)) == [ClaimFailed("gift")]
    assert await twin.write(take("m:b", 1, 5), take("m:c", 2, 5)) == [Written(seq=2), ClaimFailed("gift")]
    assert await twin.write(take("m:c", 1, 2), take("m:d", 1, 5)) == [ClaimFailed("gift"), Written(seq=3)]
    assert await twin.write(take("m:e", 1, 5)) == [ClaimFailed("gift")]


# Sums, logs, boards, dues --------------------------------------------------------------------------------------------


def counting(subject: str, add: int, version: int = 0) -> Write:
    return change(subject, version, counters=(Counter(name="today", add=add), Counter(name="ever", add=1)))


async def test_each_change_gets_the_sums_as_they_are_after_it(twin: Twin) -> None:
    verdicts = await twin.write(counting("m:alice", 1), counting("m:bob", 5), counting("m:carol", -2, version=9))
    assert verdicts[:2] == [
        Written(seq=1, counters={"today": 1, "ever": 1}),
        Written(seq=2, counters={"today": 6, "ever": 2}),
    ]
    assert (await twin.store.open_room("demo")).counters == {"today": 6, "ever": 2}


async def test_a_sum_that_cannot_be_counted_exactly_is_too_large(twin: Twin) -> None:
    most = 2**53 - 1
    assert await twin.write(counting("m:alice", most)) == [Written(seq=1, counters={"today": most, "ever": 1})]
    before = twin.dump()
    assert await twin.write(counting("m:bob", 1)) == [TooLarge()]
    assert twin.dump() == before
    assert await twin.write(counting("m:bob", -1)) == [Written(seq=2, counters={"today": most - 1, "ever": 2})]


async def test_a_log_keeps_a_subjects_entries_in_order(twin: Twin) -> None:
    await twin.write(change("m:alice", appends=(("points", b"1"), ("points", b"\x00\xff"), ("days", b"d"))))
    await twin.write(change("m:alice", 1, appends=(("points", b"3"),)), change("m:bob", appends=(("points", b"b"),)))
    assert await twin.store.log("demo", "m:alice", "points") == [b"1", b"\x00\xff", b"3"]
    assert await twin.store.log("demo", "m:alice", "days") == [b"d"]
    assert await twin.store.log("demo", "m:bob", "points") == [b"b"]


def placed(subject: str, value: float | None, version: int = 0) -> Write:
    return change(subject, version, scores=(Score(board="streak", value=value),))


async def test_a_board_shows_the_highest_first_and_equals_by_name_backwards(twin: Twin) -> None:
    await twin.write(placed("m:a", 1.5), placed("m:b", 2**53 - 1), placed("m:c", 1.5), placed("m:d", -4))
    board = [("m:b", 2.0**53 - 1), ("m:c", 1.5), ("m:a", 1.5), ("m:d", -4.0)]
    assert await twin.store.board("demo", "streak", 0, 9) == board
    assert await twin.store.board("demo", "streak", 1, 2) == board[1:3]
    assert await twin.store.board("demo", "unknown", 0, 9) == []


async def test_a_rank_is_the_place_on_the_board_and_what_is_above_is_counted(twin: Twin) -> None:
    await twin.write(placed("m:a", 1.5), placed("m:b", 2**53 - 1), placed("m:c", 1.5), placed("m:d", -4))
    board = await twin.store.board("demo", "streak", 0, 9)
    assert [await twin.store.rank("demo", "streak", subject) for subject, _ in board] == [
        (place, value) for place, (_, value) in enumerate(board)
    ]
    assert await twin.store.rank("demo", "streak", "m:eve") is None
    assert await twin.store.rank("demo", "unknown", "m:a") is None
    counts = [[await twin.store.above("demo", "streak", v, equal=e) for e in (False, True)] for _, v in board]
    assert counts == [[0, 1], [1, 3], [1, 3], [3, 4]]
    assert await twin.store.above("demo", "unknown", 0, equal=True) == 0


async def test_a_place_is_replaced_and_given_up(twin: Twin) -> None:
    await twin.write(placed("m:a", 1), placed("m:b", 2))
    await twin.write(placed("m:a", 3, version=1), placed("m:b", None, version=1))
    assert await twin.store.board("demo", "streak", 0, 9) == [("m:a", 3.0)]


def waiting(subject: str, at: int | None, version: int = 0, what: str = "settle") -> Write:
    return change(subject, version, due=(Due(what=what, at=at),))


async def test_what_is_due_comes_earliest_first(twin: Twin) -> None:
    late = 1_800_000_000_000
    await twin.write(waiting("m:a", late), waiting("m:b", 5), waiting("m:c", 5, what="expire"), waiting("m:d", 4))
    early = [("m:d", "settle", 4), ("m:b", "settle", 5), ("m:c", "expire", 5)]
    assert await twin.store.due("demo", late - 1, 10) == early
    assert await twin.store.due("demo", late, 2) == early[:2]
    assert await twin.store.due("demo", late, 10) == [*early, ("m:a", "settle", late)]
    assert await twin.store.soonest(["demo", "another", "demo"]) == [4, None, 4]


async def test_what_is_due_is_moved_and_forgotten(twin: Twin) -> None:
    await twin.write(waiting("m:a", 1), waiting("m:b", 2))
    await twin.write(waiting("m:a", 9, version=1), waiting("m:b", None, version=1))
    assert await twin.store.due("demo", 100, 10) == [("m:a", "settle", 9)]


# Outbox --------------------------------------------------------------------------------------------------------------


async def test_the_outbox_is_read_in_order_page_by_page(twin: Twin) -> None:
    await twin.write(*(change(f"m:{number}", outbox=b"%d" % number) for number in range(5)))
    first = await twin.store.outbox("demo", "0", 3)
    assert [record for _, record in first.records] == [b"0", b"1", b"2"]
    assert (first.oldest, first.complete) == (first.records[0][0], True)
    rest = await twin.store.outbox("demo", first.records[-1][0], 3)
    assert [record for _, record in rest.records] == [b"3", b"4"]
    end = await twin.store.outbox("demo", rest.records[-1][0], 3)
    assert (list(end.records), end.oldest, end.complete) == ([], first.oldest, True)


async def test_a_reader_of_the_outbox_finds_where_he_was(twin: Twin) -> None:
    assert await twin.store.cursor("demo", "shop") is None
    await twin.store.move("demo", "shop", "5-1")
    await twin.store.move("demo", "shop", "17-0")
    await twin.store.move("demo", "other", "2-0")
    await twin.store.move("tea", "shop", "3-0")
    assert await twin.store.cursor("demo", "shop") == "17-0"
    assert await twin.store.cursor("demo", "other") == "2-0"
    assert await twin.store.cursor("tea", "shop") == "3-0"


async def test_a_reader_is_nowhere_but_at_a_record(twin: Twin) -> None:
    with pytest.raises(ValueError, match="no id of an outbox record"):
        await twin.store.move("demo", "shop", "x")
    assert await twin.store.cursor("demo", "shop") is None


async def test_an_empty_outbox_is_complete(twin: Twin) -> None:
    page = await twin.store.outbox("demo", "0", 3)
    assert (list(page.records), page.oldest, page.complete) == ([], None, True)


@pytest.mark.parametrize("after", ["", "-", "x", "1-x", "-1", "１", "9" * 20, f"1-{2**64}", f"{2**64 - 1}-{2**64 - 1}"])
async def test_an_id_that_is_none_is_an_error(twin: Twin, after: str) -> None:
    with pytest.raises(ValueError, match="no id of an outbox record"):
        await twin.store.outbox("demo", after, 3)


async def test_old_records_go_and_who_missed_them_is_told(url: str) -> None:
    async with opened(url, outbox_age=1) as twin:
        await twin.write(change("m:first", outbox=b"first"))
        first = (await twin.store.outbox("demo", "0", 1)).records[0][0]
        # A store may trim in blocks (of a hundred records or of 4 KB), so it takes some to see it.
        for number in range(400):
            await twin.write(change(f"m:{number}", outbox=b"x" * 100))
        missed = await twin.store.outbox("demo", first, 1)
        assert not missed.complete
        assert missed.oldest is not None
        everything = await twin.store.outbox("demo", "0", 1000)
        assert everything.complete
        assert len(everything.records) < 401
        assert everything.records[0][0] == missed.oldest
        assert (await twin.store.outbox("demo", missed.oldest, 1)).complete


# Limits --------------------------------------------------------------------------------------------------------------

HUGE = b"x" * (64 * 1024 + 1)
OVERSIZE = {
    "body": {"body": HUGE},
    "entry": {"appends": (("points", HUGE),)},
    "record": {"outbox": HUGE},
    "appends": {"appends": (("points", b"x"),) * 65},
    "counters": {"counters": (Counter(name="today", add=1),) * 65},
}


@pytest.mark.parametrize("parts", OVERSIZE.values(), ids=OVERSIZE)
async def test_what_is_too_large_is_not_written_and_stops_nobody(twin: Twin, parts: dict[str, Any]) -> None:
    assert await twin.write(change("m:alice", **parts), change("m:bob")) == [TooLarge(), Written(seq=1)]
    assert await twin.store.load("demo", ["m:alice"]) == [None]


async def test_what_is_just_not_too_large_is_written(twin: Twin) -> None:
    assert await twin.write(change(body=HUGE[1:], outbox=HUGE[1:])) == [Written(seq=1)]


IMPOSSIBLE = {
    "two changes of one subject": [change("m:alice"), change("m:alice", 1)],
    "too many": [change(f"m:{number}") for number in range(CHANGES + 1)],
    "space in subject": [change("m:a b")],
    "no subject": [change("")],
    "line feed in id": [change(id="a\nb")],
    "space in due": [change(due=(Due(what="a b", at=1),))],
    "no name of a log": [change(appends=(("", b""),))],
    "not a number": [placed("m:a", math.nan)],
    "infinite": [placed("m:a", -math.inf)],
    "beyond exact": [counting("m:a", 2**53)],
    "due beyond exact": [waiting("m:a", 2**60)],
    "negative take": [taking("m:a", -1)],
    "negative version": [change(version=-1)],
}


@pytest.mark.parametrize("writes", IMPOSSIBLE.values(), ids=IMPOSSIBLE)
async def test_what_no_store_can_write_is_the_callers_error(twin: Twin, writes: list[Write]) -> None:
    before = twin.dump()
    with pytest.raises(ValueError, match=r"Change|name"):
        await twin.write(*writes)
    assert twin.dump() == before


@pytest.mark.parametrize("room", ["", "a}b", "a\nb"])
async def test_a_room_must_have_an_id(twin: Twin, room: str) -> None:
    with pytest.raises(ValueError, match="no room's id"):
        await twin.write(change(), room=room)


async def test_the_clock_is_near(twin: Twin) -> None:
    assert abs(await twin.store.clock_offset()) < 1000


async def test_a_touch_leaves_nothing_in_any_room(twin: Twin) -> None:
    await twin.store.touch()
    await twin.store.touch()
    assert await twin.store.rooms() == []


async def test_a_run_of_the_store_keeps_its_id(twin: Twin) -> None:
    run = twin.store.run_id
    await twin.write(change())
    assert run
    assert twin.store.run_id == run


# Twins do the same ---------------------------------------------------------------------------------------------------

SUBJECTS = ("m:a", "m:b", "p:x")
names = st.sampled_from(["one", "two"])
amounts = st.one_of(st.integers(-3, 3), st.sampled_from([2**53 - 1, 1 - 2**53]))
name_of = attrgetter("name")
parts = st.fixed_dictionaries(
    {
        "body": st.binary(max_size=8),
        "claims": st.lists(st.builds(Claim, name=names, take=st.integers(0, 3), stock=st.just(5)), max_size=2),
        "appends": st.lists(st.tuples(names, st.binary(max_size=4)), max_size=2),
        "counters": st.lists(st.builds(Counter, name=names, add=amounts), max_size=2, unique_by=name_of),
        "scores": st.lists(st.builds(Score, board=names, value=st.none() | st.floats(-1e9, 1e9)), max_size=2),
        "due": st.lists(st.builds(Due, what=names, at=st.none() | st.integers(0, 9)), max_size=2),
        "outbox": st.none() | st.binary(max_size=4),
    }
)
step = st.tuples(st.sampled_from(SUBJECTS), st.sampled_from([0, 0, 0, 0, 1]), parts)
programs = st.lists(st.lists(step, max_size=3, unique_by=lambda step: step[0]), max_size=6)


async def observed(store: Store, room: str) -> list[object]:
    logs = [await store.log(room, subject, name) for subject in SUBJECTS for name in ("one", "two")]
    boards = [await store.board(room, name, 0, 9) for name in ("one", "two")]
    outbox = [record for _, record in (await store.outbox(room, "0", 99)).records]
    facts = await store.open_room(room), await store.load(room, SUBJECTS), await store.due(room, 9, 99)
    return [facts, logs, boards, outbox]


async def made(memory: MemoryStore, room: str, steps: list[tuple[str, int, dict[str, Any]]]) -> list[Write]:
    rows = await memory.load(room, [subject for subject, _, _ in steps])
    return [
        change(
            subject,
            (row.version if row else 0) + stale,
            **{n: tuple(p) if isinstance(p, list) else p for n, p in bits.items()},
        )
        for (subject, stale, bits), row in zip(steps, rows, strict=True)
    ]


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.mark.store
def test_the_twins_answer_and_store_the_same(runner: asyncio.Runner, servers: Servers) -> None:
    opening = opened(servers.emptied("valkey"))
    twin = runner.run(opening.__aenter__())
    count = iter(range(10_000))

    async def compare(program: list[list[tuple[str, int, dict[str, Any]]]]) -> None:
        memory, room = MemoryStore(), f"room-{next(count)}"
        for steps in program:
            batch = {room: await made(memory, room, steps)}
            assert await twin.store.commit(batch) == await memory.commit(batch)
        assert await observed(twin.store, room) == await observed(memory, room)

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(programs)
    def same(program: list[list[tuple[str, int, dict[str, Any]]]]) -> None:
        runner.run(compare(program))

    try:
        same()
    finally:
        runner.run(opening.__aexit__(None, None, None))


# Forgetting ----------------------------------------------------------------------------------------------------------


async def test_the_places_of_a_subject_are_found_and_of_nobody_else(twin: Twin) -> None:
    for subject in ("m:ann", "m:ann:b", "m:an"):
        await twin.write(
            change(
                subject,
                appends=(("points", b"+5"), ("days", b"x")),
                scores=(Score(board="streak:1", value=1), Score(board="streak:2", value=2)),
                due=(Due(what="tier.review", at=1),),
            )
        )
    await twin.write(change("m:ann", 1, scores=(Score(board="streak:1", value=None),)))
    await twin.write(change("m:ann", appends=(("points", b"+1"),)), room="other")
    traces = Traces(boards=("streak:2",), due=("tier.review",), logs=("days", "points"))
    assert await twin.store.traces("demo", "m:ann") == traces
    assert await twin.store.traces("demo", "m:nobody") == Traces()
    assert await twin.store.traces("nowhere", "m:ann") == Traces()


async def test_a_log_that_is_forgotten_is_gone_and_begins_anew(twin: Twin) -> None:
    await twin.write(change(appends=(("points", b"1"), ("days", b"2"))), change("m:bob", appends=(("points", b"3"),)))
    assert await twin.write(change(version=1, forgets=("points",), appends=(("points", b"4"),))) == [Written(seq=3)]
    assert [await twin.store.log("demo", "m:alice", name) for name in ("points", "days")] == [[b"4"], [b"2"]]
    assert await twin.store.log("demo", "m:bob", "points") == [b"3"]
    assert await twin.write(change(version=1, forgets=("days",))) == [Conflict()]
    assert await twin.store.log("demo", "m:alice", "days") == [b"2"]


async def test_a_store_writes_its_files_anew_when_it_is_asked_to(twin: Twin) -> None:
    await twin.write(change())
    await twin.store.compact()
    assert await twin.store.load("demo", ["m:alice"]) == [StoredRow(version=1, change="change-1", body=b"{}")]


# Revocations ---------------------------------------------------------------------------------------------------------


async def test_a_revocation_is_kept_and_never_goes_back(twin: Twin) -> None:
    assert await twin.store.revoked(0) == []
    for user, until in (("ann", 50), ("*", 40), ("bob", 60), ("ann", 45)):
        await twin.store.revoke(user, until)
    assert await twin.store.revoked(0) == [("*", 40), ("ann", 50), ("bob", 60)]
    assert await twin.store.revoked(50) == [("ann", 50), ("bob", 60)]
    await twin.store.end_revocations(50)
    assert await twin.store.revoked(0) == [("ann", 50), ("bob", 60)]


async def test_an_erasure_is_told_for_an_hour(twin: Twin) -> None:
    assert await twin.store.erased(0) == []
    first = 1_700_000_000_000
    for room, user, at in (("demo", "ann", first), ("b", "a:b|c@d", first + 5), ("demo", "ann", first + 9)):
        await twin.store.tell_erased(room, user, at)
    assert await twin.store.erased(0) == [("b", "a:b|c@d", first + 5), ("demo", "ann", first + 9)]
    assert await twin.store.erased(first + 6) == [("demo", "ann", first + 9)]
    await twin.store.tell_erased("demo", "bob", first + 9 + TOLD_MS)
    assert [user for _, user, _ in await twin.store.erased(0)] == ["ann", "bob"]
