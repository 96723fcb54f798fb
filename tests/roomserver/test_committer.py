"""Group commit: one batch at a time, as large as the store is slow; every Change gets its own verdict."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import pytest

from room.board import Window
from room.change import Change, Claim, Counter
from room.row import Row
from roomserver.committer import BATCH, QUEUED, Committer, Unresolved
from roomserver.memory_store import Fault
from roomserver.rows import RowCodec
from roomserver.store import ClaimFailed, Conflict, RoomFacts, StoredRow, TooLarge, Verdict, Written
from tests.room.toys import HOUSE, Jar
from tests.roomserver.hand_store import HandStore
from tests.roomserver.hand_time import later, play, settle


class Desk:
    """A committer at work, with what it told."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self.store = HandStore(faults)
        self.states: list[bool] = []
        self.facts: list[tuple[str, RoomFacts]] = []
        self.committer = Committer(
            self.store,
            RowCodec(HOUSE),
            on_storage=self.states.append,
            on_facts=lambda room, facts: self.facts.append((room, facts)),
        )
        self.told: dict[str, list[Verdict | Unresolved]] = {}
        self.rows: list[Row | None] = []

    def submit(self, name: str, change: Change | None = None, room: str = "demo") -> bool:
        told = self.told.setdefault(name, [])
        return self.committer.submit(room, change or coin(name), told.append)

    def load(self, user: str) -> bool:
        return self.committer.load("demo", f"m:{user}", self.rows.append)

    def sizes(self) -> list[int]:
        return [len(batch) for batch in self.store.batches]


@asynccontextmanager
async def at_work(*faults: Fault) -> AsyncIterator[Desk]:
    desk = Desk(faults)
    task = asyncio.get_running_loop().create_task(desk.committer.run())
    try:
        yield desk
        assert not task.done(), task
    finally:
        task.cancel()


def coin(user: str, version: int = 0, coins: int = 1) -> Change:
    row = Row(subject=f"m:{user}", version=version + 1, change=f"c-{user}-{version}").having(Jar(coins=coins))
    return Change(id=f"c-{user}-{version}", version=version, row=row)


def test_one_batch_is_in_flight_and_all_that_queued_meanwhile_goes_in_the_next() -> None:
    async def dialogue() -> None:
        async with at_work() as desk:
            desk.store.gate.clear()
            desk.submit("first")
            await settle()
            for number in range(100):
                desk.submit(f"u{number}")
            await settle()
            assert desk.sizes() == [1]
            assert desk.committer.queued == 101
            assert not any(desk.told.values())
            desk.store.gate.set()
            await settle()
            assert desk.sizes() == [1, 100]
            assert all(isinstance(told[0], Written) for told in desk.told.values())
            assert (desk.committer.batches, desk.committer.committed, desk.committer.queued) == (2, 101, 0)

    play(dialogue)


def test_the_next_batch_is_on_its_way_when_the_last_one_is_told_and_all_are_told_in_order() -> None:
    async def dialogue() -> None:
        async with at_work() as desk:
            told: list[tuple[str, int]] = []

            def submit(name: str) -> None:
                desk.committer.submit("demo", coin(name), lambda _: told.append((name, len(desk.store.batches))))

            desk.committer.after_telling = lambda: told.append(("all", len(desk.store.batches)))
            desk.store.gate.clear()
            submit("ada")
            await settle()
            submit("bob")
            submit("cyd")
            desk.store.gate.set()
            desk.store.gate.clear()  # whoever waits goes on, who comes later waits
            await settle()
            assert told == [("ada", 2), ("all", 2)]
            desk.store.gate.set()
            await settle()
            assert told == [("ada", 2), ("all", 2), ("bob", 2), ("cyd", 2), ("all", 2)]

    play(dialogue)


def test_a_batch_holds_a_bounded_number_of_changes() -> None:
    async def dialogue() -> None:
        async with at_work() as desk:
            for number in range(2 * BATCH + 1):
                desk.submit(f"u{number}", room=f"room-{number % 3}")
            await settle()
            assert desk.sizes() == [BATCH, BATCH, 1]
            assert all(len(told) == 1 for told in desk.told.values())

    play(dialogue)


def test_every_change_gets_its_own_verdict_in_whatever_room() -> None:
    async def dialogue() -> None:
        async with at_work() as desk:
            scarce = coin("cyd")
            claim = Claim(name="mug", take=1, stock=0)
            desk.submit("ada", room="one")
            desk.submit("bob", coin("bob", version=4), room="two")
            desk.submit("cyd", Change(id="c", version=0, row=scarce.row, parts=(claim,)), room="one")
            large = Change(
                id="d", version=0, row=Row(subject="m:dan", version=1, foreign={"x": b"[1," + b"7" * 70_000 + b"]"})
            )
            desk.submit("dan", large, room="two")
            summed = Change(id="e", version=0, row=coin("eve").row, parts=(Counter(name="today", add=5),))
            desk.submit("eve", summed, room="two")
            await settle()
            assert desk.told == {
                "ada": [Written(seq=1)],
                "bob": [Conflict()],
                "cyd": [ClaimFailed("mug")],
                "dan": [TooLarge()],
                "eve": [Written(seq=1, counters={"today": 5})],
            }
            assert desk.sizes() == [5]

    play(dialogue)


def test_what_nobody_waits_for_any_more_is_not_written_before_what_is_fresh() -> None:
    async def dialogue() -> None:
        async with at_work() as desk:
            desk.store.gate.clear()
            desk.submit("first")
            await settle()
            stale: list[Verdict | Unresolved] = []
            desk.committer.submit("demo", coin("stale"), stale.append, lambda: False)
            desk.submit("fresh")
            desk.store.gate.set()
            await settle()
            assert stale == [Unresolved.NOT_WRITTEN]
            assert [[write.subject for write in batch] for batch in desk.store.batches] == [["m:first"], ["m:fresh"]]
            assert desk.committer.stale == 1
            desk.committer.submit("demo", coin("stale"), stale.append, lambda: False)
            await settle()
            assert desk.committer.idle.is_set()
            assert len(desk.store.batches) == 2

    play(dialogue)


def test_how_long_changes_wait_is_measured_while_the_store_is_there() -> None:
    async def dialogue() -> None:
        async with at_work() as desk:
            assert desk.committer.wait == 0
            desk.store.gate.clear()
            desk.submit("slow")
            await later(0.4)
            desk.submit("behind")
            assert desk.committer.wait == pytest.approx(0.4)
            desk.store.gate.set()
            await settle()
            assert desk.committer.wait == 0
            desk.store.away = True
            desk.submit("away")
            await later(1)
            assert desk.committer.wait == 0

    play(dialogue)


def test_two_changes_of_one_subject_never_share_a_batch_and_keep_their_order() -> None:
    async def dialogue() -> None:
        async with at_work() as desk:
            desk.submit("ada")
            desk.submit("again", coin("ada", version=1))
            desk.submit("elsewhere", coin("ada"), room="other")
            await settle()
            assert desk.sizes() == [1, 2]
            assert desk.told == {"ada": [Written(seq=1)], "again": [Written(seq=2)], "elsewhere": [Written(seq=1)]}

    play(dialogue)


@pytest.mark.parametrize("fault", [Fault.LOST_BEFORE, Fault.LOST_AFTER])
def test_a_lost_reply_leaves_the_batch_unknown_and_the_next_goes_on(fault: Fault) -> None:
    async def dialogue() -> None:
        async with at_work(fault) as desk:
            desk.submit("ada")
            desk.submit("bob")
            await later(1)
            assert desk.told == {"ada": [Unresolved.UNKNOWN], "bob": [Unresolved.UNKNOWN]}
            desk.submit("cyd")
            await settle()
            assert isinstance(desk.told["cyd"][0], Written)

    play(dialogue)


def test_a_store_that_was_not_reached_has_surely_written_nothing() -> None:
    async def dialogue() -> None:
        async with at_work() as desk:
            desk.store.away = True
            desk.submit("ada")
            await later(1)
            assert desk.told == {"ada": [Unresolved.NOT_WRITTEN]}

    play(dialogue)


def test_whether_the_store_is_there_is_told_once_per_change() -> None:
    async def dialogue() -> None:
        async with at_work() as desk:
            desk.submit("ada")
            await settle()
            assert desk.states == []
            desk.store.away = True
            for user in ("bob", "cyd", "dan"):
                desk.submit(user)
                desk.load(user)
                await later(1)
            assert desk.states == [False]
            assert not desk.committer.available
            desk.store.away = False
            desk.load("eve")
            desk.submit("eve")
            await later(1)
            assert desk.states == [False, True]
            assert desk.committer.available

    play(dialogue)


def test_a_store_that_is_away_is_not_hammered() -> None:
    async def dialogue() -> None:
        async with at_work() as desk:
            desk.store.away = True

            def again(_: object) -> None:
                desk.committer.submit("demo", coin("ada"), again)

            again(None)
            await later(3)
            assert 20 <= len(desk.store.batches) <= 61

    play(dialogue)


def test_loads_are_batched_and_each_gets_its_row() -> None:
    async def dialogue() -> None:
        async with at_work() as desk:
            desk.submit("ada", coin("ada", coins=3))
            await settle()
            desk.store.reads.clear()
            desk.load("ada")
            await settle()
            for number in range(300):
                desk.load(f"u{number}")
            desk.load("ada")
            desk.store.reads.set()
            await settle()
            assert [len(subjects) for _, subjects in desk.store.loads] == [1, 256, 45]
            assert [row.subject for row in desk.rows if row] == ["m:ada", *(f"m:u{n}" for n in range(300)), "m:ada"]
            assert [row and row.of(Jar).coins for row in (desk.rows[0], desk.rows[1])] == [3, 0]

    play(dialogue)


def test_while_the_store_is_away_one_looks_and_all_who_wait_for_rows_or_places_are_told() -> None:
    async def dialogue() -> None:
        async with at_work() as desk:
            places: list[object] = []
            desk.store.away = True
            for number in range(300):
                desk.committer.load(f"room{number}", "m:ada", desk.rows.append)
                desk.committer.places(f"room{number}", Window(boards=("streak",), limit=2), places.append)
            await later(0.5)
            assert desk.rows == places == [None] * 300
            assert (len(desk.store.loads), len(desk.store.boards)) == (1, 1)
            desk.store.away = False
            desk.load("ada")
            await settle()
            assert isinstance(desk.rows[-1], Row)

    play(dialogue)


def test_a_row_that_cannot_be_read_is_no_row_and_costs_the_others_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async def dialogue() -> None:
        async with at_work() as desk:
            desk.submit("ada")
            desk.submit("bob")
            await settle()
            desk.store.stored["demo"].rows["m:ada"] = StoredRow(version=1, change="c", body=b'{"s":\xff')
            desk.load("ada")
            desk.load("bob")
            await settle()
            assert desk.rows[0] is None
            assert desk.rows[1] is not None

    play(dialogue)
    assert "unreadable row" in caplog.text


def test_a_full_queue_refuses_and_then_tells_nothing() -> None:
    async def dialogue() -> None:
        desk = Desk()
        change = coin("ada")
        assert all(desk.submit("many", change) for _ in range(QUEUED))
        assert not desk.submit("late")
        assert all(desk.load("ada") for _ in range(QUEUED))
        assert not desk.load("late")
        assert desk.told["late"] == []

    play(dialogue)


def test_idle_says_when_everything_has_its_verdict() -> None:
    async def dialogue() -> None:
        async with at_work() as desk:
            assert desk.committer.idle.is_set()
            desk.store.gate.clear()
            desk.submit("ada")
            assert not desk.committer.idle.is_set()
            await settle()
            desk.submit("bob")
            desk.store.gate.set()
            await settle()
            assert desk.committer.idle.is_set()
            desk.committer.submit("demo", coin("cyd"), lambda _: _ignore(desk.submit("dan")))
            await settle()
            assert len(desk.told["dan"]) == 1
            assert desk.committer.idle.is_set()

    play(dialogue)


def test_idle_waits_for_the_batch_that_follows() -> None:
    async def dialogue() -> None:
        async with at_work() as desk:
            desk.store.gate.clear()
            desk.committer.submit("demo", coin("ada"), lambda _: _ignore(desk.submit("cyd")))
            await settle()
            desk.committer.submit("demo", coin("bob"), lambda _: desk.store.gate.clear())
            desk.store.gate.set()
            await settle()
            assert desk.sizes() == [1, 1, 1]
            assert not desk.committer.idle.is_set()
            desk.store.gate.set()
            await settle()
            assert desk.committer.idle.is_set()

    play(dialogue)


def test_a_change_that_no_store_could_keep_is_refused_before_it_spoils_a_batch() -> None:
    async def dialogue() -> None:
        async with at_work() as desk:
            with pytest.raises(ValueError, match="name"):
                desk.submit("bad", coin("a da"))
            with pytest.raises(TypeError):
                desk.submit("bad", coin("ada", coins=2**64))
            desk.submit("bob")
            await settle()
            assert desk.told == {"bad": [], "bob": [Written(seq=1)]}

    play(dialogue)


def test_no_fault_of_one_listener_stops_the_commits_and_loads_of_all(caplog: pytest.LogCaptureFixture) -> None:
    def fail(_: object) -> None:
        raise ZeroDivisionError

    async def dialogue() -> None:
        async with at_work() as desk:
            desk.committer.submit("demo", coin("ada"), fail)
            desk.submit("bob")
            desk.committer.load("demo", "m:ada", fail)
            desk.load("bob")
            await settle()
            desk.store.away = True
            desk.committer.submit("demo", coin("cyd"), fail)
            desk.committer.load("demo", "m:ada", fail)
            await later(1)
            desk.store.away = False
            desk.submit("dan")
            desk.load("dan")
            await settle()
            assert [type(told[0]) for told in desk.told.values()] == [Written, Written]
            assert len(desk.rows) == 2

    play(dialogue)
    assert caplog.text.count("an answer of the store was not taken") == 4


def test_no_fault_of_the_store_stops_the_commits_and_loads_that_follow(caplog: pytest.LogCaptureFixture) -> None:
    async def dialogue() -> None:
        async with at_work() as desk:
            desk.store.broken = RuntimeError("a fault of ours")
            desk.submit("ada")
            desk.load("ada")
            await later(1)
            assert desk.told["ada"] == [Unresolved.UNKNOWN]
            assert desk.rows == [None]
            desk.store.broken = None
            desk.submit("bob")
            desk.load("bob")
            await settle()
            assert isinstance(desk.told["bob"][0], Written)
            assert len(desk.rows) == 2

    with caplog.at_level(logging.ERROR):
        play(dialogue)
    assert "a commit failed" in caplog.text


def test_another_run_of_the_store_is_noticed_with_its_first_answer() -> None:
    async def dialogue() -> None:
        async with at_work() as desk:
            desk.submit("ada")
            await settle()
            assert desk.committer.new_run.is_set()
            desk.committer.new_run.clear()
            desk.submit("bob")
            await settle()
            assert not desk.committer.new_run.is_set()

    play(dialogue)


def test_the_sums_of_a_lost_reply_are_asked_for_with_the_next_row() -> None:
    async def dialogue() -> None:
        async with at_work(Fault.LOST_AFTER) as desk:
            summed = Change(id="e", version=0, row=coin("eve").row, parts=(Counter(name="today", add=5),))
            desk.submit("eve", summed)
            await later(1)
            assert desk.facts == []
            desk.load("eve")
            desk.load("ada")
            await settle()
            assert desk.facts == [("demo", RoomFacts(seq=1, counters={"today": 5}))]
            desk.load("ada")
            await settle()
            assert len(desk.facts) == 1

    play(dialogue)


def test_a_store_that_nobody_asks_is_looked_at_so_that_its_coming_and_going_are_told() -> None:
    async def dialogue() -> None:
        async with at_work() as desk:
            await later(5)
            desk.store.away = True
            await later(3)
            assert desk.states == [False]
            desk.store.away = False
            await later(1)
            assert desk.states == [False, True]

    play(dialogue)


def test_a_store_that_answers_but_takes_nothing_is_away_until_it_does() -> None:
    async def dialogue() -> None:
        async with at_work() as desk:
            desk.store.full = True
            desk.submit("ada")
            desk.load("ada")
            await later(10)
            desk.load("ada")
            await later(10)
            assert desk.states == [False]
            assert len(desk.rows) == 2
            desk.store.full = False
            await later(3)
            assert desk.states == [False, True]

    play(dialogue)


def _ignore(_: bool) -> None:
    """A listener's answer is nobody's."""
