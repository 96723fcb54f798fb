"""The server and its primary on one side, the replica and the Sentinel on the other: nobody is told what may be undone.

Only `make soak` has the time: a Sentinel waits until it takes a primary that is back for a replica.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path

import pytest

from tests.conftest import Require
from tests.fault.cable import HERE, THERE, cable
from tests.fault.crowd import acknowledged, enter, new_taps, send, settle
from tests.fault.figures import Book, Figures
from tests.fault.invariants import credited, judge, read
from tests.fault.primary import plain, sentinel, until_up_to_date
from tests.fault.room_process import room_process

pytestmark = [pytest.mark.store, pytest.mark.fault, pytest.mark.slow]

MEMBERS = 16
APART_SECONDS = 15.0
LINES = "protected-mode no", "min-replicas-to-write 1", "min-replicas-max-lag 2"


@pytest.mark.timeout(240)
async def test_a_primary_that_was_cut_off_has_told_nobody_of_what_it_took(
    tmp_path: Path, require: Require, figures: Book
) -> None:
    require("root, who may make a network namespace,", os.geteuid() == 0 and shutil.which("ip"))
    (tmp_path / "room.toml").write_text('[server]\ndurability = "replicated"\n')
    first, second = new_taps(0, MEMBERS), new_taps(1, MEMBERS)
    with (
        cable() as line,
        plain(tmp_path / "here", f"bind {HERE}", *LINES, host=HERE) as primary,
        plain(
            tmp_path / "there",
            f"bind {THERE}",
            f"replicaof {primary.url.removeprefix('redis://').replace(':', ' ')}",
            *LINES,
            inside=line.inside,
            host=THERE,
        ) as replica,
        sentinel(tmp_path / "sentinel", primary, inside=line.inside, host=THERE) as url,
    ):
        await until_up_to_date(replica)
        async with room_process("--redis", url, "--config", str(tmp_path / "room.toml")) as server:
            await settle(await enter(server, first))
            pairs = await enter(server, second)
            line.part()
            loop = asyncio.get_running_loop()
            over = loop.time() + APART_SECONDS
            tries = 0
            while loop.time() < over:
                tries += 1
                for answer in send(pairs):
                    await answer
                assert acknowledged(second) == 0
            line.join()
            await settle(pairs)
        assert replica.admin.role()[0] == b"master"
        stored = read(replica.url, "demo")
    judgement = judge(stored, first + second)
    assert judgement.broken == []
    assert credited(stored) == 2 * MEMBERS
    note = f"{tries} rounds of taps while apart, none of them acknowledged"
    figures(Figures.of("primary and server cut off from replica and Sentinel", 1, 1, judgement, note))
