"""Clocks that disagree or jump, over midnight and the hour that is there twice: each day is credited once."""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from roomserver.embedded import Embedded, find_program
from tests.conftest import Require
from tests.fault.client import Device, Tap, without_replayed
from tests.fault.figures import Book, Figures
from tests.fault.invariants import judge, read
from tests.fault.room_process import RoomProcess, room_process
from tests.patience import until

pytestmark = [pytest.mark.store, pytest.mark.fault]

CASES = {
    "midnight": ("UTC", "00:00", "2026-11-21T23:59:00Z", "2026-11-22T00:01:00Z"),
    "the hour that is skipped": ("Europe/Berlin", "02:30", "2026-03-29T00:50:00Z", "2026-03-29T01:40:00Z"),
    "the hour that comes twice": ("Europe/Berlin", "02:30", "2026-10-25T00:20:00Z", "2026-10-25T01:40:00Z"),
}
"""Zone and boundary of the room's days, and the two clocks."""

MEMBERS = 5


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
async def test_a_server_whose_clock_is_behind_credits_no_day_twice_and_goes_back_to_none(
    embedded: Embedded, tmp_path: Path, figures: Book, case: str
) -> None:
    """A member is credited ahead of the change of days, then taps where it is still yesterday."""
    zone, boundary, behind, ahead = CASES[case]
    (tmp_path / "room.toml").write_text(f'[rooms]\nzone = "{zone}"\nboundary = "{boundary}"\n')
    async with AsyncExitStack() as stack:
        early, late = [
            await stack.enter_async_context(
                room_process("--redis", embedded.url, "--config", str(tmp_path / "room.toml"), "--now", now)
            )
            for now in (behind, ahead)
        ]
        taps = []
        for number in range(MEMBERS):
            first, second = Tap(f"member-{number}", "first"), Tap(f"member-{number}", "second")
            taps += [first, second]
            for server, tap in ((late, first), (early, second)):
                device = Device(tap.user, "demo")
                await device.join(server.url, server.token(tap.user))
                await device.tap(tap)
                device.hang_up()
            assert first.received()["day"] == ahead[:10]
            assert without_replayed(second.received()) == without_replayed(first.received())
        judgement = judge(read(embedded.url, "demo"), taps)
    assert judgement.broken == []
    figures(Figures.of(f"clocks apart over {case}", MEMBERS, MEMBERS, judgement))


A_WHILE = timedelta(minutes=2)
"""Longer than a test takes, and no longer than any of the jumps."""

LIBRARY = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
"""What Debian's `faketime` brings for programs of several threads."""


class Dated:
    """The clock of a store's machine, which can be set (by libfaketime) while the store is down."""

    def __init__(self, folder: Path, library: Path) -> None:
        self._instant = folder / "instant"
        self.program = folder / "dated"
        real, _ = find_program()
        fake = f"LD_PRELOAD={shlex.quote(str(library))} FAKETIME_DONT_FAKE_MONOTONIC=1 TZ=UTC"
        date = f'FAKETIME="@$(cat {shlex.quote(str(self._instant))})"'
        self.program.write_text(f'#!/bin/sh\nexec env {fake} {date} {shlex.quote(real)} "$@"\n')
        self.program.chmod(0o700)

    def set(self, instant: str) -> None:
        self._instant.write_text(f"{datetime.fromisoformat(instant):%Y-%m-%d %H:%M:%S}")


async def visit(server: RoomProcess, user: str) -> Device:
    device = Device(user, "demo")
    await device.join(server.url, server.token(user))
    return device


async def jumped(store: Embedded, clock: Dated, server: RoomProcess, instant: str) -> None:
    """The store is killed, comes back at another instant, and the server has seen it."""
    scout, restarts = await visit(server, instant), store.restarts
    clock.set(instant)
    os.kill(store.pid, signal.SIGKILL)
    await until(lambda: store.restarts > restarts)
    while (await scout.tap(Tap(instant, "there"))).refusal is not None:  # his first: it has to be stored
        pass
    wanted = datetime.fromisoformat(instant)

    async def seen() -> bool:
        return wanted <= await clock_of(scout) < wanted + A_WHILE

    await until(seen)
    scout.hang_up()


async def clock_of(device: Device) -> datetime:
    """What time it is in the room, by what somebody says there; who has said too much waits."""
    text = f"now {len(device.heard)}"
    while (await device.ask("danmaku.send", text=text)).error is not None:  # noqa: ASYNC110 - time is what he waits for
        await asyncio.sleep(0.5)
    return datetime.fromtimestamp((await device.hears("danmaku.said", text=text))["at"] / 1000, UTC)


async def tapped(server: RoomProcess, tap: Tap) -> str:
    """A tap; the day of its receipt."""
    device = await visit(server, tap.user)
    await device.tap(tap)
    device.hang_up()
    return str(tap.received()["day"])


@pytest.mark.slow
@pytest.mark.parametrize("case", ["midnight", "the hour that comes twice"])
async def test_a_store_whose_clock_jumps_ahead_and_back_takes_nobody_back_a_day(
    tmp_path: Path, require: Require, figures: Book, case: str
) -> None:
    """Each member's streak goes on with the store's days; who was ahead when the clock goes back stays there."""
    require("faketime", LIBRARY)
    assert LIBRARY is not None
    zone, boundary, behind, ahead = CASES[case]
    (tmp_path / "room.toml").write_text(f'[rooms]\nzone = "{zone}"\nboundary = "{boundary}"\n')
    clock = Dated(tmp_path, LIBRARY)
    clock.set(behind)
    first, later = [[Tap(f"member-{n}", key) for n in range(MEMBERS)] for key in ("first", "later")]
    again = [Tap(f"member-{n}", "again") for n in range(MEMBERS)]
    new = [Tap(f"new-{n}", "first") for n in range(MEMBERS)]
    async with (
        Embedded(tmp_path / "store", program=str(clock.program)) as store,
        room_process("--redis", store.url, "--config", str(tmp_path / "room.toml")) as server,
    ):
        before = {await tapped(server, tap) for tap in first}
        await jumped(store, clock, server, ahead)
        assert {await tapped(server, tap) for tap in later} == {ahead[:10]}
        await jumped(store, clock, server, behind)
        assert {await tapped(server, tap) for tap in again} == {ahead[:10]}
        assert {await tapped(server, tap) for tap in new} == before
        judgement = judge(read(store.url, "demo"), first + later + again + new)
    assert judgement.broken == []
    assert before == {f"{datetime.fromisoformat(ahead).date() - timedelta(days=1)}"}
    assert [tap.received()["streak"] for tap in later + again] == [2] * 2 * MEMBERS
    figures(Figures.of(f"the store's clock jumps over {case} and back", 2, 2, judgement))
