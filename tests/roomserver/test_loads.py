"""What is read for many at once: batched, each told his own, and nobody held up by what cannot be read."""

from __future__ import annotations

import pytest

from room.board import Window
from room.change import Change, Counter
from room.row import Row
from roomserver.memory_store import Fault
from roomserver.store import RoomFacts, StoredRow
from tests.room.toys import Jar
from tests.roomserver.desk import at_work, coin
from tests.roomserver.hand_time import later, play, settle


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
                desk.committer.loads.load(f"room{number}", "m:ada", desk.rows.append)
                desk.committer.loads.places(f"room{number}", Window(boards=("streak",), limit=2), places.append)
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
