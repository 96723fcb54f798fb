"""What durably happens in a room arrives at the platform's webhook: in order, signed, and whatever happens between."""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from tests.server import Json, RealServer, plain_http, running
from tests.story.wire import Heard, fresh, viewer

pytestmark = [pytest.mark.store, pytest.mark.slow]

SECRET = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
OLD_SECRET = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


class Shop:
    """The platform's end: it verifies, and takes what it is asked to take; ``failing`` answers with 500."""

    def __init__(self) -> None:
        self.failing = False
        self.posts = Heard()
        self.port = 0

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = [line.partition(":") for line in head.decode().split("\r\n")[1:]]
                headers = {name.lower(): text.strip() for name, _, text in lines if name}
                body = await reader.readexactly(int(headers["content-length"]))
                for secret in (SECRET, OLD_SECRET):
                    Webhook(secret).verify(body, headers)
                self.posts.note(
                    {"status": 500 if self.failing else 200, "post": headers["webhook-id"], **json.loads(body)}
                )
                status = b"500 Oh" if self.failing else b"200 OK"
                writer.write(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n\r\n")
        except asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Shop]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()

    def taken(self, room: str) -> list[Json]:
        return [one for one in self.posts.all if one["room"] == room and one["status"] == 200]

    def marked(self, room: str) -> list[str]:
        """Who has checked in, by what was taken."""
        return [event["user"]["id"] for one in self.taken(room) for event in one["events"]]


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    async with Shop().open() as shop:
        yield shop


@pytest.fixture
def options(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    monkeypatch.setenv("SHOP_SECRETS", f"{SECRET},{OLD_SECRET}")
    config = tmp_path / "room.toml"
    config.write_text(f"""
[[webhooks]]
url = "http://127.0.0.1:{shop.port}/hook"
secret = "SHOP_SECRETS"
events = ["checkin.marked"]
""")
    return ("--dev", "--config", str(config))


async def check_in(server: RealServer, room: str, user: str) -> None:
    async with viewer(server.url, server.sign(user), room) as wire:
        await wire.rpc("checkin.mark", room=room)


async def test_check_ins_arrive_in_the_order_in_which_they_were_stored(
    shop: Shop, options: tuple[str, ...], tmp_path: Path
) -> None:
    rooms, users = (fresh("room"), fresh("room")), [fresh("u") for _ in range(10)]
    async with running(tmp_path, options) as server:
        for user in users:
            for room in rooms:
                await check_in(server, room, user)
        for room in rooms:
            await shop.posts.until(lambda room=room: len(shop.marked(room)) >= 10)  # type: ignore[misc]
            assert shop.marked(room) == users
            outbox = (await server.platform("GET", f"/rooms/{room}/events?limit=1000"))["records"]
            kept = [one["id"] for one in outbox if any(event["type"] == "checkin.marked" for event in one["events"])]
            assert [one["id"] for one in shop.taken(room)] == kept
        async with plain_http() as client:
            page = (await client.get(f"{server.http}/metrics")).text
        counted = [line for line in page.splitlines() if line.startswith("roomserver_webhooks_delivered_total{")]
        assert [line.split()[-1] for line in counted] == ["20.0"]


async def test_nothing_is_lost_while_the_shop_fails_and_the_server_is_killed(
    shop: Shop, options: tuple[str, ...], tmp_path: Path
) -> None:
    room, users = fresh("room"), [fresh("u") for _ in range(6)]
    async with running(tmp_path, options) as server:
        await check_in(server, room, users[0])
        await shop.posts.until(lambda: shop.marked(room) == users[:1])
        shop.failing = True
        for user in users[1:4]:
            await check_in(server, room, user)
        await shop.posts.until(lambda: shop.posts.all[-1]["status"] == 500)
        assert (await server.ready()) is True
        failed = shop.posts.all[-1]["post"]
        await server.kill()
        shop.failing = False
        await server.start()
        for user in users[4:]:
            await check_in(server, room, user)
        await shop.posts.until(lambda: len(shop.marked(room)) >= len(users))
    assert shop.marked(room) == users
    assert shop.taken(room)[1]["post"] == failed


async def test_a_failed_post_is_tried_again_while_the_server_goes_on(
    shop: Shop, options: tuple[str, ...], tmp_path: Path
) -> None:
    room, users = fresh("room"), [fresh("u") for _ in range(3)]
    async with running(tmp_path, options) as server:
        shop.failing = True
        for user in users:
            await check_in(server, room, user)
        await shop.posts.until(lambda: len(shop.posts.all) >= 2, seconds=30)
        shop.failing = False
        await shop.posts.until(lambda: len(shop.marked(room)) >= 3, seconds=60)
    assert shop.marked(room) == users
    first = [one["post"] for one in shop.posts.all if one["status"] == 500]
    assert len(set(first)) == 1
