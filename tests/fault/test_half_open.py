"""The store's machine vanishes without a word: what was under way is unknown, soon, and found out when it is back."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path

import pytest

from roomserver.redis_store import RedisStore
from roomserver.store import StoreUnavailable, Write, Written
from tests.conftest import Require
from tests.fault.cable import THERE, cable
from tests.fault.figures import Book, Figures, size
from tests.fault.primary import plain

pytestmark = [pytest.mark.store, pytest.mark.fault, pytest.mark.slow]

ROUNDS = size(1, 10)
SOON = 30.0
"""Seconds, on a busy machine, until a request is given up: 2 s and a little. The system's own would be minutes."""


def write(number: int) -> Write:
    return Write(subject=f"m:{number}", id=f"change-{number}", version=0, body=b"{}")


@pytest.mark.timeout(size(240, 1800))
async def test_a_store_behind_a_pulled_cable(tmp_path: Path, require: Require, figures: Book) -> None:
    require("root, who may make a network namespace,", os.geteuid() == 0 and shutil.which("ip"))
    with (
        cable() as line,
        plain(tmp_path / "there", f"bind {THERE}", "protected-mode no", inside=line.inside, host=THERE) as there,
    ):
        store = RedisStore(there.url)
        await store.connect()
        for number in range(ROUNDS):
            assert await store.commit({"demo": [write(number)]}) == {"demo": [Written(seq=2 * number + 1)]}
            line.pull()
            loop = asyncio.get_running_loop()
            begun = loop.time()
            with pytest.raises(StoreUnavailable) as caught:
                await store.commit({"demo": [write(1000 + number)]})
            assert caught.value.written == "unknown"
            assert loop.time() - begun < SOON
            line.plug_in()
            await written(store, f"m:{1000 + number}")
        await store.close()
    figures(Figures(what="cable to the store pulled", rounds=ROUNDS, faults=ROUNDS, acknowledged=ROUNDS))


async def written(store: RedisStore, subject: str) -> None:
    """Ask until the store is back, and do what it has not."""
    async with asyncio.timeout(60):
        while True:
            try:
                if (await store.load("demo", [subject]))[0] is not None:
                    return
                await store.commit({"demo": [write(int(subject[2:]))]})
            except StoreUnavailable:
                await asyncio.sleep(0.05)
