"""A primary dies behind a Sentinel, and its replica was behind: the server follows by itself, and nothing is lost."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest

from tests.fault.client import Tap
from tests.fault.crowd import acknowledged, enter, new_taps, send, settle
from tests.fault.figures import Book, Figures
from tests.fault.invariants import credited, judge, read
from tests.fault.primary import plain, replicated_pair, sentinel
from tests.fault.room_process import room_process

pytestmark = [pytest.mark.store, pytest.mark.fault, pytest.mark.slow]

MEMBERS = 16
BEHIND_SECONDS = 1.0
"""For so long the replica is frozen before its primary dies."""


async def test_a_failover_by_a_sentinel_to_a_replica_that_was_behind_loses_nothing(
    tmp_path: Path, figures: Book
) -> None:
    (tmp_path / "room.toml").write_text('[server]\ndurability = "replicated"\n')
    first, second = new_taps(0, MEMBERS), new_taps(1, MEMBERS)
    async with replicated_pair(tmp_path / "stores") as pair:
        pair.replica.admin.config_set("min-replicas-to-write", 1)
        with sentinel(tmp_path / "sentinel", pair.primary) as url:
            async with room_process("--redis", url, "--config", str(tmp_path / "room.toml")) as server:
                await settle(await enter(server, first))
                pairs = await enter(server, second)
                os.kill(pair.replica.process.pid, signal.SIGSTOP)
                answers = send(pairs)
                await asyncio.sleep(BEHIND_SECONDS)
                pair.primary.process.kill()
                os.kill(pair.replica.process.pid, signal.SIGCONT)
                for answer in answers:
                    await answer
                early = acknowledged(second)
                address = pair.replica.url.removeprefix("redis://").replace(":", " ")
                with plain(tmp_path / "third", f"replicaof {address}"):  # the primary to be must have one, too
                    await settle(pairs)
                    assert server.readiness()["durability"] == "replicated"
        taps: list[Tap] = first + second
        stored = read(pair.replica.url, "demo")
        judgement = judge(stored, taps)
    assert judgement.broken == []
    assert credited(stored) == len(taps)
    figures(Figures.of("failover by a Sentinel", 1, 1, judgement, f"{early} acknowledged before it was over"))
