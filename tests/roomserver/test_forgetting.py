"""Erasures on a store in memory: what may come between, and what may not be left."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import orjson
import pytest

from checkin.messages import Mark
from effects.danmaku import SendDanmaku
from effects.shoutout import SendShoutout, pinned
from membership.messages import AddScore
from room.message import Stamped
from room.people import Actor, Role
from room.refusal import Contended
from roomserver.forgetting import EMPTY, LOOK_SECONDS, Forgetting
from roomserver.memory_store import MemoryStore
from roomserver.open_room import OpenRoom
from roomserver.store import StoredRow, StoreUnavailable, Traces, Verdict, Write
from roomserver.tombstones import Tombstones
from tests.roomserver.hand_time import later, play
from tests.roomserver.http.serving import Serving, is_problem, serving

ROOM = "/api/v1/rooms/demo"
ANN = f"{ROOM}/members/ann"
MOD = Actor(id="mod", name="Modesta", role=Role.MODERATOR)


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


def forgetting_on(on: Serving, tombstones: Tombstones) -> Forgetting:
    return Forgetting(on.server.rooms, on.store, on.server.shell.house, tombstones)


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
        forgetting = forgetting_on(on, tombstones)
        before = on.store.stored["demo"].rows["m:ann"]
        with pytest.raises(OSError, match="no folder"):
            await forgetting.erase("demo", "ann")
        assert on.store.stored["demo"].rows["m:ann"] == before


async def test_only_what_is_older_than_the_tombstone_is_erased_again(tmp_path: Path) -> None:
    async with serving() as on:
        await lived(on)
        tombstones = Tombstones(tmp_path / "erased.jsonl")
        forgetting = forgetting_on(on, tombstones)
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


async def thank_ann(on: Serving) -> None:
    await on.http.put(ROOM, json={})
    await on.server.command(MOD, SendShoutout(room="demo", to="ann", text="thanks", key="1"))


def opened(on: Serving) -> OpenRoom:
    found = on.server.rooms.get("demo")
    assert found is not None
    return found


def part_of(on: Serving) -> str:
    return on.store.stored["demo"].rows["p:effects"].body.decode()


def names(on: Serving, user: str) -> bool:
    """Whether somebody is named in the part: a random id has his letters now and then, but not by themselves."""
    return re.search(rf"\b{user}\b", part_of(on)) is not None


async def test_who_has_no_row_is_erased_where_others_have_named_him() -> None:
    async with serving() as on:
        await thank_ann(on)
        assert names(on, "ann")
        opened(on).publisher.ring.forget()
        assert (await on.http.delete("/api/v1/members/ann")).json() == {"erased": "ann", "rooms": ["demo"]}
        assert not names(on, "ann")
        assert (await on.http.delete("/api/v1/members/ann")).json() == {"erased": "ann", "rooms": []}


async def test_who_has_no_row_is_erased_where_he_spoke() -> None:
    async with serving() as on:
        await on.http.put(ROOM, json={})
        ann = Actor(id="ann", name="Ann")
        opened(on).state.admit(ann)
        await on.server.command(ann, SendDanmaku(room="demo", text="hi"))
        del opened(on).state.actors["ann"]
        assert opened(on).knows("ann")
        assert (await on.http.delete("/api/v1/members/ann")).json() == {"erased": "ann", "rooms": ["demo"]}
        assert not opened(on).knows("ann")


async def test_what_a_part_of_the_room_answered_him_is_forgotten_and_nobody_elses() -> None:
    async with serving() as on:
        await thank_ann(on)
        boss = Actor(id="boss", name="Boss", role=Role.HOST)
        shown = orjson.loads(
            await on.server.command(boss, SendShoutout(room="demo", to="bob", text="and you", key="1"))
        )
        assert (await on.http.delete("/api/v1/members/mod")).json()["rooms"] == ["demo"]
        assert not names(on, "mod")
        assert "boss#shoutout.send#1" in part_of(on)
        kept = pinned(opened(on).state, on.server.clock.now())
        assert kept is not None
        assert kept["id"] == shown["id"]


async def test_what_a_crash_left_of_an_erasure_is_done_at_the_next_start_or_when_it_is_asked_for_again(
    tmp_path: Path,
) -> None:
    async with serving() as on:
        await thank_ann(on)
        tombstones = Tombstones(tmp_path / "erased.jsonl")
        on.store.stored["demo"].rows["m:ann"] = StoredRow(version=3, change="x", body=EMPTY)
        await tombstones.add("demo", "ann", 3)
        await forgetting_on(on, tombstones).again()
        assert not names(on, "ann")


@pytest.mark.parametrize("left", [None, StoredRow(version=2, change="old", body=b'{"s":{},"r":[],"k":"12345678"}')])
async def test_whoever_begins_anew_after_an_old_backup_is_not_erased_for_it(
    left: StoredRow | None, tmp_path: Path
) -> None:
    async with serving() as on:
        await on.http.put(ROOM, json={})
        rows = on.store.stored["demo"].rows
        if left is not None:
            rows["m:ann"] = left
        tombstones = Tombstones(tmp_path / "erased.jsonl")
        await tombstones.add("demo", "ann", 9)
        await tombstones.add("gone", "ann", 9)
        forgetting = forgetting_on(on, tombstones)
        await forgetting.again()
        assert (rows["m:ann"].version, rows["m:ann"].body) == (9, EMPTY)
        assert on.store.stored["gone"].rows["m:ann"].version == 9

        await on.server.command(Actor(id="ann", name="Ann"), Mark(room="demo"))
        began = rows["m:ann"]
        await forgetting.again()
        assert rows["m:ann"] == began

        rows["m:ann"] = StoredRow(version=8, change="x", body=b'{"s":{},"r":[],"k":"12345678"}')  # a newer backup
        opened(on).doubt("m:ann")
        await forgetting.again()
        assert rows["m:ann"].body == EMPTY


async def test_one_who_cannot_be_erased_again_keeps_no_server_from_starting(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(store=Meddled(99)) as on:
        await lived(on)
        tombstones = Tombstones(tmp_path / "erased.jsonl")
        await tombstones.add("demo", "ann", 99)
        await forgetting_on(on, tombstones).again()
        assert "somebody who was erased is still in the store" in caplog.text


async def test_a_part_of_a_room_that_cannot_be_read_keeps_no_server_from_starting(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store, tombstones = MemoryStore(), Tombstones(tmp_path / "erased.jsonl")
    async with serving(store=store) as on:
        await thank_ann(on)
    rows = store.stored["demo"].rows
    rows["m:ann"] = StoredRow(version=3, change="x", body=EMPTY)
    rows["p:effects"] = StoredRow(version=9, change="x", body=b"z and no more")
    await tombstones.add("demo", "ann", 3)
    async with serving(store=store) as on:
        await forgetting_on(on, tombstones).again()
        assert "somebody who was erased is still in the store" in caplog.text


async def test_one_room_that_cannot_be_read_keeps_nobody_in_the_others() -> None:
    store = MemoryStore()
    async with serving(store=store) as on:
        await on.http.put("/api/v1/rooms/tea", json={})
        await on.server.command(Actor(id="ann", name="Ann"), Mark(room="tea"))
        await thank_ann(on)
    store.stored["demo"].rows["p:effects"] = StoredRow(version=9, change="x", body=b"z and no more")
    async with serving(store=store) as on:
        assert is_problem(await on.http.delete("/api/v1/members/ann"), 409)
        assert store.stored["tea"].rows["m:ann"].body == EMPTY


class Closing(MemoryStore):
    """A store that looks for places for so long that the room is closed meanwhile, and opened for somebody else."""

    on: Serving | None = None
    closed = 0

    async def traces(self, room: str, subject: str) -> Traces:
        if self.on is not None and not self.closed:
            rooms = self.on.server.rooms
            before = await rooms.open(room)
            rooms._look_after(before)
            self.closed += await rooms.open(room) is not before
        return await super().traces(room, subject)


async def test_a_room_that_was_opened_anew_meanwhile_shows_nothing_more_of_him() -> None:
    store = Closing()
    async with serving(store=store) as on:
        await thank_ann(on)
        store.on = on
        assert (await on.http.delete(ANN)).status_code == 200
        assert store.closed
        assert pinned(opened(on).state, on.server.clock.now()) is None


class Held(MemoryStore):
    """A store that, once it is held, says what it has written only when it is let go."""

    def __init__(self) -> None:
        self.answers, self.wrote = asyncio.Event(), asyncio.Event()
        self.answers.set()
        super().__init__(gate=self.answers)

    async def commit(self, batches: Mapping[str, Sequence[Write]]) -> Mapping[str, Sequence[Verdict]]:
        if not self.answers.is_set():
            self.wrote.set()
        return await super().commit(batches)


async def test_what_he_asked_for_before_he_was_erased_is_not_done_after_it() -> None:
    store = Held()
    async with serving(store=store) as on:
        await lived(on)
        store.answers.clear()
        erased = asyncio.create_task(on.http.delete(ANN))
        await store.wrote.wait()
        ann, platform = Actor(id="ann", name="Ann"), Actor(id="operator", name="operator", role=Role.OPERATOR)
        marked = asyncio.create_task(on.server.command(ann, Mark(room="demo")))
        later = AddScore(room="demo", user="ann", amount=5, reason="after it", key="2")
        scored = asyncio.create_task(on.server.command(platform, later))
        await asyncio.sleep(0)  # both wait in his line
        store.answers.set()
        assert (await erased).status_code == 200
        with pytest.raises(Contended):
            await marked
        assert orjson.loads(await scored)["balance"] == 5


class Deaf(MemoryStore):
    """A store that, while it is `deaf`, tells nobody who was erased."""

    deaf = False

    async def erased(self, since: int) -> list[tuple[str, str, int]]:
        if self.deaf:
            raise StoreUnavailable("nobody there", written="no")
        return await super().erased(since)


def noting(on: Serving) -> list[str]:
    """The kinds of what happens from now on in the open rooms of a server."""
    seen: list[str] = []
    on.server.shell.listeners.append(lambda _, stamped: seen.append(type(stamped.event).kind))
    return seen


def test_another_server_hears_of_an_erasure_once() -> None:
    async def dialogue() -> None:
        store = MemoryStore()
        async with serving(store=store) as here, serving(store=store) as there:
            await lived(here)
            await there.server.rooms.open("demo")
            await later(3)
            seen, own = noting(there), noting(here)
            assert (await here.http.delete(ANN)).status_code == 200
            erased = [*own]
            await later(LOOK_SECONDS + 0.1)
            assert seen == ["member.erased", "danmaku.removed", "host.withdrawn"]
            await later(60)
            assert len(seen) == 3
            assert own == erased  # whoever erases him does not hear of it from the store

    play(dialogue)


def test_one_erasure_that_cannot_be_followed_keeps_no_other_from_it() -> None:
    async def dialogue() -> None:
        def fail(_: str, stamped: Stamped) -> None:
            if stamped.event.concerns == "ann":
                raise RuntimeError("a fault of ours")

        store = MemoryStore()
        async with serving(store=store) as here, serving(store=store) as there:
            await lived(here)
            await there.server.rooms.open("demo")
            await later(3)
            there.server.shell.listeners.append(fail)
            seen = noting(there)
            for user in ("ann", "bob"):
                assert (await here.http.delete(f"{ROOM}/members/{user}")).status_code == 200
            await later(2 * LOOK_SECONDS)
            assert seen.count("member.erased") == 1

    play(dialogue)


def test_who_was_erased_before_a_server_started_is_not_put_out_there() -> None:
    async def dialogue() -> None:
        store = MemoryStore()
        async with serving(store=store) as here:
            await lived(here)
            assert (await here.http.delete(ANN)).status_code == 200
            async with serving(store=store) as there:
                seen = noting(there)
                await there.server.rooms.open("demo")
                await later(60)
                assert seen == []

    play(dialogue)


def test_a_server_that_did_not_reach_the_store_hears_of_it_when_it_does() -> None:
    async def dialogue() -> None:
        store = Deaf()
        async with serving(store=store) as here, serving(store=store) as there:
            await lived(here)
            await there.server.rooms.open("demo")
            await later(3)
            seen = noting(there)
            store.deaf = True
            assert (await here.http.delete(ANN)).status_code == 200
            await later(30)
            missed = [*seen]
            store.deaf = False
            await later(3)
            assert [missed, seen[:1]] == [[], ["member.erased"]]

    play(dialogue)
