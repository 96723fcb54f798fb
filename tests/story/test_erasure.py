"""A member is erased: nothing of him is left in the store, on its disk, after a crash, nor after an old backup."""

from __future__ import annotations

import asyncio
import json
import secrets
import shutil
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import redis

from tests.server import RealServer, running
from tests.story.beside import beside, store_url
from tests.story.wire import fresh, viewer

pytestmark = [pytest.mark.store, pytest.mark.slow]

NAME = "Xanthippe Quokka"
THANKS, RUDE = "thank-you-zebra", "rude-wombat"
WORDS = (NAME, THANKS, RUDE)


def stored(data: Path) -> dict[str, str]:
    """Everything that the store has, by key, as text."""
    with redis.Redis.from_url(store_url(data)) as client:
        return {name.decode(): repr(_value(client, name)) for name in client.scan_iter()}


def _value(client: redis.Redis, name: bytes) -> object:
    match client.type(name):
        case b"string":
            return client.get(name)
        case b"hash":
            return client.hgetall(name)
        case b"zset":
            return client.zrange(name, 0, -1, withscores=True)
        case b"set":
            return client.smembers(name)
        case b"stream":
            return client.xrange(name)
        case other:
            raise AssertionError(other)


def holding(data: Path, words: tuple[str, ...]) -> Iterator[str]:
    """Where one of these words stands, in a key or in what it holds."""
    for name, text in stored(data).items():
        yield from (f"{word} in {name}" for word in words if word in name or word in text)


def on_disk(data: Path) -> list[str]:
    """The files of the store in which one of the words stands."""
    return [one.name for one in data.rglob("*") if any(word.encode() in content(one) for word in WORDS)]


def content(file: Path) -> bytes:
    """What a file of the store holds; nothing where it has been rewritten under another name meanwhile."""
    try:
        return file.read_bytes() if file.is_file() else b""
    except FileNotFoundError:
        return b""


def wait_until_rewritten(data: Path, seconds: float = 60) -> None:
    """Wait until none of the words is on the disk any more: from then on none is."""
    ends = threading.Event()
    over = time.monotonic() + seconds
    while on_disk(data):
        assert time.monotonic() < over, on_disk(data)
        ends.wait(0.1)


async def live(server: RealServer, room: str, user: str) -> None:
    """Let a member leave traces of every kind that there is."""
    member = f"/rooms/{room}/members/{user}"
    await server.platform("PUT", f"/rooms/{room}", {"title": "An evening"})
    await server.platform("PUT", f"{member}/import", {"days": ["2025-01-01"], "score": 5, "points": 7, "name": NAME})
    host = server.sign(fresh("host"), roles={room: "host"})
    async with (
        viewer(server.url, host, room) as his_host,
        viewer(server.url, server.sign(user, info={"name": NAME}), room) as ada,
    ):
        await ada.rpc("checkin.mark", room=room)
        await ada.rpc("effects.settings", room=room, entrance=False)
        await ada.rpc("danmaku.send", room=room, text=f"hello from {NAME}")
        await server.platform("POST", f"{member}/score", {"amount": 400, "reason": "an order"})
        await his_host.rpc("shoutout.send", room=room, to=user, text=f"{THANKS} {NAME}", key="1")
        await his_host.rpc("stage.invite", room=room, user=user)
        await ada.rpc("stage.accept", room=room, key="1")
        await his_host.rpc("moderation.mute", room=room, user=user, reason=RUDE, key="2")


@asynccontextmanager
async def with_ada(folder: Path) -> AsyncIterator[tuple[RealServer, str, str]]:
    async with running(folder) as server:
        room, user = fresh("room"), "ada-" + secrets.token_hex(8)
        await live(server, room, user)
        yield server, room, user


async def test_nothing_is_left_of_an_erased_member(tmp_path: Path) -> None:
    data = tmp_path / "data"
    async with with_ada(tmp_path) as (server, room, user):
        before = [one.partition(" in ")[2] for one in holding(data, (*WORDS, user))]
        assert {f"{{room:{room}}}:row:m:{user}", f"{{room:{room}}}:row:p:stage"} <= set(before)
        assert {one for one in before if ":log:" in one or ":board:" in one}

        async with viewer(server.url, server.sign(user, info={"name": NAME}), room) as ada:
            assert await server.platform("DELETE", f"/rooms/{room}/members/{user}") == {"erased": user, "rooms": [room]}
            assert (await ada.ended())[0] == 3503

        assert list(holding(data, WORDS)) == []
        kept = {one.partition(" in ")[2] for one in holding(data, (user,))}
        assert kept == {f"{{room:{room}}}:row:m:{user}", f"{{room:{room}}}:outbox", "erased"}
        assert stored(data)[f"{{room:{room}}}:row:m:{user}"].endswith('{"s":{},"r":[]}\'')
        said = await server.platform("GET", f"/rooms/{room}/members/{user}/export")
        assert (said["sections"], said["results"], said["logs"]) == ({}, [], {"points": [], "checkin": []})
        await asyncio.to_thread(wait_until_rewritten, data)

        await server.stop()
        await server.start()
        assert list(holding(data, WORDS)) == []


async def test_another_server_on_the_store_forgets_him_too(tmp_path: Path) -> None:
    room, user, name = fresh("room"), fresh("ada"), {"name": NAME}
    async with running(tmp_path) as server, beside(server, tmp_path / "other") as other:
        await server.platform("PUT", f"/rooms/{room}", {"title": "An evening"})
        await server.platform("POST", f"/rooms/{room}/members/{user}/score", {"amount": 400, "reason": "an order"})
        async with (
            viewer(other.url, server.sign("bob"), room) as bob,
            viewer(other.url, server.sign(user, info=name), room) as ada,
        ):
            await ada.rpc("danmaku.send", room=room, text=f"hello again from {NAME}")
            assert (await bob.rpc("membership.card", room=room, user=user))["tier"]["level"] > 0
            assert "hello again" in repr(await bob.ask(history={"channel": f"room:{room}", "limit": 50}))

            await server.platform("DELETE", f"/rooms/{room}/members/{user}")
            assert (await ada.ended())[0] == 3503
            assert (await bob.event("danmaku.removed"))["user"]["id"] == user
            assert (await bob.rpc("membership.card", room=room, user=user))["tier"]["level"] == 0
            assert "hello again" not in repr(await bob.ask(history={"channel": f"room:{room}", "limit": 50}))
            async with viewer(other.url, server.sign(fresh("cyd")), None) as cyd:
                snapshot = repr(await cyd.join(room))
                assert [word for word in WORDS if word in snapshot] == []

            async with viewer(other.url, server.sign(user), room) as again:  # he may begin anew
                receipt = await again.rpc("checkin.mark", room=room)
                assert (receipt["total"], receipt["balance"]) == (1, receipt["points"])


async def test_who_was_erased_is_erased_again_when_an_older_backup_is_restored(tmp_path: Path) -> None:
    data, backup = tmp_path / "data", tmp_path / "backup"
    async with with_ada(tmp_path) as (server, room, user):
        await server.stop()
        shutil.copytree(data, backup)
        await server.start()
        assert await server.platform("DELETE", f"/members/{user}") == {"erased": user, "rooms": [room]}
        await server.stop()

        tombstones = (data / "erased.jsonl").read_bytes()
        shutil.rmtree(data)
        shutil.copytree(backup, data)
        (data / "erased.jsonl").write_bytes(tombstones)
        await server.start()
        assert list(holding(data, WORDS)) == []

        async with viewer(server.url, server.sign(user), room) as ada:  # he may begin anew, and is not erased for it
            receipt = await ada.rpc("checkin.mark", room=room)
            assert (receipt["total"], receipt["balance"]) == (1, receipt["points"])
        await server.kill()
        await server.start()
        said = await server.platform("GET", f"/members/{user}/export")
        assert [len(one["days"]["daily"]) for one in said["rooms"]] == [1]


async def test_an_erasure_that_a_crash_cut_off_is_done_at_the_next_start(tmp_path: Path) -> None:
    data = tmp_path / "data"
    async with with_ada(tmp_path) as (server, room, user):
        version = (await server.platform("GET", f"/rooms/{room}/members/{user}/export"))["version"]
        await server.kill()
        line = {"room": room, "user": user, "version": version + 1}
        (data / "erased.jsonl").write_text(json.dumps(line) + '\n{"room": "torn')
        await server.start()
        assert list(holding(data, WORDS)) == []
