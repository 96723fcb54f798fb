"""An acknowledgement is on the disk: seen at the system calls, not believed."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest
import redis

from roomserver.embedded import Embedded
from roomserver.redis_store import RedisStore
from roomserver.store import Durability, Write
from tests.conftest import Require
from tests.fault.figures import Book, Figures
from tests.fault.syscalls import hasty_replies, traced

pytestmark = [pytest.mark.store, pytest.mark.fault]

COMMITS = 40
DELAY = 0.02
AHEAD = """\
7 write(8</data/appendonlydir/a.incr.aof>, ""..., 100) = 100
7 fdatasync(8</data/appendonlydir/a.incr.aof>) = 0
7 write(9<UNIX:[1->2]>, ""..., 5) = 5
"""
BEHIND = """\
7 write(8</data/appendonlydir/a.incr.aof>, ""..., 100) = 100
8 fdatasync(8</data/appendonlydir/a.incr.aof> <unfinished ...>
7 write(9<UNIX:[1->2]>, ""..., 5) = 5
8 <... fdatasync resumed>) = 0
7 write(9<UNIX:[1->2]>, ""..., 5) = 5
"""
FAILED = AHEAD.replace(") = 0", ") = -1 EIO (Input/output error)")


@pytest.mark.parametrize(("said", "found"), [(AHEAD, (1, 0)), (BEHIND, (2, 1)), (FAILED, (1, 1))])
def test_a_reply_before_its_fdatasync_is_noticed(said: str, found: tuple[int, int]) -> None:
    assert hasty_replies(said.splitlines()) == found


async def test_no_reply_precedes_the_fdatasync_that_covers_it(
    embedded: Embedded, tmp_path: Path, require: Require, figures: Book
) -> None:
    require("strace", shutil.which("strace"))
    replies, hasty, took = await watched(embedded, tmp_path / "calls", Durability.LOCAL)
    assert replies >= COMMITS
    assert hasty == 0
    assert took > COMMITS * DELAY  # each waited for its disk
    figures(Figures(what="replies watched by strace", rounds=1, faults=0, acknowledged=COMMITS))


async def test_the_same_look_at_everysec_finds_replies_that_hope(
    embedded: Embedded, tmp_path: Path, require: Require
) -> None:
    require("strace", shutil.which("strace"))
    with redis.Redis.from_url(embedded.url) as admin:
        admin.config_set("appendfsync", "everysec")
    replies, hasty, _ = await watched(embedded, tmp_path / "calls", Durability.MEMORY)
    assert replies >= COMMITS
    assert hasty > 0


async def watched(embedded: Embedded, output: Path, accept: Durability) -> tuple[int, int, float]:
    """Replies, those that came before their fdatasync, and the seconds that all commits took, on a slow disk."""
    loop = asyncio.get_running_loop()
    store = RedisStore(embedded.url, accept=accept)
    assert await store.connect() is accept
    try:
        async with traced(embedded.pid, output, delay=DELAY):
            begun = loop.time()
            for number in range(COMMITS):
                await store.commit({"demo": [Write(subject=f"m:{number}", id="once", version=0, body=b"{}")]})
            took = loop.time() - begun
    finally:
        await store.close()
    said = await asyncio.to_thread(output.read_text)
    return *hasty_replies(said.splitlines()), took
