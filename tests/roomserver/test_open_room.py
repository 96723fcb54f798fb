"""An open room: joins, ticks and answers, with every connection a list of what was written to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import orjson
import pytest

from presence.here import GRACE_MS
from room.change import Score
from room.lanes import BUDGETS
from room.live import Room
from room.message import Command, Lane, Query, Stamped
from room.people import Actor, Role, User
from room.refusal import (
    InternalError,
    NotAllowed,
    NotAMember,
    NotJoined,
    PermissionDenied,
    Refused,
    StoreAway,
    UnrecoverablePosition,
)
from room.row import Row
from room.settings import Settings
from roomserver.centrifuge.channels import Kind
from roomserver.centrifuge.codes import Disconnect
from roomserver.centrifuge.commands import Position
from roomserver.centrifuge.replies import SubscribeResult
from roomserver.committer import Committer
from roomserver.frame_variants import JSON
from roomserver.load import Step
from roomserver.metrics import Metrics
from roomserver.open_room import ITSELF, OpenRoom, nobody
from roomserver.prepublish import PACE, Hook, Prepublish
from roomserver.ring import BATCHES
from roomserver.rows import RowCodec
from roomserver.shell import Shell
from roomserver.store import RoomFacts, Write
from roomserver.ticks import TICK_SECONDS
from settings.feature import ChangeSettings, SetStorage
from tests.roomserver.hand_store import HandStore
from tests.roomserver.hand_time import HandClock, HandTime, later, play, settle
from tests.roomserver.jars import HOUSE, Banned, Break, Cry, Drop, Look, Paint, Seen, Shout, ShowOut, Thanked, Top

HOST = Actor(id="host", name="Host", role=Role.HOST)
Json = dict[str, Any]


class Viewer:
    """A connection: what is written to it, and whether it takes more."""

    def __init__(self, user: str, client: str = "", role: Role = Role.MEMBER) -> None:
        self.client = client or f"{user}-1"
        self.variant = JSON
        self.gone = False
        self.paused = False
        self.lost: list[str] = []
        self.closed: list[int] = []
        self.frames: list[bytes] = []
        self.replies: list[SubscribeResult] = []
        self.refusals: list[bytes | Refused] = []
        self.full_after: int | None = None
        self.room: OpenRoom | None = None
        self._actor = Actor(id=user, name=user.title(), role=role)

    def write(self, frame: bytes) -> None:
        self.frames.append(frame)
        if self.full_after is not None and len(self.frames) >= self.full_after:
            self.full_after = None
            self.pause()

    def actor_in(self, room: str) -> Actor:
        return self._actor

    def lose(self, channel: str) -> None:
        self.lost.append(channel)

    def close(self, why: Disconnect) -> None:
        self.closed.append(why.code)

    def joined(self, result: SubscribeResult) -> bool:
        if self.gone:
            return False
        self.replies.append(result)
        return True

    def pause(self) -> None:
        """The transport says stop, as WebSocket takes it."""
        assert self.room is not None
        self.paused = True
        self.room.publisher.public.fall_behind(self)

    def resume(self) -> bool:
        """The transport takes more again."""
        assert self.room is not None
        self.paused = False
        return self.room.publisher.public.catch_up(self)

    def pubs(self, channel: str = "room:demo") -> list[Json]:
        """All publications that were written to it, in order."""
        told = []
        for frame in self.frames:
            start = {126: 4, 127: 10}.get(frame[1], 2)
            for line in frame[start:].split(b"\n"):
                push = orjson.loads(line)["push"]
                if push["channel"] == channel:
                    told.append(push["pub"])
        return told

    def offsets(self) -> list[int]:
        return [pub["offset"] for pub in self.pubs()]

    def events(self, kind: str = "jar.") -> list[Json]:
        return [event for pub in self.pubs() for event in pub["data"]["events"] if event["type"].startswith(kind)]

    def last(self) -> Json:
        data: Json = self.pubs()[-1]["data"]
        return data


class Stage:
    """The room `demo` on a store in the test's hand."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, HandTime)
        self.loop = loop
        self.store = HandStore()
        codec, self.metrics = RowCodec(HOUSE), Metrics()
        self.committer = Committer(self.store, codec, on_storage=lambda _: None, on_facts=lambda *_: None)
        self.clock = HandClock(loop)
        self.shell = Shell(house=HOUSE, clock=self.clock, committer=self.committer, metrics=self.metrics, loop=loop)
        state = Room(id="demo")
        state.rows["p:settings"] = Row(subject="p:settings").having(Settings(made=True))
        state.rows["p:jar"] = Row(subject="p:jar")
        self.room = OpenRoom(self.shell, state, RoomFacts(seq=0, counters={}, exhausted=frozenset()))

    def join(self, viewer: Viewer, recover: Position | None = None) -> Viewer:
        viewer.room = self.room
        self.room.arrivals.join(viewer, Kind.ROOM, recover, viewer.joined, viewer.refusals.append)
        return viewer

    def ask(self, message: Command | Query, viewer: Viewer) -> list[object]:
        told: list[object] = []
        self.room.ask(
            viewer.actor_in("demo"),
            message,
            lambda one: told.append(one if isinstance(one, Refused) else orjson.loads(one)),
        )
        return told

    def shout(self, viewer: Viewer, text: str = "hi", key: str | None = None) -> list[object]:
        return self.ask(Shout(room="demo", text=text, key=key), viewer)

    async def quiet(self) -> None:
        """Wait until nothing is left to be told, so that the next event is the leading edge."""
        await later(1)


@asynccontextmanager
async def on_stage() -> AsyncIterator[Stage]:
    stage = Stage()
    task = stage.loop.create_task(stage.committer.run())
    try:
        yield stage
        assert not task.done()
    finally:
        task.cancel()
        stage.room.close()


# --- joining


def test_a_join_waits_for_the_members_row_and_its_reply_has_the_snapshot() -> None:
    async def dialogue() -> None:
        async with on_stage() as stage:
            stage.store.reads.clear()
            ada = stage.join(Viewer("ada"))
            await settle()
            assert (ada.replies, stage.room.state.online, len(stage.room.publisher.public)) == ([], 0, 0)
            stage.store.reads.set()
            await settle()
            [reply] = ada.replies
            snapshot = orjson.loads(reply.data)
            assert (snapshot["online"], snapshot["wire"], snapshot["me"]["user"]["id"]) == (1, 1, "ada")
            assert (reply.recoverable, reply.positioned, reply.epoch, reply.offset) == (
                True,
                True,
                stage.room.publisher.ring.epoch,
                0,
            )
            assert (reply.was_recovering, reply.recovered) == (False, False)
            assert ada.offsets()[0] == reply.offset + 1

    play(dialogue)


def test_a_guest_needs_no_row() -> None:
    async def dialogue() -> None:
        async with on_stage() as stage:
            guest = stage.join(Viewer("guest-1", role=Role.GUEST))
            assert orjson.loads(guest.replies[0].data)["me"] is None
            assert stage.store.loads == []

    play(dialogue)


def test_a_visitor_who_goes_while_his_row_is_loaded_leaves_nothing_behind() -> None:
    async def dialogue() -> None:
        async with on_stage() as stage:
            stage.store.reads.clear()
            ada = stage.join(Viewer("ada"))
            await settle()
            assert not stage.room.idle
            ada.gone = True
            stage.store.reads.set()
            await settle()
            state = stage.room.state
            assert (ada.replies, ada.frames, state.online, state.actors, len(stage.room.publisher.public)) == (
                [],
                [],
                0,
                {},
                0,
            )
            assert "m:ada" not in state.rows
            assert stage.room.idle

    play(dialogue)


def test_a_join_without_a_store_is_refused_and_may_come_again() -> None:
    async def dialogue() -> None:
        async with on_stage() as stage:
            stage.store.away = True
            ada = stage.join(Viewer("ada"))
            await later(1)
            assert [type(one) for one in ada.refusals] == [StoreAway]
            assert stage.room.state.actors == {}
            stage.store.away = False
            stage.join(ada)
            await settle()
            assert len(ada.replies) == 1

    play(dialogue)


def test_what_was_written_while_a_join_waited_is_not_undone_by_the_older_row_it_read() -> None:
    async def dialogue() -> None:
        async with on_stage() as stage:
            stage.store.reads.clear()
            ada = stage.join(Viewer("ada"))
            await settle()  # version 0 is read, and held back
            stage.room.keep(Row(subject="m:ada"))
            stage.ask(Drop(room="demo", coins=5), ada)
            await settle()
            stage.store.reads.set()
            await settle()
            assert orjson.loads(ada.replies[0].data)["me"]["user"]["tier"] == 5

    play(dialogue)


def test_a_fault_in_a_join_is_answered_and_leaves_nothing_behind(caplog: pytest.LogCaptureFixture) -> None:
    async def dialogue() -> None:
        async with on_stage() as stage:
            ada = Viewer("ada")
            stage.room.arrivals.join(ada, Kind.ROOM, None, _fail, ada.refusals.append)
            await settle()
            assert [type(one) for one in ada.refusals] == [InternalError]
            assert (len(stage.room.publisher.public), stage.room.stats().num_clients) == (0, 0)
            assert len(stage.join(Viewer("bob")).replies) == 0
            await later(GRACE_MS / 1000 + 1)
            assert (len(stage.room.publisher.public), list(stage.room.state.actors)) == (1, ["bob"])

    play(dialogue)
    assert "a join failed" in caplog.text


def test_whom_a_rule_keeps_out_leaves_nothing_behind() -> None:
    async def dialogue() -> None:
        async with on_stage() as stage:
            banned = stage.join(Viewer("banned"))
            await settle()
            assert [type(one) for one in banned.refusals] == [Banned]
            state = stage.room.state
            assert (banned.replies, state.online, state.actors, "m:banned" in state.rows) == ([], 0, {}, False)
            assert stage.room.idle

    play(dialogue)


@pytest.mark.parametrize(
    ("epoch", "behind", "expected"),
    [
        ("own", 2, (True, True, 2)),
        ("own", 0, (True, True, 0)),
        ("other", 2, (True, False, 0)),
        ("own", -1, (True, False, 0)),
    ],
)
def test_recovery_is_whole_or_refused(epoch: str, behind: int, expected: tuple[bool, bool, int]) -> None:
    async def dialogue() -> None:
        async with on_stage() as stage:
            ada = stage.join(Viewer("ada"))
            for number in range(5):
                stage.shout(ada, str(number))
                await later(0.1)
            ring = stage.room.publisher.ring
            position = Position(offset=ring.offset - behind, epoch=ring.epoch if epoch == "own" else "other")
            back = stage.join(Viewer("ada", "ada-2"), position)
            [reply] = back.replies
            assert (reply.was_recovering, reply.recovered, len(reply.missed.publications)) == expected
            assert reply.offset == ring.offset
            offsets = [pub.offset for pub in reply.missed.publications]
            assert offsets == list(range(ring.offset - len(offsets) + 1, ring.offset + 1))
            await later(1)
            assert all(offset > reply.offset for offset in back.offsets())

    play(dialogue)


def test_many_tabs_are_one_user_until_the_last_ones_grace_is_over_and_then_he_is_forgotten() -> None:
    async def dialogue() -> None:
        async with on_stage() as stage:
            tabs = [stage.join(Viewer("ada", f"ada-{number}")) for number in range(3)]
            bob = stage.join(Viewer("bob"))
            await later(1)
            assert bob.last()["online"] == 2
            assert stage.room.stats().num_clients == 4
            for tab in tabs:
                stage.room.arrivals.leave(tab)
            await later(GRACE_MS / 1000 - 1)
            assert stage.room.state.online == 2
            assert "m:ada" in stage.room.state.rows
            await later(2)
            assert stage.room.state.online == 1
            assert bob.last() == {"events": [], "online": 1}
            assert "m:ada" not in stage.room.state.rows
            assert list(stage.room.state.actors) == ["bob"]

    play(dialogue)


# --- ticks


def test_the_first_event_leaves_in_the_same_turn_but_not_before_its_sender_has_gone_on() -> None:
    async def dialogue() -> None:
        async with on_stage() as stage:
            ada = stage.join(Viewer("ada"))
            await stage.quiet()
            ada.frames.clear()
            start = stage.loop.time()
            stage.shout(ada)
            assert ada.frames == []
            await asyncio.sleep(0)
            assert [event["text"] for event in ada.events()] == ["hi"]
            assert stage.loop.time() == start

    play(dialogue)


def test_a_busy_room_sends_one_batch_a_tick_with_offsets_that_grow_by_one_and_who_is_online() -> None:
    async def dialogue() -> None:
        async with on_stage() as stage:
            ada, bob = stage.join(Viewer("ada")), stage.join(Viewer("bob"))
            await stage.quiet()
            ada.frames.clear()
            start, first = stage.loop.time(), stage.room.publisher.ring.offset
            for number in range(100):
                stage.shout(ada, str(number))
                await later(0.01)
            ticks = (stage.loop.time() - start) / TICK_SECONDS
            assert ticks - 1 <= len(ada.pubs()) <= ticks + 1.1
            assert len(ada.frames) == len(ada.pubs())
            assert ada.offsets() == list(range(first + 1, first + 1 + len(ada.pubs())))
            await later(0.1)
            assert [event["text"] for event in ada.events()] == [str(number) for number in range(100)]
            assert all(pub["data"]["online"] == 2 for pub in ada.pubs())
            assert len({event["id"] for event in ada.events()}) == 100
            assert bob.events() == ada.events()

    play(dialogue)


def test_a_room_whose_batches_take_long_to_write_has_a_longer_tick() -> None:
    async def dialogue() -> None:
        async with on_stage() as stage:
            slow = stage.join(Viewer("ada"))
            await stage.quiet()
            assert stage.room.publisher.tick == TICK_SECONDS
            write = slow.write

            def write_slowly(frame: bytes) -> None:
                stage.loop.now += 0.1
                write(frame)

            stage.room.publisher.public.unfollow(slow)
            slow.write = write_slowly  # type: ignore[method-assign]
            stage.room.publisher.public.follow(slow)
            stage.shout(slow)
            await settle()
            assert stage.room.publisher.tick == pytest.approx(0.2)
            stage.shout(slow)
            before = len(slow.frames)
            await later(0.15)
            assert len(slow.frames) == before
            await later(0.1)
            assert len(slow.frames) == before + 1

    play(dialogue)


def test_what_exceeds_a_lane_is_shed_told_to_its_sender_and_counted_for_all() -> None:
    async def dialogue() -> None:
        async with on_stage() as stage:
            ada = stage.join(Viewer("ada"))
            await stage.quiet()
            ada.frames.clear()
            most = BUDGETS[Lane.DANMAKU]
            told = [stage.shout(ada, str(number)) for number in range(most + 3)]
            assert told == [[]] * (most + 3)
            await settle()
            assert [one[0]["status"] for one in told] == ["accepted"] * most + ["shed"] * 3  # type: ignore[index]
            assert len(ada.events()) == most
            assert ada.last()["shed"] == {"danmaku": 3}
            stage.shout(ada)
            await later(0.1)
            assert "shed" not in ada.last()

    play(dialogue)


@pytest.mark.parametrize(("step", "shown"), [(Step.BUSY, 50), (Step.STRAINED, 25), (Step.OVERLOADED, 5)])
def test_a_server_that_lags_shows_less_and_says_how_much_it_shed(step: Step, shown: int) -> None:
    async def dialogue() -> None:
        async with on_stage() as stage:
            ada = stage.join(Viewer("ada"))
            await stage.quiet()
            stage.shell.load.step = step
            told = [stage.shout(ada, str(number)) for number in range(50)]
            await settle()
            assert [one[0]["status"] for one in told].count("accepted") == shown  # type: ignore[index]
            assert ada.last().get("shed", {}).get("danmaku", 0) == 50 - shown

    play(dialogue)


def test_a_reply_that_waits_for_its_tick_says_how_many_were_reached() -> None:
    async def dialogue() -> None:
        async with on_stage() as stage:
            host = stage.join(Viewer("host", role=Role.HOST))
            for number in range(4):
                stage.join(Viewer("ada", f"ada-{number}"))
            await stage.quiet()
            told = stage.ask(Paint(room="demo", key="k"), host)
            await later(0.1)
            assert told == [{"coats": 1, "online": 2, "reached": 5}]
            again = stage.ask(Paint(room="demo", key="k"), host)
            await later(0.1)
            assert again == [{"coats": 1, "online": None, "reached": None}]

    play(dialogue)


def test_what_is_for_one_person_or_for_hosts_or_for_nobody_goes_to_nobody_else() -> None:
    async def dialogue() -> None:
        async with on_stage() as stage:
            ada, bob = stage.join(Viewer("ada")), stage.join(Viewer("bob"))
            host = Viewer("host", role=Role.HOST)
            await stage.quiet()
            stage.room.arrivals.join(host, Kind.HOST, None, host.joined, host.refusals.append)
            await settle()
            stage.shell.people.add("ada", ada)
            stage.shell.people.add("bob", bob)
            stage.ask(Drop(room="demo"), ada)
            await later(0.1)
            assert [pub["data"]["events"][0]["type"] for pub in ada.pubs("#ada")] == ["jar.thanked"]
            assert "online" not in ada.pubs("#ada")[0]["data"]
            assert [pub["data"]["events"][0]["type"] for pub in host.pubs("host:demo")] == ["jar.thanked"]
            assert bob.pubs("#bob") == []
            assert [event["type"] for event in bob.events()] == ["jar.dropped"]
            assert stage.room.state.state(Seen).events == ["jar.dropped", "jar.thanked", "jar.noted"]
            everything = b"".join(ada.frames + bob.frames + host.frames)
            assert b"jar.noted" not in everything
            stage.room.arrivals.leave(host, Kind.HOST)
            host.frames.clear()
            stage.ask(Drop(room="demo"), ada)
            await later(0.1)
            assert host.frames == []

    play(dialogue)


def test_all_that_a_turn_has_for_one_person_is_one_frame() -> None:
    async def dialogue() -> None:
        async with on_stage() as stage:
            ada = stage.join(Viewer("ada"))
            stage.shell.people.add("ada", ada)
            thanked = Thanked(user=User(id="ada", name="Ada"))
            stage.room.publisher.tell([Stamped(id=one, at=1, event=thanked) for one in ("1", "2")])
            [told] = ada.pubs("#ada")
            assert [event["id"] for event in told["data"]["events"]] == ["1", "2"]

    play(dialogue)


def test_only_hosts_and_moderators_hear_the_cues() -> None:
    async def dialogue() -> None:
        async with on_stage() as stage:
            ada = Viewer("ada")
            stage.room.arrivals.join(ada, Kind.HOST, None, ada.joined, ada.refusals.append)
            await settle()
            assert [type(one) for one in ada.refusals] == [PermissionDenied]
            assert len(stage.room.publisher.hosts) == 0

    play(dialogue)


def test_whom_a_rule_keeps_out_does_not_listen_with_the_hosts_either() -> None:
    async def dialogue() -> None:
        async with on_stage() as stage:
            banned = Viewer("banned", role=Role.MODERATOR)
            stage.room.arrivals.join(banned, Kind.HOST, None, banned.joined, banned.refusals.append)
            await settle()
            assert [type(one) for one in banned.refusals] == [Banned]
            assert (len(stage.room.publisher.hosts), "m:banned" in stage.room.state.rows) == (0, False)

    play(dialogue)


def test_a_fault_in_one_tick_is_answered_and_does_not_stop_the_next() -> None:
    async def dialogue() -> None:
        async with on_stage() as stage:
            ada = stage.join(Viewer("ada"))
            await stage.quiet()
            told = stage.shout(ada, "\ud800")  # no JSON holds it; no decoder lets it in
            await later(0.2)
            assert [type(one) for one in told] == [InternalError]
            stage.shout(ada, "well")
            bob = stage.join(Viewer("bob"))
            await settle()
            stage.room.arrivals.leave(bob)
            await later(GRACE_MS / 1000 + 1)
            assert [event["text"] for event in ada.events()] == ["well"]
            assert stage.room.state.online == 1

    play(dialogue)


# --- slow connections


def test_a_paused_visitor_misses_nothing_and_hears_nothing_twice() -> None:
    async def dialogue() -> None:
        async with on_stage() as stage:
            ada, slow = stage.join(Viewer("ada")), stage.join(Viewer("slow"))
            for number in range(30):
                if number % 7 == 2:
                    slow.pause()
                if number % 7 == 5:
                    written = len(slow.frames)
                    assert slow.resume()
                    assert len(slow.frames) == written + 3
                    assert all(any(frame is one for one in ada.frames) for frame in slow.frames[written:])  # the same
                stage.shout(ada, str(number))
                await later(0.06)
            if slow.paused:
                slow.resume()
            await later(1)
            assert slow.offsets() == ada.offsets()
            assert slow.events() == ada.events()

    play(dialogue)


def test_a_visitor_whose_transport_fills_up_again_while_he_catches_up_stays_paused() -> None:
    async def dialogue() -> None:
        async with on_stage() as stage:
            ada, slow = stage.join(Viewer("ada")), stage.join(Viewer("slow"))
            await stage.quiet()
            slow.pause()
            for number in range(3):
                stage.shout(ada, str(number))
                await later(0.06)
            slow.full_after = len(slow.frames) + 2
            assert slow.resume()
            assert slow.paused
            stage.shout(ada, "3")
            await later(0.1)
            assert len(slow.events()) == 2  # as much as he took
            assert slow.resume()
            assert slow.offsets() == ada.offsets()

    play(dialogue)


def test_a_visitor_whose_transport_is_full_at_his_join_hears_nothing_before_it_is_not() -> None:
    async def dialogue() -> None:
        async with on_stage() as stage:
            slow = Viewer("slow")
            slow.paused = True
            stage.join(slow)
            await settle()
            assert len(slow.replies) == 1
            assert (stage.room.publisher.public.up_to_date, len(stage.room.publisher.public)) == (0, 1)

    play(dialogue)


def test_a_gap_that_the_log_no_longer_holds_is_told() -> None:
    async def dialogue() -> None:
        async with on_stage() as stage:
            ada, slow = stage.join(Viewer("ada")), stage.join(Viewer("slow"))
            await stage.quiet()
            slow.pause()
            for number in range(BATCHES + 1):
                stage.shout(ada, str(number))
                await later(0.06)
            written = len(slow.frames)
            assert not slow.resume()
            assert len(slow.frames) == written
            assert slow not in stage.room.publisher.public.channel.members()

    play(dialogue)


def test_after_a_loss_of_data_a_new_log_is_not_taken_for_the_old_one() -> None:
    async def dialogue() -> None:
        async with on_stage() as stage:
            ada, slow = stage.join(Viewer("ada")), stage.join(Viewer("slow"))
            await stage.quiet()
            slow.pause()
            stage.room.data_lost(RoomFacts(seq=0, counters={"coins": 7}, exhausted=frozenset({"mug"})))
            assert ada.lost == ["room:demo"]
            for number in range(9):
                stage.shout(ada, str(number))
                await later(0.06)
            assert not slow.resume()
            assert (stage.room.state.counters, stage.room.state.exhausted) == ({"coins": 7}, {"mug"})
            loads = len(stage.store.loads)
            stage.join(Viewer("ada", "ada-2"))
            await settle()
            assert len(stage.store.loads) == loads + 1

    play(dialogue)


# --- asking


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


def placed(subject: str, value: float) -> Write:
    return Write(subject=subject, id="c", version=0, body=b"{}", scores=(Score(board="coins", value=value),))


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


def test_history_begins_after_a_position_or_ends_with_the_newest() -> None:
    async def dialogue() -> None:
        async with on_stage() as stage:
            ada = stage.join(Viewer("ada"))
            await stage.quiet()
            for number in range(4):
                stage.shout(ada, str(number))
                await later(0.06)
            ring, room = stage.room.publisher.ring, stage.room

            def offsets(limit: int, behind: int | None = None, *, reverse: bool = False) -> list[int]:
                since = None if behind is None else Position(offset=ring.offset - behind, epoch=ring.epoch)
                return [
                    p.offset - ring.offset for p in room.publisher.history(limit, since, reverse=reverse).publications
                ]

            assert offsets(0) == []
            assert offsets(-1, 3) == [-2, -1, 0]
            assert offsets(2, 3) == [-2, -1]
            assert offsets(2, reverse=True) == [0, -1]
            with pytest.raises(UnrecoverablePosition):
                room.publisher.history(1, Position(offset=1, epoch="other"), reverse=False)

    play(dialogue)


# --- time and end


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


def test_a_closed_room_has_no_timers() -> None:
    async def dialogue() -> None:
        async with on_stage() as stage:
            ada = stage.join(Viewer("ada"))
            await stage.quiet()
            stage.room.arrivals.leave(ada)
            stage.shout(ada)
            written = len(ada.frames)
            stage.room.close()
            await later(GRACE_MS / 1000 + 5)
            assert stage.room.state.online == 1
            assert len(ada.frames) == written

    play(dialogue)


def _fail(_: SubscribeResult) -> bool:
    raise ZeroDivisionError


# --- who has to go


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


# --- the audit log


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


# --- asking the platform before words are shown


class Platform:
    """Answers when the test says so."""

    def __init__(self) -> None:
        self.questions: list[asyncio.Future[bytes]] = []

    async def asked(self, body: bytes, headers: Mapping[str, str], *, most: int) -> bytes:
        self.questions.append(asyncio.get_running_loop().create_future())
        return await self.questions[-1]

    async def answer(self, *, allow: bool) -> None:
        self.questions.pop(0).set_result(orjson.dumps({"answers": [{"allow": allow}]}))
        await later(PACE)


@asynccontextmanager
async def moderated() -> AsyncIterator[tuple[Stage, Platform]]:
    async with on_stage() as stage:
        platform = Platform()
        hook = Hook(url="https://shop.example/", secrets=(b"x" * 32,), deadline=3.0)
        stage.shell.prepublish = Prepublish(hook, platform, stage.metrics)
        yield stage, platform
        await stage.shell.prepublish.close()


def test_words_are_shown_when_the_platform_allows_them_and_not_before() -> None:
    async def dialogue() -> None:
        async with moderated() as (stage, platform):
            ada, bob = stage.join(Viewer("ada")), stage.join(Viewer("bob"))
            await stage.quiet()
            first, second = stage.shout(ada, "first"), stage.shout(ada, "second")
            await later(PACE)
            assert (first, bob.events("jar.shouted")) == ([], [])
            await platform.answer(allow=True)
            assert [event["text"] for event in bob.events("jar.shouted")] == ["first"]
            assert len(first) == 1
            await platform.answer(allow=False)
            await stage.quiet()
            [refusal] = second
            assert isinstance(refusal, NotAllowed)
            assert [event["text"] for event in bob.events("jar.shouted")] == ["first"]

    play(dialogue)


def test_while_the_platform_is_asked_what_is_durable_goes_on() -> None:
    async def dialogue() -> None:
        async with moderated() as (stage, _):
            ada = stage.join(Viewer("ada"))
            await stage.quiet()
            shouted, dropped = stage.shout(ada), stage.ask(Drop(room="demo", coins=2), ada)
            await later(PACE)
            assert (shouted, len(dropped)) == ([], 1)

    play(dialogue)


def test_words_of_who_has_gone_in_the_meantime_are_not_shown() -> None:
    async def dialogue() -> None:
        async with moderated() as (stage, _):
            ada, bob = stage.join(Viewer("ada")), stage.join(Viewer("bob"))
            await stage.quiet()
            shouted = [stage.shout(ada, str(n)) for n in range(4)]
            ada.gone = True
            stage.room.arrivals.leave(ada)
            await later(13)  # nobody answers for 3 s each, and the grace is 10 s
            assert [event["text"] for event in bob.events("jar.shouted")] == ["0", "1", "2"]
            assert isinstance(shouted[3][0], NotJoined)

    play(dialogue)


def test_a_retry_waits_for_the_answer_that_the_first_one_waits_for() -> None:
    async def dialogue() -> None:
        async with moderated() as (stage, platform):
            ada = stage.join(Viewer("ada"))
            await stage.quiet()
            first, again = stage.shout(ada, key="k"), stage.shout(ada, key="k")
            await later(PACE)
            assert len(platform.questions) == 1
            await platform.answer(allow=True)
            assert first == again
            assert len(ada.events("jar.shouted")) == 1

    play(dialogue)
