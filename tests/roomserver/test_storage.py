"""Whether the store is there: told once each time it changes, also when nobody asks it for anything."""

from __future__ import annotations

from tests.roomserver.desk import at_work, coin
from tests.roomserver.hand_time import later, play, settle


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
            assert not desk.committer.storage.available
            desk.store.away = False
            desk.load("eve")
            desk.submit("eve")
            await later(1)
            assert desk.states == [False, True]
            assert desk.committer.storage.available

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


def test_another_run_of_the_store_is_noticed_with_its_first_answer() -> None:
    async def dialogue() -> None:
        async with at_work() as desk:
            desk.submit("ada")
            await settle()
            assert desk.committer.storage.new_run.is_set()
            desk.committer.storage.new_run.clear()
            desk.submit("bob")
            await settle()
            assert not desk.committer.storage.new_run.is_set()

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
            await later(4)  # a look that has just failed takes a moment, and the next one comes within 3 s of it
            assert desk.states == [False, True]

    play(dialogue)
