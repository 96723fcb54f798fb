"""A store that has no room left: nothing is promised, nothing is lost, and it heals by itself."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from roomserver.embedded import Embedded
from tests.conftest import Require
from tests.fault.client import BUSY, STORE_AWAY, told
from tests.fault.crowd import Pairs, enter, new_taps, send, settle
from tests.fault.figures import Book, Figures
from tests.fault.invariants import judge, read
from tests.fault.room_process import room_process

pytestmark = [pytest.mark.store, pytest.mark.fault, pytest.mark.slow]

MEMBERS = 8


@pytest.fixture
def small_disk(tmp_path: Path, require: Require) -> Iterator[Path]:
    """A disk of 4 MiB; only root may mount one."""
    require("root, who may mount a small disk,", os.geteuid() == 0 and shutil.which("mount"))
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def fill(disk: Path) -> Path:
    """Leave nothing free."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(65536)) == 65536:
                pass
            while file.write(bytes(1)):
                pass
        except OSError:
            return filler
    raise AssertionError("the disk is larger than it should be")


async def refused_for_now(pairs: Pairs) -> None:
    """Whoever gets no receipt is told to come back, and the room goes on."""
    listener, _ = pairs[0]
    refusals = [(await answer).refusal for answer in send(pairs)]
    reasons = [one.code for one in refusals if one is not None and one.temporary]
    assert set(reasons) <= {STORE_AWAY, BUSY}
    assert len(reasons) >= MEMBERS / 2  # the last page of the log may have room for one or two
    await listener.hears("room.changed", storage="away")
    told(await listener.ask("danmaku.send", text="still here"))
    await listener.hears("danmaku.said", text="still here")


async def healed(pairs: Pairs) -> None:
    """Without anybody's help: the room says so, and everybody gets his receipt."""
    listener, _ = pairs[0]
    await settle(pairs)
    await listener.hears("room.changed", storage="ok")


async def test_no_room_left_on_disk_or_in_memory(small_disk: Path, figures: Book) -> None:
    crowds = [new_taps(number, MEMBERS) for number in range(2)]
    async with Embedded(small_disk / "store") as store, room_process("--redis", store.url) as server:
        first = await enter(server, crowds[0])
        filler = fill(small_disk)
        await refused_for_now(first)
        filler.unlink()
        await healed(first)

        second = await enter(server, crowds[1])
        with redis.Redis.from_url(store.url) as admin:
            admin.config_set("maxmemory", 1)
            await refused_for_now(second)
            admin.config_set("maxmemory", 0)
        await healed(second)
        judgement = judge(read(store.url, "demo"), crowds[0] + crowds[1])
    figures(Figures.of("disk full, memory full", 2, 2, judgement))
    assert judgement.broken == []
    assert judgement.acknowledged == 2 * MEMBERS
