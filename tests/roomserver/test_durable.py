"""A durable command: written, then applied, then told; whatever is lost, its reply is the first one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from room.live import Room
from room.message import Command
from room.people import Actor, Role
from room.refusal import (
    Contended,
    InternalError,
    NotAMember,
    Refused,
    RowDamaged,
    RowTooLarge,
    ServerBusy,
    StoreAway,
    TooManyRequests,
)
from room.row import Row
from roomserver.committer import Committer
from roomserver.durable import CONFLICTS, WAITING
from roomserver.memory_store import Fault
from roomserver.metrics import Metrics
from roomserver.open_room import OpenRoom
from roomserver.rows import RowCodec
from roomserver.shell import Shell
from roomserver.store import (
    Damaged,
    RoomFacts,
    StoredRow,
    TooLarge,
    Verdict,
    Write,
)
from tests.roomserver.hand_store import HandStore
from tests.roomserver.hand_time import HandClock, later, play, settle
from tests.roomserver.jars import HOUSE, Break, Daily, Drop, Full, Paint, Pay, Savings, Seen, Take, Wall

ADA, BOB = Actor(id="ada", name="Ada"), Actor(id="bob", name="Bob")
GUEST = Actor(id="guest-1", name="guest", role=Role.GUEST)
HOST = Actor(id="host", name="Host", role=Role.HOST)

Told = list[object]
"""Replies as JSON and refusals, in the order in which they came."""


class Server:
    """One server process on a store, with the room `demo` open."""

    def __init__(self, store: HandStore) -> None:
        loop = asyncio.get_running_loop()
        self.store = store
        self.metrics = Metrics()
        self.committer = Committer(
            store, RowCodec(HOUSE), on_storage=lambda _: None, on_facts=lambda _, facts: self.room.learn(facts)
        )
        shell = Shell(house=HOUSE, clock=HandClock(loop), committer=self.committer, metrics=self.metrics, loop=loop)
        state = Room(id="demo")
        state.rows.update({"p:settings": Row(subject="p:settings"), "p:jar": Row(subject="p:jar")})
        self.room = OpenRoom(shell, state, RoomFacts(seq=0, counters={}))
        self.journal: list[str] = []

    def ask(self, command: Command, actor: Actor = ADA) -> Told:
        told: Told = []

        def answer(result: bytes | Refused) -> None:
            self.journal.append(f"answered after {self.seen()}")
            told.append(result if isinstance(result, Refused) else orjson.loads(result))

        self.room.ask(actor, command, answer)
        return told

    def seen(self) -> list[str]:
        return self.room.state.state(Seen).events

    def savings(self, user: str = "ada") -> Savings:
        return self.room.state.row(f"m:{user}").of(Savings)

    def here(self, *actors: Actor) -> None:
        """These are in the room, so that their rows stay in memory."""
        for actor in actors:
            self.room.state.actors[actor.id] = actor


@asynccontextmanager
async def servers(
    count: int = 1, faults: Iterable[Fault] = (), store: HandStore | None = None
) -> AsyncIterator[list[Server]]:
    store = store or HandStore(faults)
    made = [Server(store) for _ in range(count)]
    tasks = [asyncio.get_running_loop().create_task(one.committer.run()) for one in made]
    try:
        for one in made:
            one.here(ADA, BOB, HOST)
        yield made
        assert not any(task.done() for task in tasks), "a committer has ended"
    finally:
        for task in tasks:
            task.cancel()


def drop(coins: int = 1, key: str | None = None) -> Drop:
    return Drop(room="demo", coins=coins, key=key)


def pay(coins: int, key: str) -> Pay:
    return Pay(room="demo", coins=coins, key=key)


def daily(day: int = 1, key: str | None = None) -> Daily:
    return Daily(room="demo", day=day, key=key)


def stored_coins(store: HandStore, user: str = "ada") -> int:
    rows = store.stored["demo"].rows if "demo" in store.stored else {}
    return RowCodec(HOUSE).decode(f"m:{user}", rows.get(f"m:{user}")).of(Savings).coins


def kinds(told: Told) -> list[type]:
    return [type(one) for one in told]


# --- write, then apply, then tell


def test_while_the_stores_answer_is_held_back_nothing_is_applied_observed_or_answered() -> None:
    async def dialogue() -> None:
        async with servers() as [server]:
            server.store.gate.clear()
            told = server.ask(drop(3))
            await settle()
            assert stored_coins(server.store) == 3  # done, but not confirmed
            await later(1)
            assert (server.savings(), server.seen(), told) == (Savings(), [], [])
            assert server.room.state.counters == {}
            assert server.room.publisher.ring.offset == 0
            server.store.gate.set()
            await settle()
            assert server.savings() == Savings(coins=3)
            assert server.room.state.counters == {"coins": 3}
            assert server.seen() == ["jar.dropped", "jar.thanked", "jar.noted"]
            assert server.journal == ["answered after ['jar.dropped', 'jar.thanked', 'jar.noted']"]
            assert told == [{"coins": 3}]

    play(dialogue)


def test_the_state_is_there_before_anything_is_observed() -> None:
    async def dialogue() -> None:
        async with servers() as [server]:
            await done(server.ask(drop(2)))
            await done(server.ask(drop(3)))
            assert server.room.state.state(Seen).coins == [2, 5]

    play(dialogue)


def test_a_refusal_changes_nothing_and_asks_the_store_for_no_write() -> None:
    async def dialogue() -> None:
        async with servers() as [server]:
            assert kinds(await done(server.ask(drop(11)))) == [Full]
            assert kinds(await done(server.ask(drop(1), GUEST))) == [NotAMember]
            assert server.store.batches == []
            assert server.seen() == []
            assert await done(server.ask(drop(1))) == [{"coins": 1}]

    play(dialogue)


def test_what_changes_nothing_is_answered_without_a_write() -> None:
    async def dialogue() -> None:
        async with servers() as [server]:
            assert await done(server.ask(drop(0))) == [{"coins": 0}]
            assert server.store.batches == []

    play(dialogue)


# --- retries, conflicts, lost replies


def test_a_known_key_gets_its_first_reply_without_a_write_or_a_word() -> None:
    async def dialogue() -> None:
        async with servers() as [server]:
            first = await done(server.ask(drop(1, key="k")))
            await done(server.ask(drop(4)))
            again = await done(server.ask(drop(1, key="k")))
            assert first == again == [{"coins": 1}]
            assert len(server.store.batches) == 2
            assert server.seen().count("jar.dropped") == 2

    play(dialogue)


@settings(max_examples=25)
@given(st.integers(1, 20))
def test_two_servers_give_one_member_one_credit_and_one_receipt(hops: int) -> None:
    """Both decide before either knows of the other: the slower one conflicts and finds the first one's receipt."""

    async def dialogue() -> None:
        async with servers(2) as [one, other]:
            await done(one.ask(drop(1)))
            one.store.batches.clear()
            other.room.keep(one.room.state.row("m:ada"))
            first = one.ask(daily(key="tab-1"))
            for _ in range(hops % 4):
                await asyncio.sleep(0)
            second = other.ask(daily(key="tab-2"))
            await later(1)
            assert [{**reply, "replayed": None} for reply in (*first, *second)] == [  # type: ignore[dict-item]
                {"coins": 2, "replayed": None}
            ] * 2
            assert sorted(reply["replayed"] for reply in (*first, *second)) == [False, True]  # type: ignore[index]
            assert stored_coins(one.store) == 2
            assert (one.seen() + other.seen()).count("jar.dropped") == 2  # the coin before, and one for the day
            conflicts = [server.metrics.conflicts._value.get() for server in (one, other)]
            assert sum(conflicts) == 1

    play(dialogue)


def test_what_may_be_done_only_once_is_refused_by_no_row_that_another_server_has_changed() -> None:
    async def dialogue() -> None:
        async with servers(2) as [one, other]:
            await done(other.ask(drop(0)))
            other.room.keep(Row(subject="m:ada"))
            await done(one.ask(drop(3)))
            assert await done(one.ask(pay(-3, "a"))) == [{"coins": 0}]
            assert await done(other.ask(pay(-3, "a"))) == [{"coins": 0}]  # a retry, and he had nothing here before
            assert kinds(await done(other.ask(pay(-3, "b")))) == [Full]
            assert stored_coins(one.store) == 0

    play(dialogue)


def test_while_the_store_is_away_a_refusal_is_given_at_once() -> None:
    async def dialogue() -> None:
        async with servers() as [server]:
            await done(server.ask(drop(1)))
            server.committer.storage.available = False
            assert kinds(server.ask(pay(-3, "a"))) == [Full]
            server.committer.storage.available = True

    play(dialogue)


@pytest.mark.parametrize("fault", [Fault.LOST_BEFORE, Fault.LOST_AFTER])
@pytest.mark.parametrize("key", ["k", None])
def test_a_lost_commit_is_written_once_told_once_and_answered_once(fault: Fault, key: str | None) -> None:
    async def dialogue() -> None:
        async with servers(faults=[fault]) as [server]:
            told = server.ask(drop(3, key=key))
            await later(1)
            assert told == [{"coins": 3}]
            assert server.seen() == ["jar.dropped", "jar.thanked", "jar.noted"]
            assert stored_coins(server.store) == server.savings().coins == 3
            assert server.room.state.counters == {"coins": 3}
            await later(5)
            assert len(told) == 1

    play(dialogue)


def test_a_lost_reply_after_which_others_wrote_is_found_by_its_result() -> None:
    async def dialogue() -> None:
        async with servers(2, faults=[Fault.LOST_AFTER]) as [one, other]:
            told = one.ask(drop(1, key="k"))
            await settle()  # written, and its server waits a moment before it looks again
            await done(other.ask(drop(5, key="l")))
            await later(1)
            assert told == [{"coins": 1}]
            assert one.seen() == ["jar.dropped", "jar.thanked", "jar.noted"]
            assert one.savings().coins == stored_coins(one.store) == 6

    play(dialogue)


def test_what_the_store_surely_did_not_write_is_written_when_it_is_back() -> None:
    async def dialogue() -> None:
        async with servers() as [server]:
            await done(server.ask(drop(1)))
            server.store.away = True
            told = server.ask(drop(2))
            await later(1)
            assert told == []
            server.store.away = False
            await later(1)
            assert told == [{"coins": 3}]
            assert stored_coins(server.store) == 3

    play(dialogue)


def test_a_member_who_left_while_the_store_was_away_is_decided_by_his_row_not_by_an_empty_one() -> None:
    async def dialogue() -> None:
        async with servers() as [server]:
            await done(server.ask(drop(9)))
            server.store.away = True
            told = server.ask(drop(-5))
            await later(0.5)
            server.room.forget("m:ada")
            server.store.away = False
            await later(1)
            assert told == [{"coins": 4}]

    play(dialogue)


def test_many_failed_attempts_to_reach_the_store_are_no_conflicts() -> None:
    async def dialogue() -> None:
        async with servers() as [one]:
            await done(one.ask(drop(1)))
            one.store.away = True
            told = one.ask(drop(1))
            await later(2)
            one.store.away = False
            one.room.keep(Row(subject="m:ada", version=0))
            await later(0.5)
            assert told == [{"coins": 2}]

    play(dialogue)


class Contending(HandStore):
    """A store in which another server is always faster, so many times."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times

    async def load(self, room: str, subjects: Sequence[str]) -> list[StoredRow | None]:
        found = await super().load(room, subjects)
        if self.times and room in self.stored:
            self.times -= 1
            for subject, row in self.stored[room].rows.items():
                self.stored[room].rows[subject] = StoredRow(version=row.version + 1, change="x", body=row.body)
        return found


@pytest.mark.parametrize(("times", "expected"), [(CONFLICTS - 1, dict), (CONFLICTS, Contended)])
def test_after_five_conflicts_the_caller_is_asked_to_come_back(times: int, expected: type) -> None:
    async def dialogue() -> None:
        async with servers(store=Contending(0)) as [server]:
            assert isinstance(server.store, Contending)
            await done(server.ask(drop(1)))
            server.store.times = times
            server.room.doubt("m:ada")
            told = await done(server.ask(drop(1)))
            assert kinds(told) == [expected]
            assert server.metrics.conflicts._value.get() == times
            assert await done(server.ask(drop(1))) == [{"coins": 3 if expected is dict else 2}]

    play(dialogue)


def test_a_claim_that_ran_out_runs_the_turn_again_knowing_it() -> None:
    async def dialogue() -> None:
        async with servers() as [server]:
            gifts = [await done(server.ask(Take(room="demo"))) for _ in range(3)]
            assert gifts == [[{"gift": "mug"}], [{"gift": "mug"}], [{"gift": "spoon"}]]
            assert server.room.state.exhausted == {"mug"}
            assert len(server.store.batches) == 4

    play(dialogue)


def test_rules_that_claim_again_what_has_run_out_are_a_fault_not_a_loop() -> None:
    async def dialogue() -> None:
        async with servers() as [server]:
            await done(server.ask(Take(room="demo")))
            await done(server.ask(Take(room="demo")))
            assert kinds(await done(server.ask(Take(room="demo", stubborn=True)))) == [InternalError]
            assert await done(server.ask(drop(1))) == [{"coins": 1}]

    play(dialogue)


class Verdicts(HandStore):
    """A store that gives a verdict of its own, once."""

    verdict: Verdict | None = None

    async def commit(self, batches: object) -> dict[str, Sequence[Verdict]]:
        if self.verdict is None:
            return dict(await super().commit(batches))  # type: ignore[arg-type]
        verdict, self.verdict = self.verdict, None
        await self.gate.wait()
        return {"demo": [verdict]}


@pytest.mark.parametrize(("verdict", "refusal"), [(TooLarge(), RowTooLarge), (Damaged("key"), RowDamaged)])
def test_what_cannot_be_stored_is_refused_and_the_line_goes_on(verdict: Verdict, refusal: type) -> None:
    async def dialogue() -> None:
        async with servers(store=Verdicts()) as [server]:
            assert isinstance(server.store, Verdicts)
            server.store.verdict = verdict
            told, after = server.ask(drop(1)), server.ask(drop(2))
            await settle()
            assert kinds(told) == [refusal]
            assert after == [{"coins": 2}]

    play(dialogue)


def test_a_late_verdict_is_no_second_answer() -> None:
    async def dialogue() -> None:
        async with servers(store=Verdicts()) as [server]:
            assert isinstance(server.store, Verdicts)
            server.store.verdict = TooLarge()
            server.store.gate.clear()
            told = server.ask(drop(1))
            await later(3.5)
            server.store.gate.set()
            await settle()
            assert kinds(told) == [StoreAway]
            assert len(server.room.queues) == 0

    play(dialogue)


# --- lines


def test_one_commit_of_a_subject_at_a_time_and_the_ninth_that_waits_is_refused() -> None:
    async def dialogue() -> None:
        async with servers() as [server]:
            server.store.gate.clear()
            told = [server.ask(drop(1)) for _ in range(1 + WAITING)]
            await settle()
            assert kinds(server.ask(drop(1))) == [TooManyRequests]
            assert len(server.store.batches) == 1
            assert len(server.room.queues) == 9
            server.store.gate.set()
            await later(0.1)
            assert told == [[{"coins": number}] for number in range(1, 10)]
            assert [len(batch) for batch in server.store.batches] == [1] * 9
            assert len(server.room.queues) == 0

    play(dialogue)


def test_different_subjects_do_not_wait_for_each_other() -> None:
    async def dialogue() -> None:
        async with servers() as [server]:
            server.store.gate.clear()
            server.ask(drop(1))
            await settle()
            told = [server.ask(drop(2), BOB), server.ask(Paint(room="demo"), HOST), server.ask(drop(3))]
            await settle()
            server.store.gate.set()
            await later(0.1)
            assert [sorted(write.subject for write in batch) for batch in server.store.batches] == [
                ["m:ada"],
                ["m:bob", "p:jar"],
                ["m:ada"],
            ]
            assert [len(one) for one in told] == [1, 1, 1]

    play(dialogue)


# --- time


def test_after_three_seconds_it_is_refused_and_the_late_write_becomes_state_without_a_second_reply() -> None:
    async def dialogue() -> None:
        async with servers() as [server]:
            server.store.gate.clear()
            told = server.ask(drop(3, key="k"))
            await later(2.9)
            assert told == []
            await later(0.2)
            [refusal] = told
            assert isinstance(refusal, StoreAway)
            assert refusal.temporary
            assert refusal.retry_in is not None
            assert server.savings() == Savings()
            server.store.gate.set()
            await settle()
            assert server.savings() == Savings(coins=3)
            assert server.seen() == ["jar.dropped", "jar.thanked", "jar.noted"]
            assert len(told) == 1
            assert await done(server.ask(drop(3, key="k"))) == [{"coins": 3}]
            assert stored_coins(server.store) == 3

    play(dialogue)


def test_who_waited_behind_it_is_refused_in_his_own_time_and_never_runs() -> None:
    async def dialogue() -> None:
        async with servers() as [server]:
            server.store.gate.clear()
            first = server.ask(drop(1))
            await later(1)
            second = server.ask(drop(1))
            await later(2.5)
            assert (kinds(first), kinds(second)) == ([StoreAway], [])
            await later(1)
            assert kinds(second) == [StoreAway]
            third = server.ask(drop(1))
            server.store.gate.set()
            await settle()
            assert third == [{"coins": 2}]
            assert stored_coins(server.store) == 2
            assert server.metrics.given_up._value.get() == 2

    play(dialogue)


class Slow(HandStore):
    """A store that answers every commit, each after a while."""

    async def commit(self, batches: Mapping[str, Sequence[Write]]) -> Mapping[str, Sequence[Verdict]]:
        verdicts = await super().commit(batches)
        await later(1.3)
        return verdicts


def test_who_asks_while_others_wait_for_too_long_is_told_at_once_and_they_keep_their_places() -> None:
    async def dialogue() -> None:
        async with servers(store=Slow()) as [server]:
            first = server.ask(drop(1))
            await later(0.05)
            second = server.ask(drop(2), BOB)
            await later(1.4)
            third = server.ask(drop(3), HOST)
            await later(1.2)  # bob's was stored, after 2.55 s
            assert (first, second, third) == ([{"coins": 1}], [{"coins": 2}], [])
            [refusal] = server.ask(drop(4))
            assert isinstance(refusal, ServerBusy)
            assert 1_000 <= (refusal.retry_in or 0) <= 3_000
            host = server.ask(drop(5), HOST)
            await later(2.7)
            assert (third, host) == ([{"coins": 3}], [{"coins": 8}])
            last = server.ask(drop(6))
            await later(1.4)
            assert last == [{"coins": 7}]

    play(dialogue)


def test_what_a_store_that_answers_has_not_stored_in_time_is_refused_as_busy() -> None:
    async def dialogue() -> None:
        async with servers(store=Slow()) as [server]:
            told = [server.ask(drop(1)) for _ in range(5)]
            await later(3.1)
            assert [kinds(one) for one in told[2:]] == [[ServerBusy]] * 3
            assert told[:2] == [[{"coins": 1}], [{"coins": 2}]]
            await later(1)
            assert server.savings() == Savings(coins=3)  # it was on its way, and a retry tells

    play(dialogue)


def test_a_row_that_never_comes_is_refused_in_time_and_its_line_is_free_again() -> None:
    async def dialogue() -> None:
        async with servers() as [server]:
            server.store.away = True
            told = server.ask(drop(1))
            await later(3.5)
            assert kinds(told) == [StoreAway]
            assert len(server.room.queues) == 0
            server.store.away = False
            assert await done(server.ask(drop(1))) == [{"coins": 1}]

    play(dialogue)


def test_a_change_that_never_reaches_the_store_is_given_up_and_its_line_is_free_again() -> None:
    async def dialogue() -> None:
        async with servers() as [server]:
            await done(server.ask(drop(1)))
            server.store.away = True
            told = server.ask(drop(1))
            await later(3.5)
            assert kinds(told) == [StoreAway]
            assert len(server.room.queues) == 0
            server.store.away = False
            await later(1)
            assert stored_coins(server.store) == 1

    play(dialogue)


def test_an_unreadable_row_is_not_asked_for_in_a_loop_and_nothing_is_written_over_it() -> None:
    async def dialogue() -> None:
        async with servers() as [server]:
            await done(server.ask(drop(1), BOB))
            server.store.stored["demo"].rows["m:ada"] = StoredRow(version=1, change="c", body=b"?")
            told = server.ask(drop(1))
            await later(4)
            assert kinds(told) == [StoreAway]
            assert len(server.store.loads) < 40
            assert server.store.stored["demo"].rows["m:ada"].body == b"?"

    play(dialogue)


# --- faults of ours


@pytest.mark.parametrize("where", ["rules", "store", "telling"])
def test_a_fault_of_ours_is_answered_and_holds_nobody_up(where: str) -> None:
    async def dialogue() -> None:
        async with servers() as [server]:
            told = [server.ask(Break(room="demo", where=where)), server.ask(drop(1)), server.ask(drop(1), BOB)]
            await later(1)
            assert kinds(told[0]) == [InternalError]
            assert told[1] == [{"coins": 2 if where == "telling" else 1}]
            assert told[2] == [{"coins": 1}]
            assert len(server.room.queues) == 0

    play(dialogue)


# --- memory


def test_a_row_in_doubt_is_still_shown_but_not_decided_by() -> None:
    async def dialogue() -> None:
        async with servers(2) as [one, other]:
            await done(one.ask(drop(9)))
            await done(other.ask(drop(1)))
            assert one.savings().coins == 9
            one.store.reads.clear()
            told = one.ask(drop(1))  # conflicts: the row is asked for again
            await settle()
            assert one.savings().coins == 9
            one.store.reads.set()
            await settle()
            assert kinds(told) == [Full]
            assert one.savings().coins == 10

    play(dialogue)


def test_a_part_of_the_room_stays_shown_while_it_is_read_again() -> None:
    async def dialogue() -> None:
        async with servers(2) as [one, other]:
            await later_done(one.ask(Paint(room="demo"), HOST))
            other.room.doubt("p:jar")
            await later_done(other.ask(Paint(room="demo"), HOST))
            one.store.reads.clear()
            one.ask(Paint(room="demo"), HOST)
            await settle()
            assert one.room.state.row("p:jar").of(Wall) == Wall(coats=1)
            one.store.reads.set()
            await later(0.1)
            assert one.room.state.row("p:jar").of(Wall) == Wall(coats=3)

    play(dialogue)


def test_the_row_of_somebody_who_is_not_here_is_not_kept() -> None:
    async def dialogue() -> None:
        async with servers() as [server]:
            cyd = Actor(id="cyd", name="Cyd", role=Role.OPERATOR)
            assert await done(server.ask(drop(1), cyd)) == [{"coins": 1}]
            assert "m:cyd" not in server.room.state.rows
            assert stored_coins(server.store, "cyd") == 1

    play(dialogue)


# --- invariants


USERS = [Actor(id=name, name=name) for name in ("ada", "bob", "cyd", "dan")]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(USERS),
        st.one_of(
            st.builds(drop, coins=st.integers(0, 4), key=st.sampled_from(["k", "l", None])),
            st.builds(daily, day=st.integers(1, 2), key=st.sampled_from(["k", "l", None])),
        ),
    ),
    max_size=12,
)
FAULTS = st.lists(st.sampled_from(Fault), max_size=8)


@settings(max_examples=60)
@given(steps=STEPS, faults=FAULTS)
def test_memory_equals_what_is_stored_and_nothing_is_answered_twice(
    steps: list[tuple[Actor, Command]], faults: list[Fault]
) -> None:
    """Invariant 2 and the write-then-apply rule, whatever is lost on the way."""

    async def dialogue() -> None:
        async with servers(faults=faults) as [server]:
            server.here(*USERS)
            told = [server.ask(command, actor) for actor, command in steps]
            await later(10)
            assert all(len(one) == 1 for one in told)
            for actor in USERS:
                if f"m:{actor.id}" in server.room.state.rows:
                    assert server.savings(actor.id).coins == stored_coins(server.store, actor.id)
            sums = server.store.stored["demo"].counters if "demo" in server.store.stored else {}
            assert sums.get("coins", 0) == sum(stored_coins(server.store, actor.id) for actor in USERS)

    play(dialogue)


@settings(max_examples=60)
@given(steps=STEPS, data=st.data())
def test_concurrent_commands_of_different_users_come_to_the_same_in_any_order(
    steps: list[tuple[Actor, Command]], data: st.DataObject
) -> None:
    """Invariant 6: only the order of one user's own commands matters."""
    turns = data.draw(st.permutations([actor for actor, _ in steps]))
    queues = {actor.id: [command for one, command in steps if one is actor] for actor in USERS}
    mixed = [(actor, queues[actor.id].pop(0)) for actor in turns]

    async def dialogue(order: list[tuple[Actor, Command]]) -> dict[str, bytes]:
        async with servers() as [server]:
            server.here(*USERS)
            for actor, command in order:
                server.ask(command, actor)
            await later(1)
            return {
                actor.id: orjson.dumps(
                    [server.savings(actor.id), [r.reply for r in server.room.state.row(f"m:{actor.id}").results]]
                )
                for actor in USERS
            }

    assert play(lambda: dialogue(steps)) == play(lambda: dialogue(mixed))


async def done(told: Told) -> Told:
    """The answers to a command that needs no time."""
    await settle()
    assert len(told) == 1
    return told


async def later_done(told: Told) -> Told:
    """The answers to a command that is answered with its tick."""
    await later(0.2)
    assert len(told) == 1
    return told
