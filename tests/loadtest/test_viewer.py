import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

import pytest

from loadtest.cast import Cast
from loadtest.faults import WireFault
from loadtest.platform import Platform
from loadtest.recording import Recording
from loadtest.target import parse_target
from loadtest.viewer import Venue, Viewer
from tests.loadtest.fake_room import Batch, FakeRoom, Guest, fake_room
from tests.patience import until

MEMBER = Cast(seed=1, run="t").member(0)


class Slow(Random):
    """Chance at its slowest: every pause takes ten minutes."""

    def uniform(self, a: float, b: float) -> float:
        return 600.0


@asynccontextmanager
async def entered(room: FakeRoom, rng: Random | None = None) -> AsyncIterator[Viewer]:
    """A viewer who has entered, and stays until the test is over."""
    recording = Recording()
    async with fake_room(room), Platform(parse_target(room.url), "demo", "t", None) as platform:
        venue = Venue(
            target=parse_target(room.url),
            room="demo",
            tokens=platform,
            log=recording.log,
            decoder=recording.decoder,
            heard=recording.census.heard,
        )
        viewer = Viewer(MEMBER, MEMBER.user, venue, rng or Random(1))
        await viewer.enter()
        async with asyncio.TaskGroup() as group:
            group.create_task(viewer.stay())
            yield viewer
            viewer.leave()


def offset(viewer: Viewer) -> int:
    return viewer.audit.position.offset if viewer.audit.position else -1


async def test_a_viewer_hears_the_room() -> None:
    room = FakeRoom()
    async with entered(room) as viewer:
        room.publish({"type": "danmaku.said"})
        await until(lambda: offset(viewer) == 2)
        assert viewer.audit.tally.clean
        assert viewer.bytes_in > 0


async def test_a_lost_connection_is_recovered() -> None:
    room = FakeRoom()
    async with entered(room) as viewer:
        room.guests[0].writer.transport.abort()
        await until(lambda: not viewer.inside.is_set())
        room.publish({"type": "danmaku.said"})
        await until(viewer.inside.is_set)
        await until(lambda: offset(viewer) == 3)
        assert viewer.reconnects == 1
        assert viewer.audit.tally.clean
        assert viewer.audit.tally.gaps == 0


async def test_who_leaves_waits_no_more_to_come_back() -> None:
    room = FakeRoom()
    async with asyncio.timeout(60), entered(room, Slow(1)) as viewer:
        room.guests[0].writer.transport.abort()
        await until(lambda: not viewer.inside.is_set())
    assert viewer.reconnects == 0


async def test_too_long_away_is_a_declared_gap() -> None:
    room = FakeRoom()
    async with entered(room) as viewer:
        room.guests[0].writer.transport.abort()
        await until(lambda: not viewer.inside.is_set())
        for _ in range(9):
            room.publish({"type": "danmaku.said"})
        await until(viewer.inside.is_set)
        assert (viewer.audit.tally.gaps, viewer.audit.tally.missed) == (1, 9)
        assert viewer.audit.tally.clean


async def test_insufficient_state_is_answered_by_joining_again() -> None:
    room = FakeRoom()
    async with entered(room) as viewer:
        room.unsubscribe()
        room.publish({"type": "danmaku.said"})
        await until(lambda: offset(viewer) >= 3)
        assert viewer.reconnects == 0
        assert viewer.audit.tally.clean


async def test_who_is_sent_away_does_not_come_back() -> None:
    room = FakeRoom()
    async with entered(room) as viewer:
        room.close(3503)
        await until(lambda: viewer.ended)
        await until(lambda: not room.guests)
        assert viewer.reconnects == 0


async def test_the_reply_to_the_join_counts_before_a_batch_in_the_same_frame() -> None:
    room = FakeRoom()

    def together(guest: Guest, number: int) -> None:
        guest.inside = True
        join = {"id": number, "subscribe": {"epoch": "e", "offset": 0}}
        pub: Batch = {"offset": 1, "data": {"events": [{"type": "x", "id": "1"}]}}
        guest.say(join, {"push": {"channel": "room:demo", "pub": pub}})

    room.answer_join = together
    async with entered(room) as viewer:
        await until(lambda: offset(viewer) == 1)
        assert viewer.audit.tally.clean


async def test_a_refused_viewer_is_one_sentence() -> None:
    room = FakeRoom()
    room.answer_join = lambda guest, number: guest.say({"id": number, "error": {"code": 102, "message": "unknown"}})
    with pytest.raises(WireFault, match=r"into room:demo: 102 unknown\.$"):
        async with entered(room):
            pass


async def test_who_is_put_off_tries_again() -> None:
    room = FakeRoom()
    refused: list[int] = []

    def put_off(guest: Guest, number: int) -> None:
        refused.append(number)
        busy = {"code": 1010, "message": "the server is busy; retry in 1 ms", "temporary": True}
        guest.say({"id": number, "error": busy})
        if len(refused) == 2:
            room.answer_join = None

    room.answer_join = put_off
    async with entered(room) as viewer:
        assert viewer.inside.is_set()
        assert viewer.reconnects == 0
    assert len(refused) == 2
