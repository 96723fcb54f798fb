# ruff: noqa: N802 - the rows of the table are called T1, T2, ...
"""Two devices of one member, or many, check in at the same moment: one day, one set of rewards, one receipt."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio

from roomserver.embedded import Embedded
from tests.fault.client import Device, Tap, without_replayed
from tests.fault.invariants import credited, read, violations
from tests.fault.room_process import RoomProcess, room_process

pytestmark = [pytest.mark.store, pytest.mark.fault]

MEMBERS = 100
DEVICES, TAPS = 20, 50
TOO_MANY_REQUESTS, CONTENDED = 111, 1004
CONFLICTS = "roomserver_commit_conflicts_total"

log = logging.getLogger(__name__)


@pytest_asyncio.fixture
async def servers(embedded: Embedded) -> AsyncIterator[list[RoomProcess]]:
    """Two servers that share one store."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(room_process("--redis", embedded.url)) for _ in range(2)]


async def pair(member: int, first: RoomProcess, second: RoomProcess) -> tuple[Device, Device]:
    """Two devices of a member, both in the room."""
    user = f"member-{member}"
    devices = Device(user, "demo"), Device(user, "demo")
    for device, server in zip(devices, (first, second), strict=True):
        await device.join(server.url, server.token(user))
    return devices


async def tap_together(devices: tuple[Device, Device]) -> list[Tap]:
    """Both taps are on their way before either answer is read."""
    answers = [device.tap(Tap(device.user, f"device-{number}")) for number, device in enumerate(devices)]
    return [await answer for answer in answers]


async def tap_in_waves(pairs: list[tuple[Device, Device]]) -> list[Tap]:
    """One half of the pairs one after the other, the other half all at once."""
    one_by_one, at_once = pairs[: len(pairs) // 2], pairs[len(pairs) // 2 :]
    taps = [tap for devices in one_by_one for tap in await tap_together(devices)]
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(tap_together(devices)) for devices in at_once]
    return taps + [tap for task in tasks for tap in task.result()]


def assert_one_receipt_each(taps: list[Tap]) -> None:
    """Both devices have a receipt, and exactly one of the two says that it is no replay."""
    assert [tap.refusal for tap in taps if tap.refusal is not None] == []
    replays = [tap.receipt["replayed"] for tap in taps if tap.receipt is not None]
    assert len(replays) == 2 * MEMBERS
    assert all(sorted(two) == [False, True] for two in zip(replays[::2], replays[1::2], strict=True))


async def retry_across(pairs: list[tuple[Device, Device]], taps: list[Tap]) -> None:
    """Each tap once more with its key, from the member's other device."""
    others = [device for devices in pairs for device in reversed(devices)]
    for answer in [device.tap(tap) for device, tap in zip(others, taps, strict=True)]:
        tap = await answer
        assert tap.refusal is None
        assert tap.again[-1]["replayed"] is True


@pytest.mark.parametrize("workers", [1, 2])
async def test_two_devices_at_once_get_one_receipt(
    servers: list[RoomProcess], embedded: Embedded, workers: int
) -> None:
    first, second = servers[0], servers[workers - 1]
    pairs = [await pair(member, first, second) for member in range(MEMBERS)]
    taps = await tap_in_waves(pairs)
    conflicts = sum(server.metric(CONFLICTS) for server in servers)
    log.info("%d double taps on %d servers: %d conflicts", MEMBERS, workers, conflicts)
    assert conflicts == 0 if workers == 1 else conflicts >= MEMBERS / 2
    assert_one_receipt_each(taps)
    await retry_across(pairs, taps)
    stored = read(embedded.url, "demo")
    assert violations(stored, taps) == []
    assert credited(stored) == MEMBERS


async def test_T2_a_thousand_taps_of_one_member_at_once_are_accepted_once(
    servers: list[RoomProcess], embedded: Embedded
) -> None:
    devices = [Device("ada", "demo") for _ in range(DEVICES)]
    for number, device in enumerate(devices):
        server = servers[number % 2]
        await device.join(server.url, server.token("ada"))

    waiting = [device.tap(Tap("ada", f"{n}-{tap}")) for tap in range(TAPS) for n, device in enumerate(devices)]
    taps = [await answer for answer in waiting]

    receipts = [tap.receipt for tap in taps if tap.receipt is not None]
    refusals = [tap.refusal for tap in taps if tap.refusal is not None]
    log.info("%d taps of one member: %d receipts, %d refused for now", len(taps), len(receipts), len(refusals))
    assert len(receipts) + len(refusals) == DEVICES * TAPS
    assert [receipt["replayed"] for receipt in receipts].count(False) == 1
    assert all(without_replayed(receipt) == without_replayed(receipts[0]) for receipt in receipts)
    assert all(refusal.temporary for refusal in refusals)
    assert {refusal.code for refusal in refusals} <= {TOO_MANY_REQUESTS, CONTENDED}
    stored = read(embedded.url, "demo")
    assert violations(stored, taps) == []
    assert credited(stored) == 1
