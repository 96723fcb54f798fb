"""What the platform publishes, as viewers see it."""

import httpx
import pytest

from tests.server import RealServer, plain_http
from tests.story.wire import fresh, viewer

pytestmark = pytest.mark.store

CARD = {"type": "app.product", "data": {"sku": "t-1", "title": "茶", "price": 9.9}}


async def post(server: RealServer, room: str, key: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {server.operator}", "Idempotency-Key": key}
    async with plain_http() as client:
        return await client.post(f"{server.http}/api/v1/rooms/{room}/publish", json=CARD, headers=headers)


async def test_a_product_card_is_seen_by_all_and_once_though_the_platform_asks_twice(server: RealServer) -> None:
    room = fresh("room")
    async with (
        viewer(server.url, server.sign(fresh("ada")), room) as ada,
        viewer(server.url, server.sign(""), room, protobuf=True) as guest,
    ):
        first = (await post(server, room, "card-1")).json()
        assert (first["online"], first["reached"]) == (2, 2)
        for one in (ada, guest):
            shown = await one.event("app.product")
            assert (shown["id"], shown["data"]) == (first["id"], CARD["data"])
        assert (await post(server, room, "card-1")).json() == first
        await ada.rpc("danmaku.send", room=room, text="I want it")
        await guest.event("danmaku.said")
        assert len(guest.events("app.product")) == 1
    stored = (await server.platform("GET", f"/rooms/{room}/events"))["records"]
    assert "app.product" not in {event["type"] for record in stored for event in record["events"]}
