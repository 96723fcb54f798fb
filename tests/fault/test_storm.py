"""Everybody drops out at once with a check-in under way, and everybody comes back at once: each gets his receipt."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Iterable, Iterator

import pytest

from roomserver.embedded import Embedded
from tests.fault.client import Tap
from tests.fault.crowd import Pairs, acknowledged, enter, gone, leave, new_taps, settle
from tests.fault.figures import Book, Figures, size
from tests.fault.invariants import credited, judge, read
from tests.fault.room_process import RoomProcess, room_process

pytestmark = [pytest.mark.store, pytest.mark.fault, pytest.mark.slow]

MEMBERS = size(300, 2_000)
FILES = max(4 * MEMBERS, 4096)
"""Open at a time, at each end: those who come back do not wait until those who went are forgotten."""


@pytest.fixture
def many_files() -> Iterator[None]:
    """So many may be open; afterwards as many as before."""
    before, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    enough = before == resource.RLIM_INFINITY or before >= FILES
    resource.setrlimit(resource.RLIMIT_NOFILE, (before if enough else FILES, most))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (before, most))


@pytest.mark.usefixtures("many_files")
@pytest.mark.timeout(size(120, 600))
async def test_a_storm_of_reconnects_loses_and_doubles_nothing(embedded: Embedded, figures: Book) -> None:
    taps = new_taps(0, MEMBERS)
    async with room_process("--redis", embedded.url) as server:
        await enter(server, [Tap("first", "")])  # a thousand may wait for a room that nobody has opened yet
        pairs = await together(server, taps)
        for device, tap in pairs:
            device.tap(tap, lambda _: leave(pairs))  # at the first answer: all others are on their way
        await gone(pairs)
        sure = acknowledged(taps)
        loop = asyncio.get_running_loop()
        begun = loop.time()
        again = await together(server, taps)
        await settle(again)
        took = loop.time() - begun
        stored = read(embedded.url, "demo")
        assert server.metric("roomserver_conservation_violations_total") == 0
    judgement = judge(stored, taps)
    assert judgement.broken == []
    assert sure < MEMBERS
    assert credited(stored) == MEMBERS
    note = f"{MEMBERS} at once, {sure} acknowledged before, the last {took:.1f} s after"
    figures(Figures.of("everybody drops out and comes back at once", 1, MEMBERS, judgement, note))


async def together(server: RoomProcess, taps: Iterable[Tap]) -> Pairs:
    """A device in the room for each tap, all of whom come at the same moment."""
    async with asyncio.TaskGroup() as group:
        coming = [group.create_task(enter(server, [tap])) for tap in taps]
    return [pair for one in coming for pair in one.result()]
