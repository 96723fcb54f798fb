"""Erasures on a store in memory: what may come between, and what may not be left."""

import asyncio
from pathlib import Path

import pytest

from roomserver.forgetting import EMPTY, Forgetting
from roomserver.memory_store import MemoryStore
from roomserver.store import StoreUnavailable, Traces
from roomserver.tombstones import Tombstones
from tests.roomserver.http.serving import Serving, is_problem, serving

ROOM = "/api/v1/rooms/demo"
ANN = f"{ROOM}/members/ann"


class Meddled(MemoryStore):
    """A store in which somebody else writes the row whenever its places have been looked up, ``times`` times."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times

    async def traces(self, room: str, subject: str) -> Traces:
        found = await super().traces(room, subject)
        if self.times:
            self.times -= 1
            rows, row = self.stored[room].rows, self.stored[room].rows[subject]
            rows[subject] = type(row)(version=row.version + 1, change="another", body=row.body)
        return found


async def lived(on: Serving) -> None:
    await on.http.put(ROOM, json={})
    await on.http.put(f"{ANN}/import", json={"days": ["2023-11-01"], "points": 7}, headers={"Idempotency-Key": "1"})


async def test_a_row_that_another_server_has_changed_is_looked_up_anew() -> None:
    async with serving(store=Meddled(2)) as on:
        await lived(on)
        assert (await on.http.delete(ANN)).json() == {"erased": "ann", "rooms": ["demo"]}
        assert on.store.stored["demo"].rows["m:ann"].body == EMPTY
        assert not on.store.stored["demo"].logs


async def test_a_row_that_never_stands_still_is_a_refusal_that_passes() -> None:
    async with serving(store=Meddled(99)) as on:
        await lived(on)
        refused = await on.http.delete(ANN)
        assert is_problem(refused, 503)
        assert refused.json()["code"] == 1004


async def test_more_places_than_one_change_carries_are_left_one_after_the_other() -> None:
    async with serving() as on:
        await lived(on)
        boards = on.store.stored["demo"].boards
        boards.update({f"old:{number}": {"m:ann": 1.0, "m:bob": 2.0} for number in range(150)})
        assert (await on.http.delete(ANN)).status_code == 200
        assert [name for name, places in boards.items() if "m:ann" in places] == []
        assert all("m:bob" in boards[f"old:{number}"] for number in range(150))


async def test_an_unknown_room_is_told_and_nobody_is_a_stranger_anywhere() -> None:
    async with serving() as on:
        assert is_problem(await on.http.delete(ANN), 404)
        assert (await on.http.delete("/api/v1/members/ann")).json() == {"erased": "ann", "rooms": []}
        assert (await on.http.get("/api/v1/members/ann/export")).json() == {"user": "ann", "rooms": []}


async def test_the_tombstone_is_on_disk_before_the_row_is_emptied(tmp_path: Path) -> None:
    async with serving() as on:
        await lived(on)
        tombstones = Tombstones(tmp_path / "no folder" / "erased.jsonl")
        forgetting = Forgetting(on.server.rooms, on.store, tombstones)
        before = on.store.stored["demo"].rows["m:ann"]
        with pytest.raises(OSError, match="no folder"):
            await forgetting.erase("demo", "ann")
        assert on.store.stored["demo"].rows["m:ann"] == before


async def test_only_what_is_older_than_the_tombstone_is_erased_again(tmp_path: Path) -> None:
    async with serving() as on:
        await lived(on)
        tombstones = Tombstones(tmp_path / "erased.jsonl")
        forgetting = Forgetting(on.server.rooms, on.store, tombstones)
        row = on.store.stored["demo"].rows["m:ann"]
        await tombstones.add("demo", "ann", row.version)
        await tombstones.add("nowhere", "ann", 9)
        await forgetting.again()
        assert on.store.stored["demo"].rows["m:ann"] == row
        await tombstones.add("demo", "ann", row.version + 1)
        await forgetting.again("another")
        assert on.store.stored["demo"].rows["m:ann"] == row
        await forgetting.again("demo")
        assert on.store.stored["demo"].rows["m:ann"].body == EMPTY


async def test_files_are_written_anew_until_the_store_has_begun_to() -> None:
    class Busy(MemoryStore):
        def __init__(self) -> None:
            super().__init__()
            self.asked = asyncio.Event()

        async def compact(self) -> None:
            self.asked.set()
            raise StoreUnavailable("being written already")

    store = Busy()
    async with serving(store=store) as on:
        await lived(on)
        await on.http.delete(ANN)
        await asyncio.wait_for(store.asked.wait(), 10)
