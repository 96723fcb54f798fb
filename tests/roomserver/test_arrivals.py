"""Who comes into a room and who goes."""

from __future__ import annotations

import orjson
import pytest

from presence.feature import counts
from presence.here import GRACE_MS
from room.people import Role
from room.refusal import (
    InternalError,
    PermissionDenied,
    StoreAway,
)
from room.row import Row
from roomserver.centrifuge.channels import Kind
from roomserver.centrifuge.commands import Position
from roomserver.centrifuge.replies import SubscribeResult
from tests.roomserver.hand_time import later, play, settle
from tests.roomserver.jars import Banned, Drop
from tests.roomserver.stage import Viewer, on_stage


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
            assert ada.refusals == []  # the store was not away, and nobody hears it
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


def _fail(_: SubscribeResult) -> bool:
    raise ZeroDivisionError


def test_a_fault_in_a_join_is_answered_and_leaves_nothing_behind(caplog: pytest.LogCaptureFixture) -> None:
    async def dialogue() -> None:
        async with on_stage() as stage:
            ada = Viewer("ada")
            stage.room.arrivals.join(ada, Kind.ROOM, None, _fail, ada.refusals.append)
            await settle()
            assert [type(one) for one in ada.refusals] == [InternalError]
            assert (len(stage.room.publisher.public), counts(stage.room.state)[1]) == (0, 0)
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
            assert counts(stage.room.state)[1] == 4
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
