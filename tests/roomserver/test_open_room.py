"""An open room: who asks what, who has to go, and when it is over."""

from __future__ import annotations

import pytest

from effects.danmaku import SendDanmaku
from erasure.feature import Erase
from room.people import Role
from room.refusal import (
    InternalError,
)
from roomserver.centrifuge.channels import Kind
from roomserver.features import make_house
from roomserver.open_room import ITSELF, nobody
from roomserver.store import RoomFacts
from settings.messages import SetStorage
from tests.roomserver.hand_time import later, play, settle
from tests.roomserver.jars import Cry, Drop, Look, Paint, ShowOut
from tests.roomserver.stage import Viewer, on_stage


def test_after_a_loss_of_data_a_new_log_is_not_taken_for_the_old_one() -> None:
    async def dialogue() -> None:
        async with on_stage() as stage:
            ada, slow = stage.join(Viewer("ada")), stage.join(Viewer("slow"))
            await stage.quiet()
            slow.pause()
            stage.room.data_lost(RoomFacts(seq=0, counters={"coins": 7}))
            assert ada.lost == ["room:demo"]
            for number in range(9):
                stage.shout(ada, str(number))
                await later(0.06)
            assert not slow.resume()
            assert (stage.room.state.counters, stage.room.state.exhausted) == ({"coins": 7}, set())
            loads = len(stage.store.loads)
            stage.join(Viewer("ada", "ada-2"))
            await settle()
            assert len(stage.store.loads) == loads + 1

    play(dialogue)


def test_passing_keys_say_nothing_twice_and_a_fault_frees_them() -> None:
    async def dialogue() -> None:
        async with on_stage() as stage:
            ada = stage.join(Viewer("ada"))
            await stage.quiet()
            first, early = stage.shout(ada, key="k"), stage.shout(ada, key="k")
            assert (first, early) == ([], [])
            await settle()
            again = stage.shout(ada, key="k")
            assert first == early == again != []
            assert len(ada.events()) == 1
            for _ in range(2):
                told = stage.ask(Cry(room="demo", key="c"), ada)
                assert [type(one) for one in told] == [InternalError]

    play(dialogue)


def test_the_store_going_and_coming_is_told_to_the_room_once_each() -> None:
    async def dialogue() -> None:
        async with on_stage() as stage:
            ada = stage.join(Viewer("ada"))
            await stage.quiet()
            for storage in ("away", "away", "ok"):
                stage.room.ask(ITSELF, SetStorage(room="demo", storage=storage), nobody)
                await later(0.1)
            assert [event["storage"] for event in ada.events("room.changed")] == ["away", "ok"]

    play(dialogue)


def test_a_room_is_idle_only_when_nobody_is_here_and_nothing_waits() -> None:
    async def dialogue() -> None:
        async with on_stage() as stage:

            def idle() -> bool:
                return stage.room.idle

            assert idle()
            ada = stage.join(Viewer("ada"))
            assert not idle()  # on his way in
            await stage.quiet()
            assert not idle()
            stage.room.arrivals.leave(ada)
            await later(5)
            assert not idle()  # in grace
            await later(6)
            assert idle()
            told = stage.shout(Viewer("operator", role=Role.OPERATOR))
            assert not idle()  # somebody waits for a tick
            await settle()
            assert len(told) == 1
            stage.store.gate.clear()
            stage.ask(Drop(room="demo"), Viewer("operator", role=Role.OPERATOR))
            await settle()
            assert not idle()  # a commit is in flight
            stage.store.gate.set()
            await later(1)
            assert idle()
            assert stage.room.state.rows.keys() == {"p:settings", "p:jar"}

    play(dialogue)


def test_who_is_put_out_is_told_and_then_all_his_connections_here_are_closed_and_nobody_elses() -> None:
    async def dialogue() -> None:
        async with on_stage() as stage:
            phone, desk = stage.join(Viewer("ada", "ada-1")), stage.join(Viewer("ada", "ada-2"))
            host, guest = stage.join(Viewer("host", role=Role.HOST)), stage.join(Viewer("guest-1", role=Role.GUEST))
            gone = stage.join(Viewer("ada", "ada-3"))
            stage.shell.people.add("ada", phone)
            await stage.quiet()
            stage.room.arrivals.leave(gone)
            desk.pause()
            assert stage.ask(ShowOut(room="demo", user="ada"), host) == [{"coins": 0}]
            assert phone.closed == []
            assert [event["type"] for event in phone.pubs("#ada")[-1]["data"]["events"]] == ["jar.shown_out"]
            await settle()
            assert [one.closed for one in (phone, desk, gone, host, guest)] == [[3503], [3503], [], [], []]
            stage.ask(ShowOut(room="demo", user="guest-1"), host)
            await settle()
            assert guest.closed == [3503]

    play(dialogue)


def test_who_is_put_out_listens_with_the_hosts_no_more() -> None:
    async def dialogue() -> None:
        async with on_stage() as stage:
            moderator, host = Viewer("mod", role=Role.MODERATOR), stage.join(Viewer("host", role=Role.HOST))
            await settle()
            for one in (moderator, host):
                stage.room.arrivals.join(one, Kind.HOST, None, one.joined, one.refusals.append)
            await settle()
            stage.ask(ShowOut(room="demo", user="mod"), host)
            await settle()
            assert (moderator.closed, host.closed) == ([3503], [])

    play(dialogue)


def test_what_only_hosts_may_is_written_down_whether_it_was_done_or_not(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "roomserver.audit")

    async def dialogue() -> None:
        async with on_stage() as stage:
            host, ada = stage.join(Viewer("host", role=Role.HOST)), stage.join(Viewer("ada"))
            await settle()
            stage.ask(ShowOut(room="demo", user="ada"), host)
            stage.ask(Paint(room="demo"), ada)
            stage.shout(ada, "my words")
            stage.ask(Look(room="demo"), host)
            await settle()

    play(dialogue)
    names = ("who", "role", "what", "whom", "room", "result", "code")
    assert [tuple(vars(record)[name] for name in names) for record in caplog.records] == [
        ("host", "host", "jar.show_out", "ada", "demo", "done", None),
        ("ada", "member", "jar.paint", None, "demo", "refused", 103),
    ]
    assert "my words" not in caplog.text


def test_what_came_of_one_who_was_erased_while_he_was_leaving_is_kept_in_no_log() -> None:
    async def dialogue() -> None:
        async with on_stage(make_house()) as stage:
            ann, bob = stage.join(Viewer("ann")), stage.join(Viewer("bob"))
            await stage.quiet()
            platform = Viewer("operator", role=Role.OPERATOR)
            stage.ask(Erase(room="demo", user="ann", version=0), platform)
            await stage.quiet()
            stage.room.publisher.ring.forget()  # as an erasure ends
            stage.ask(SendDanmaku(room="demo", text="one more word"), ann)  # whose way out is not over yet
            await stage.quiet()
            assert stage.room.publisher.ring.mentions("ann")
            stage.room.arrivals.leave(ann)
            await later(12)
            assert not stage.room.publisher.ring.mentions("ann")
            stage.ask(SendDanmaku(room="demo", text="good night"), bob)
            await stage.quiet()
            assert stage.room.publisher.ring.mentions("bob")

    play(dialogue)
