"""Group commit: one batch at a time, as large as the store is slow; every Change gets its own verdict."""

from __future__ import annotations

import logging

import pytest

from room.change import Change, Claim, Counter
from room.row import Row
from roomserver.committer import BATCH, QUEUED, Unresolved
from roomserver.memory_store import Fault
from roomserver.store import ClaimFailed, Conflict, TooLarge, Verdict, Written
from tests.roomserver.desk import Desk, at_work, coin
from tests.roomserver.hand_time import later, play, settle


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
            desk.committer.loads.load("demo", "m:ada", fail)
            desk.load("bob")
            await settle()
            desk.store.away = True
            desk.committer.submit("demo", coin("cyd"), fail)
            desk.committer.loads.load("demo", "m:ada", fail)
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


def _ignore(_: bool) -> None:
    """A listener's answer is nobody's."""
