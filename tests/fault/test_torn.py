"""A log whose last bytes never reached the disk: its last commit is there whole, or not at all."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
import redis

from room.change import Claim, Counter, Score
from roomserver.embedded import Embedded
from roomserver.redis_store import RedisStore
from roomserver.store import Write
from tests.fault.figures import Book, Figures, size

pytestmark = [pytest.mark.store, pytest.mark.fault]

STEP = size(97, 16)
"""Bytes from one cut to the next."""


def write(number: int) -> Write:
    """A Change with all its parts."""
    return Write(
        subject=f"m:{number}",
        id=f"change-{number}",
        version=0,
        body=b'{"sections":{}}',
        claims=(Claim(name="gift", take=1, stock=9),),
        appends=(("points", b"+5"), ("checkin", b"day")),
        counters=(Counter(name="today", add=1),),
        scores=(Score(board="streak", value=1),),
        outbox=b"record",
    )


async def commit(url: str, number: int) -> None:
    store = RedisStore(url)
    await store.connect()
    await store.commit({"demo": [write(number)]})
    await store.close()


def everything(url: str) -> dict[bytes, bytes | None]:
    """All that is stored, key by key."""
    with redis.Redis.from_url(url) as admin:
        return {key: admin.dump(key) for key in admin.scan_iter()}


def log_of(data: Path) -> Path:
    """The log that grows with each commit."""
    [found] = (data / "appendonlydir").glob("*.incr.aof")
    return found


@pytest.mark.slow
async def test_a_torn_log_keeps_each_commit_whole_or_not_at_all(tmp_path: Path, figures: Book) -> None:
    async with Embedded(tmp_path) as store:
        await commit(store.url, 1)
        before = everything(store.url)
        begins = log_of(tmp_path).stat().st_size
        await commit(store.url, 2)
        after = everything(store.url)
        os.kill(store.pid, signal.SIGKILL)
    whole = log_of(tmp_path).read_bytes()
    cuts = range(len(whole) - 1, begins, -STEP)
    for cut in cuts:
        log_of(tmp_path).write_bytes(whole[:cut])
        async with Embedded(tmp_path) as store:
            assert everything(store.url) == before
    log_of(tmp_path).write_bytes(whole)
    async with Embedded(tmp_path) as store:
        assert everything(store.url) == after
    figures(Figures(what="log torn within its last commit", rounds=len(cuts), faults=len(cuts), acknowledged=1))
