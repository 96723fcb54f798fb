"""When a room is flushed."""

from __future__ import annotations

import asyncio

import pytest

from presence.here import GRACE_MS
from roomserver.ticks import TICK_SECONDS
from tests.roomserver.hand_time import later, play, settle
from tests.roomserver.stage import Viewer, on_stage


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
