"""What the platform shows in a room."""

from typing import Any

import pytest

from app.allowance import AT_ONCE, REFILL_MS, Allowance
from roomserver.open_room import OpenRoom
from tests.roomserver.http.serving import is_problem, serving

ROOM = "/api/v1/rooms/demo"

CARD = {"type": "app.product", "data": {"sku": "t-1", "title": "茶"}}

NESTED: list[Any] = []
for _ in range(252):
    NESTED = [NESTED]


def key(name: str) -> dict[str, str]:
    return {"Idempotency-Key": name}


def told(room: OpenRoom) -> bytes:
    """All batches of a room."""
    return b"".join(entry.data for entry in room.publisher.history(-1, None, reverse=False).publications)


async def test_what_is_published_is_answered_when_its_batch_is_written() -> None:
    async with serving() as on:
        await on.http.put(ROOM, json={})
        before = (await on.http.get(f"{ROOM}/events")).json()["records"]
        reply = await on.http.post(f"{ROOM}/publish", json=CARD)
        assert reply.status_code == 200
        assert reply.json().keys() == {"id", "online", "reached"}
        assert (reply.json()["online"], reply.json()["reached"]) == (0, 0)
        assert (await on.http.get(f"{ROOM}/events")).json()["records"] == before
        shown = on.server.rooms.get("demo")
        assert shown is not None
        assert b'"type":"app.product"' in told(shown)


async def test_a_retry_of_what_was_published_shows_nothing_again() -> None:
    async with serving() as on:
        await on.http.put(ROOM, json={})
        first = await on.http.post(f"{ROOM}/publish", json=CARD, headers=key("1"))
        again = await on.http.post(f"{ROOM}/publish", json=CARD, headers=key("1"))
        other = await on.http.post(f"{ROOM}/publish", json=CARD, headers=key("2"))
        assert first.content == again.content
        assert other.json()["id"] != first.json()["id"]
        room = on.server.rooms.get("demo")
        assert room is not None
        assert told(room).count(b"app.product") == 2


async def test_an_unknown_room_shows_nothing() -> None:
    async with serving() as on:
        assert is_problem(await on.http.post(f"{ROOM}/publish", json=CARD), 404)


@pytest.mark.parametrize(
    "body",
    [
        b'{"type": "danmaku.said", "data": {}}',
        b'{"type": "app.", "data": {}}',
        b'{"type": "app.A", "data": {}}',
        b'{"type": "app.a\\n", "data": {}}',
        b'{"type": "app.a", "data": []}',
        b'{"type": "app.a", "data": "x"}',
        b'{"type": "app.a"}',
        b'{"type": "app.a", "data": {}, "room": "x"}',
        b'{"type": "app.a", "data": {"x": "\\ud800"}}',
        b'{"type": "app.a", "data": {"x": NaN}}',
        b'{"type": "app.a", "data": {"x": [-1e999]}}',
        b'{"type": "app.a", "data": {"x": 99999999999999999999999}}',
        b'{"type": "app.a", "data": {"x": "%b"}}' % (b"y" * 4089),
        b'{"type": "app.a", "data": {"x": %b}}' % str(NESTED).encode(),
    ],
)
async def test_what_cannot_be_shown_is_refused_and_harms_no_batch(body: bytes) -> None:
    async with serving() as on:
        await on.http.put(ROOM, json={})
        response = await on.http.post(f"{ROOM}/publish", content=body, headers={"Content-Type": "application/json"})
        assert is_problem(response, 422)
        assert (await on.http.post(f"{ROOM}/publish", json=CARD)).status_code == 200


async def test_the_largest_that_may_be_shown_is_shown() -> None:
    async with serving() as on:
        await on.http.put(ROOM, json={})
        largest = {"type": "app.a", "data": {"x": "y" * 4088}}
        assert (await on.http.post(f"{ROOM}/publish", json=largest)).status_code == 200


async def test_a_flood_is_refused_by_name_with_the_time_to_wait_and_harms_nobody() -> None:
    async with serving() as on:
        await on.http.put(ROOM, json={})
        statuses = [(await on.http.post(f"{ROOM}/publish", json=CARD)) for _ in range(3)]
        room = on.server.rooms.get("demo")
        assert room is not None
        room.state.state(Allowance).full_at = on.server.clock.now() + 2 * AT_ONCE * REFILL_MS
        refused = await on.http.post(f"{ROOM}/publish", json=CARD)
        assert is_problem(refused, 429)
        assert refused.json()["code"] == 1900
        assert 1 <= int(refused.headers["retry-after"]) <= 1 + AT_ONCE * REFILL_MS // 1000
        assert {one.status_code for one in statuses} == {200}
        assert told(room).count(b"app.product") == 3
