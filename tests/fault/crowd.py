"""A few members with a device each: they come, tap, are cut off, and come back with the same keys."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from tests.fault.client import BUSY, STORE_AWAY, Device, Tap
from tests.fault.room_process import RoomProcess

Pairs = list[tuple[Device, Tap]]

IN_FLIGHT = 16
"""Check-ins under way at any moment of a burst."""


def new_taps(number: int, members: int) -> list[Tap]:
    """One tap of each of so many new members; the number tells one crowd from another."""
    return [Tap(f"member-{number}-{member}", f"key-{number}") for member in range(members)]


def acknowledged(taps: Iterable[Tap]) -> int:
    """How many have their receipt."""
    return sum(tap.receipt is not None for tap in taps)


async def enter(server: RoomProcess, taps: Iterable[Tap], room: str = "demo") -> Pairs:
    """A device in the room for each tap."""
    pairs = [(Device(tap.user, room), tap) for tap in taps]
    for device, tap in pairs:
        await device.join(server.url, server.token(tap.user))
    return pairs


def send(pairs: Pairs) -> list[asyncio.Future[Tap]]:
    """All taps are on their way at once."""
    return [device.tap(tap) for device, tap in pairs]


async def burst(pairs: Pairs, strike_at: int, strike: Callable[[], None]) -> int:
    """Let all check in, so many at a time, and strike at the n-th acknowledgement; how many others were under way."""
    loop = asyncio.get_running_loop()
    waiting = iter(pairs)
    sent: list[asyncio.Future[Tap]] = []
    acknowledged = under_way = struck_with = 0

    def answered(tap: Tap) -> None:
        nonlocal acknowledged, under_way, struck_with
        under_way -= 1
        send_next()
        acknowledged += tap.refusal is None
        if tap.refusal is None and acknowledged == strike_at:
            loop.call_soon(strike)  # behind the check-in that was just sent
            struck_with = under_way

    def send_next() -> None:
        nonlocal under_way
        for device, tap in waiting:
            under_way += 1
            sent.append(device.tap(tap, answered))
            return

    for _ in range(IN_FLIGHT):
        send_next()
    for answer in sent:  # it grows until all are sent
        await answer
    assert len(sent) == len(pairs)
    return struck_with


async def settle(pairs: Pairs) -> None:
    """Every tap is sent again with its key until it gets its receipt; one that had one gets the same as a replay."""
    for device, tap in pairs:
        known = tap.receipt is not None
        while (refusal := (await device.tap(tap)).refusal) is not None:
            assert refusal.code in (STORE_AWAY, BUSY)
            assert refusal.temporary
        assert not known or tap.again[-1]["replayed"] is True


def leave(pairs: Pairs) -> None:
    """All hang up."""
    for device, _ in pairs:
        device.hang_up()


async def gone(pairs: Pairs) -> None:
    """Wait for the end of all connections."""
    for device, _ in pairs:
        await device.until(device.is_lost)
