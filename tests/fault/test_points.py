"""The server is killed at the worst moments of a check-in's way to the store and back, one after the other."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import pytest

from roomserver.embedded import Embedded
from tests.fault.client import Tap
from tests.fault.crowd import Pairs, enter, gone, leave, new_taps, send, settle
from tests.fault.figures import Book, Figures, size
from tests.fault.gate import Gate, Moment, gate_to
from tests.fault.invariants import credited, judge, read
from tests.fault.room_process import RoomProcess, room_process

pytestmark = [pytest.mark.store, pytest.mark.fault, pytest.mark.slow]

ROUNDS = size(3, 20)
MEMBERS = 6
CHAINS = 2

Strike = Callable[[RoomProcess, Gate, Pairs], Awaitable[None]]


def at(moment: Moment) -> Strike:
    """Killed by the gate at a moment of the next commit."""

    async def strike(server: RoomProcess, gate: Gate, pairs: Pairs) -> None:
        gate.strike_at(moment, server.kill)
        send(pairs)

    return strike


async def at_the_first_receipt(server: RoomProcess, gate: Gate, pairs: Pairs) -> None:
    for device, tap in pairs:
        device.tap(tap, lambda _: server.kill())


async def while_it_is_told(server: RoomProcess, gate: Gate, pairs: Pairs) -> None:
    send(pairs)
    listener, _ = pairs[-1]
    await listener.hears("checkin.burst")
    server.kill()


async def while_it_drains(server: RoomProcess, gate: Gate, pairs: Pairs) -> None:
    send(pairs)
    server.process.send_signal(signal.SIGTERM)
    first, _ = pairs[0]
    await first.until(first.is_lost)
    server.kill()


async def by_its_operator(server: RoomProcess, gate: Gate, pairs: Pairs) -> None:
    """Not killed at all: it stores and answers what it has accepted, and ends well."""
    answers = send(pairs)
    await answers[0]
    server.process.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(server.process.wait, 60) == 0
    for answer in answers:
        await answer


POINTS: dict[str, Strike] = {
    "before the store has a commit": at("commit"),
    "when the store has half of it": at("half"),
    "before the store's answer arrives": at("answer"),
    "as the store's answer arrives": at("answered"),
    "at the first receipt": at_the_first_receipt,
    "while it is told": while_it_is_told,
    "while it drains": while_it_drains,
    "not killed, but stopped": by_its_operator,
}


@pytest.mark.timeout(size(300, 3000))
async def test_wherever_a_server_is_killed_nothing_is_lost_or_doubled(
    embedded: Embedded, tmp_path: Path, figures: Book
) -> None:
    points = [name for name in POINTS for _ in range(ROUNDS)]
    async with asyncio.TaskGroup() as group:
        chains = [
            group.create_task(killed_at(points[n::CHAINS], embedded, tmp_path / f"{n}.sock")) for n in range(CHAINS)
        ]
    for chain in chains:
        figures(chain.result())


async def killed_at(points: Sequence[str], store: Embedded, way: Path) -> Figures:
    """A room, and a server after the other that is killed at a point; each settles what the one before it left."""
    taps: list[Tap] = []
    last: list[Tap] = []
    room = f"room-{way.stem}"
    async with gate_to(store.url, way) as gate:
        for number, point in enumerate(points):
            async with room_process("--redis", gate.url) as server:
                await settled(server, store, room, taps, last)
                last = new_taps(number, MEMBERS)
                taps += last
                pairs = await enter(server, last, room)
                await POINTS[point](server, gate, pairs)
                await gone(pairs)
        async with room_process("--redis", gate.url) as server:
            await settled(server, store, room, taps, last)
        judgement = judge(read(store.url, room), taps)
    assert judgement.broken == []
    return Figures.of("server killed -9 at named points, or stopped", len(points), len(points), judgement)


async def settled(server: RoomProcess, store: Embedded, room: str, taps: list[Tap], last: list[Tap]) -> None:
    """What was left is whole, and then complete."""
    assert judge(read(store.url, room), taps).broken == []
    pairs = await enter(server, last, room)
    await settle(pairs)
    leave(pairs)
    assert credited(read(store.url, room)) == len(taps)
