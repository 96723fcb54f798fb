"""How a room answers queries."""

from __future__ import annotations

from room.change import Score
from room.people import Role
from room.refusal import (
    InternalError,
    NotAMember,
    PermissionDenied,
    StoreAway,
)
from roomserver.store import Write
from settings.messages import ChangeSettings, SetStorage
from tests.roomserver.hand_time import later, play, settle
from tests.roomserver.jars import Break, Drop, Look, Top
from tests.roomserver.stage import Viewer, on_stage


def placed(subject: str, value: float) -> Write:
    return Write(subject=subject, id="c", version=0, body=b"{}", scores=(Score(board="coins", value=value),))


def test_a_query_reads_rows_along_and_keeps_none_of_them() -> None:
    async def dialogue() -> None:
        async with on_stage() as stage:
            ada = stage.join(Viewer("ada"))
            await settle()
            stage.ask(Drop(room="demo", coins=3), ada)
            await settle()
            told = stage.ask(Look(room="demo", users=("ada", "bob", "bob")), ada)
            assert told == []
            await settle()
            assert told == [{"ada": 3, "bob": 0}]
            assert "m:bob" not in stage.room.state.rows
            assert stage.ask(Look(room="demo", users=("ada",)), ada) == [{"ada": 3}]

    play(dialogue)


def test_a_query_sees_the_places_of_a_board_and_the_rows_of_who_is_there() -> None:
    async def dialogue() -> None:
        async with on_stage() as stage:
            ada, bob = stage.join(Viewer("ada")), stage.join(Viewer("bob"))
            await settle()
            await stage.store.commit({"demo": [placed("m:cyd", 4), placed("m:dan", 2), placed("m:eve", 3)]})
            stage.ask(Drop(room="demo", coins=3), ada)
            await settle()
            stage.store.reads.clear()
            told = [stage.ask(Top(room="demo"), one) for one in (ada, bob, ada)]
            await settle()
            assert told == [[], [], []]
            stage.store.reads.set()
            await settle()
            assert told == [[{"m:cyd": [1, 4.0, 0], "m:eve": [2, 3.0, 0]}]] * 3
            assert stage.store.boards == ["coins"]
            assert "m:cyd" not in stage.room.state.rows
            assert stage.ask(Top(room="demo", boards=()), ada) == [{}]

    play(dialogue)


def test_a_query_of_boards_is_answered_once_when_the_store_is_away() -> None:
    async def dialogue() -> None:
        async with on_stage() as stage:
            ada = stage.join(Viewer("ada"))
            await settle()
            stage.store.away = True
            told = stage.ask(Top(room="demo", boards=("coins", "stars")), ada)
            await later(1)
            assert [type(one) for one in told] == [StoreAway]
            stage.store.away = False
            assert stage.ask(Top(room="demo"), ada) == []
            await settle()

    play(dialogue)


def test_a_query_is_answered_once_when_the_store_is_away_or_the_rules_fail() -> None:
    async def dialogue() -> None:
        async with on_stage() as stage:
            ada = stage.join(Viewer("ada"))
            await settle()
            stage.store.away = True
            told = stage.ask(Look(room="demo", users=("bob", "cyd")), ada)
            await later(1)
            assert [type(one) for one in told] == [StoreAway]
            stage.store.away = False
            late = stage.ask(Look(room="demo", users=("bob",), broken=True), ada)
            now = stage.ask(Look(room="demo", broken=True), ada)
            await settle()
            assert [type(one) for one in (*late, *now)] == [InternalError] * 2

    play(dialogue)


def test_roles_are_asked_before_all() -> None:
    async def dialogue() -> None:
        async with on_stage() as stage:
            guest = stage.join(Viewer("guest-1", role=Role.GUEST))
            ada = stage.join(Viewer("ada"))
            await settle()
            told = [
                *stage.ask(Break(room="demo"), guest),
                *stage.ask(ChangeSettings(room="demo", frozen=True), ada),
                *stage.ask(SetStorage(room="demo", storage="away"), ada),
            ]
            await settle()
            assert {type(one) for one in told} <= {NotAMember, PermissionDenied}
            assert stage.room.state.storage == "ok"

    play(dialogue)
