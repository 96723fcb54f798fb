"""How many rounds of a busy loop a commit takes, from the committer to an embedded store that syncs, and back.

    python -m tests.speed.rounds

Each round takes 30 ms here, as where hundreds of sockets are heard in each: what is counted is less how fast the store
is than how often the way there and back waits for the loop to come round.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory
from time import sleep  # noqa: TID251 - it stands in for a loop that is busy, and leaves the store its core

import uvloop

from room.change import Append, Change, Counter
from room.row import Row
from roomserver.committer import Committer, Unresolved
from roomserver.embedded import Embedded
from roomserver.features import make_house
from roomserver.redis_store import RedisStore
from roomserver.rows import RowCodec
from roomserver.store import Verdict

ROUND_SECONDS = 0.03
BODY = b'[1,"' + b"7" * 1_000 + b'"]'
"""A section of about the size of a member's row."""


def change(user: str) -> Change:
    """About what a check-in writes."""
    row = Row(subject=f"m:{user}", version=1, change="c", foreign={"x": BODY})
    entry = Append(log="points", entry={"delta": 10, "reason": "check-in"})
    return Change(id=f"c{user}", version=0, row=row, parts=(Counter(name="today", add=1), entry))


async def rounds(committer: Committer, name: str, changes: int) -> tuple[int, int]:
    """In which round half of so many Changes, and all of them, were told."""
    loop, done = asyncio.get_running_loop(), asyncio.Event()
    told: list[int] = []
    now = 0

    def settled(_: Verdict | Unresolved) -> None:
        told.append(now)
        if len(told) == changes:
            done.set()

    def busy() -> None:
        nonlocal now
        now += 1
        sleep(ROUND_SECONDS)
        if not done.is_set():
            loop.call_soon(busy)

    for number in range(changes):
        committer.submit("demo", change(f"{name}-{number}"), settled)
    busy()
    await done.wait()
    return told[changes // 2], told[-1]


async def main() -> None:
    """Print the figures."""
    with TemporaryDirectory(prefix="rounds") as data:
        async with Embedded(Path(data)) as embedded:
            store = RedisStore(embedded.url, timeout=30.0)
            await store.connect()
            committer = Committer(store, RowCodec(make_house()), on_storage=lambda _: None, on_facts=lambda *_: None)
            working = asyncio.get_running_loop().create_task(committer.run())
            await rounds(committer, "warm", 1)
            for changes in (1, 1_024, 4_096):
                half, last = await rounds(committer, str(changes), changes)
                print(f"{changes:6} Changes: half of them told in round {half}, all in round {last}")  # noqa: T201
            working.cancel()
            await store.close()


if __name__ == "__main__":
    uvloop.run(main())
