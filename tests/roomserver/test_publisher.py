"""What an open room says, and to whom."""

from __future__ import annotations

import pytest

from presence.here import GRACE_MS
from room.lanes import BUDGETS
from room.message import Lane, Stamped
from room.people import Role, User
from room.refusal import (
    InternalError,
    UnrecoverablePosition,
)
from roomserver.centrifuge.channels import Kind
from roomserver.centrifuge.commands import Position
from roomserver.load import Step
from roomserver.ring import BATCHES
from tests.roomserver.hand_time import later, play, settle
from tests.roomserver.jars import Drop, Paint, Seen, Thanked
from tests.roomserver.stage import Viewer, on_stage


@pytest.mark.parametrize(("step", "shown"), [(Step.CALM, 50), (Step.STRAINED, 25), (Step.OVERLOADED, 5)])
def test_it_is_crowded_when_twice_as_much_waits_as_the_next_batch_shows(step: Step, shown: int) -> None:
    async def dialogue() -> None:
        async with on_stage() as stage:
            ada = stage.join(Viewer("ada"))
            await stage.quiet()
            stage.shell.load.step = step
            for number in range(2 * shown):
                stage.shout(ada, str(number))
            crowded = [stage.room.publisher.crowded]
            stage.shout(ada, "one more")
            crowded.append(stage.room.publisher.crowded)
            await settle()
            assert [*crowded, stage.room.publisher.crowded] == [False, True, False]

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
            assert slow not in stage.room.publisher.public.listeners.members()

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


def test_how_many_are_here_is_told_four_times_a_second_and_at_once_when_it_was_quiet() -> None:
    async def dialogue() -> None:
        async with on_stage() as stage:
            ada = stage.join(Viewer("ada"))
            await stage.quiet()
            began, first = stage.loop.time(), len(ada.pubs())
            guests = [Viewer(f"guest-{number}", role=Role.GUEST) for number in range(200)]
            for number, guest in enumerate(guests):
                stage.join(guest)
                if number == 0:
                    await settle()
                    assert ada.last()["online"] == 2
                await later(0.01)
            await later(0.5)
            told = ada.pubs()[first:]
            assert ada.last()["online"] == 201
            assert len(told) <= 2 * 4 * (stage.loop.time() - began) + 1  # the count and merged entries

    play(dialogue)
