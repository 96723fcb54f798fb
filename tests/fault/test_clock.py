"""Clocks that disagree, over midnight and the hour that is there twice: a day is credited once, and none is lost."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from roomserver.embedded import Embedded
from tests.fault.client import Device, Tap, without_replayed
from tests.fault.figures import Book, Figures
from tests.fault.invariants import judge, read
from tests.fault.room_process import room_process

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
