"""A backup is a copy of the data folder, taken while the room goes on; what was acknowledged before is in it."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from roomserver.embedded import Embedded
from tests.fault.crowd import enter, leave, new_taps, send, settle
from tests.fault.figures import Book, Figures
from tests.fault.invariants import judge, read
from tests.fault.room_process import embedded_url, room_process

pytestmark = [pytest.mark.store, pytest.mark.fault, pytest.mark.slow]

MEMBERS = 30


def copied(data: Path, backup: Path) -> None:
    """What docs/operations.md says: everything but the socket."""
    shutil.copytree(data, backup, ignore=shutil.ignore_patterns("*.sock"))


async def test_a_copy_taken_under_load_has_all_that_was_acknowledged_before_it(tmp_path: Path, figures: Book) -> None:
    data, backup = tmp_path / "data", tmp_path / "backup"
    before, during = new_taps(0, MEMBERS), new_taps(1, MEMBERS)
    async with room_process("--data", str(data)) as server:
        await settle(await enter(server, before))
        pairs = await enter(server, during)
        answers = send(pairs)
        await asyncio.to_thread(copied, data, backup)
        for answer in answers:
            await answer
        leave(pairs)
    async with Embedded(backup) as restored:
        judgement = judge(read(restored.url, "demo"), before)
    figures(Figures.of("restored from a copy taken under load", 1, 1, judgement))
    assert judgement.broken == []


async def test_a_server_on_the_copy_goes_on_where_it_was_taken(tmp_path: Path) -> None:
    """What was acknowledged after the copy is gone with the folder, and may be done again: once."""
    data, backup = tmp_path / "data", tmp_path / "backup"
    taps = new_taps(0, 3)
    async with room_process("--data", str(data)) as server:
        await settle(await enter(server, taps[:2]))
        await asyncio.to_thread(copied, data, backup)
    async with room_process("--data", str(backup)) as server:
        await settle(await enter(server, taps))
        stored = read(embedded_url(backup), "demo")
    assert judge(stored, taps).broken == []
