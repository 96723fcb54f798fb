"""The platform's calls: rooms, members, and what happened."""

from typing import Any

import pytest

from roomserver.config import RoomsSection
from roomserver.memory_store import Fault, MemoryStore
from roomserver.open_room import OpenRoom
from tests.roomserver.http.serving import is_problem, serving

ROOM = "/api/v1/rooms/demo"
ANN = f"{ROOM}/members/ann"
TEN = {"amount": 10, "reason": "order 1"}
SHANGHAI = RoomsSection(zone="Asia/Shanghai", boundary="05:00")


def key(name: str) -> dict[str, str]:
    return {"Idempotency-Key": name}


async def test_a_room_is_unknown_until_it_is_made() -> None:
    async with serving() as on:
        for response in (
            await on.http.get(ROOM),
            await on.http.put(f"{ROOM}/live", json={"live": True}),
            await on.http.get(ANN),
            await on.http.post(f"{ANN}/score", json=TEN, headers=key("1")),
            await on.http.get(f"{ROOM}/events"),
        ):
            assert is_problem(response, 404)
            assert response.json()["code"] == 1005
        made = await on.http.put(ROOM, json={"title": "Tea", "host": "lin"})
        assert made.status_code == 200
        shown = (await on.http.get(ROOM)).json()
    assert (shown["id"], shown["title"], shown["host"], shown["live"], shown["online"]) == (
        "demo",
        "Tea",
        "lin",
        False,
        0,
    )
    assert (shown["zone"], shown["boundary"]) == ("UTC", 240)


async def test_a_new_room_has_the_configured_days_unless_others_are_given() -> None:
    async with serving(defaults=SHANGHAI) as on:
        await on.http.put(ROOM, json={})
        await on.http.put("/api/v1/rooms/tokyo", json={"zone": "Asia/Tokyo"})
        await on.http.put("/api/v1/rooms/tokyo", json={"title": "Later"})
        first, second = (await on.http.get(ROOM)).json(), (await on.http.get("/api/v1/rooms/tokyo")).json()
    assert (first["title"], first["zone"], first["boundary"]) == ("demo", "Asia/Shanghai", 300)
    assert (second["title"], second["zone"], second["boundary"]) == ("Later", "Asia/Tokyo", 300)


async def test_a_stream_is_planned_begins_and_ends() -> None:
    async with serving() as on:
        await on.http.put(ROOM, json={"schedule": {"next_at": 9_000_000_000_000}})
        assert (await on.http.get(ROOM)).json()["schedule"] == {"next_at": 9_000_000_000_000}
        await on.http.put(ROOM, json={"schedule": {"next_at": None}})
        assert (await on.http.get(ROOM)).json()["schedule"] == {"next_at": None}
        assert (await on.http.put(f"{ROOM}/live", json={"live": True})).json()["live"] is True
        ended = (await on.http.put(f"{ROOM}/live", json={"live": False})).json()
    assert ended["live"] is False
    assert ended["ended_at"] > 1_600_000_000_000


async def test_a_room_may_lose_its_host() -> None:
    async with serving() as on:
        await on.http.put(ROOM, json={"host": "lin"})
        assert (await on.http.put(ROOM, json={"host": ""})).json()["host"] == ""


async def test_a_score_raises_a_member_and_his_card_shows_it() -> None:
    async with serving() as on:
        await on.http.put(ROOM, json={})
        before = (await on.http.get(ANN)).json()
        assert (before["points"], before["tier"]["level"]) == (0, 0)
        reply = await on.http.post(f"{ANN}/score", json={"amount": 300, "reason": "orders"}, headers=key("1"))
        assert reply.status_code == 200
        assert (reply.json()["balance"], reply.json()["tier"]) == (300, 2)
        after = (await on.http.get(ANN)).json()
    assert (after["points"], after["qualifying"], after["tier"]["level"]) == (300, 300, 2)
    assert "sky" in after["entitlements"]["styles"]


async def test_the_same_key_gives_the_same_reply_and_counts_once() -> None:
    async with serving() as on:
        await on.http.put(ROOM, json={})
        first = await on.http.post(f"{ANN}/score", json=TEN, headers=key("order-1"))
        second = await on.http.post(f"{ANN}/score", json=TEN, headers=key("order-1"))
        third = await on.http.post(f"{ANN}/score", json=TEN, headers=key("order-2"))
    assert first.content == second.content
    assert (first.json()["balance"], third.json()["balance"]) == (10, 20)


async def test_the_same_key_makes_a_room_once() -> None:
    async with serving() as on:
        first = await on.http.put(ROOM, json={"title": "A"}, headers=key("1"))
        await on.http.put(ROOM, json={"title": "B"}, headers=key("2"))
        again = await on.http.put(ROOM, json={"title": "A"}, headers=key("1"))
        assert first.content == again.content
        assert (await on.http.get(ROOM)).json()["title"] == "B"


async def test_a_score_without_a_key_is_refused() -> None:
    async with serving() as on:
        await on.http.put(ROOM, json={})
        assert is_problem(await on.http.post(f"{ANN}/score", json=TEN), 400)
        assert (await on.http.get(ANN)).json()["points"] == 0


@pytest.mark.parametrize("bad", ["", "x" * 65, "a b", "é"])
async def test_a_key_is_1_to_64_visible_characters(bad: str) -> None:
    async with serving() as on:
        headers = {b"Idempotency-Key": bad.encode("latin-1")}
        assert is_problem(await on.http.put(ROOM, json={}, headers=headers), 422)


BAD_BODIES: list[tuple[str, str, Any]] = [
    ("PUT", ROOM, {"title": "x" * 129}),
    ("PUT", ROOM, {"title": 5}),
    ("PUT", ROOM, {"host": "a b"}),
    ("PUT", ROOM, {"zone": "Mars/Olympus"}),
    ("PUT", ROOM, {"boundary": 1440}),
    ("PUT", ROOM, {"boundary": "240"}),
    ("PUT", ROOM, {"colour": 1}),
    ("PUT", ROOM, {"schedule": {"next_at": -1}}),
    ("PUT", ROOM, {"schedule": {"next_at": 2**53}}),
    ("PUT", ROOM, {"schedule": 5}),
    ("PUT", ROOM, []),
    ("PUT", ROOM, {"cadence": "weekly"}),
    ("PUT", ROOM, {"dwell_seconds": 3601}),
    ("PUT", ROOM, {"live_minutes": 0}),
    ("POST", f"{ROOM}/excuse", {"from": "2023-11-10", "reason": "x"}),
    ("POST", f"{ROOM}/excuse", {"from": "2023-11-10", "to": "2023-11-31", "reason": "x"}),
    ("POST", f"{ROOM}/excuse", {"from": "2023-11-10", "to": "2023-11-09", "reason": "x"}),
    ("POST", f"{ROOM}/excuse", {"first": "2023-11-10", "last": "2023-11-10", "reason": "x"}),
    ("PUT", f"{ROOM}/live", {}),
    ("PUT", f"{ROOM}/live", {"live": 1}),
    ("POST", f"{ANN}/score", {"amount": 10}),
    ("POST", f"{ANN}/score", {"amount": 0, "reason": "x"}),
    ("POST", f"{ANN}/score", {"amount": 1.5, "reason": "x"}),
    ("POST", f"{ANN}/score", {"amount": True, "reason": "x"}),
    ("POST", f"{ANN}/score", {"amount": 10**9, "reason": "x"}),
    ("POST", f"{ANN}/score", {"amount": 1, "reason": ""}),
    ("POST", f"{ANN}/score", {"amount": 1, "reason": "x", "more": 1}),
]


@pytest.mark.parametrize(("method", "path", "body"), BAD_BODIES)
async def test_a_body_that_does_not_fit_changes_nothing(method: str, path: str, body: Any) -> None:
    async with serving() as on:
        await on.http.put(ROOM, json={"title": "Tea"})
        before = (await on.http.get(ROOM)).json()
        response = await on.http.request(method, path, json=body, headers=key("1"))
        assert is_problem(response, 422)
        assert (await on.http.get(ROOM)).json() == before
        assert (await on.http.get(ANN)).json()["points"] == 0


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 10_000, b"null"])
async def test_what_is_no_json_is_refused(body: bytes) -> None:
    async with serving() as on:
        response = await on.http.put(ROOM, content=body, headers={"Content-Type": "application/json"})
    assert response.status_code in (400, 422)
    assert is_problem(response, response.status_code)


@pytest.mark.parametrize("room", ["a" * 65, "a%20b", "a%2Fb", "%E8%8C%B6", "a.b", "..%2f", "a%0A"])
async def test_ids_of_rooms_are_checked(room: str) -> None:
    async with serving() as on:
        response = await on.http.put(f"/api/v1/rooms/{room}", json={})
        assert response.status_code in (404, 422)
        assert is_problem(response, response.status_code)
        assert not on.store.stored


@pytest.mark.parametrize("user", ["a" * 129, "a%20b", "%E8%8C%B6", "a%0A"])
async def test_ids_of_users_are_checked(user: str) -> None:
    async with serving() as on:
        await on.http.put(ROOM, json={})
        assert is_problem(await on.http.get(f"{ROOM}/members/{user}"), 422)


async def test_points_that_are_not_there_cannot_be_taken() -> None:
    async with serving() as on:
        await on.http.put(ROOM, json={})
        response = await on.http.post(f"{ANN}/score", json={"amount": -5, "reason": "refund"}, headers=key("1"))
    assert is_problem(response, 409)
    assert response.json()["temporary"] is False


async def test_what_happened_is_read_page_by_page() -> None:
    async with serving() as on:
        await on.http.put(ROOM, json={})
        for number in range(3):
            await on.http.post(f"{ANN}/score", json=TEN, headers=key(str(number)))
        first = (await on.http.get(f"{ROOM}/events", params={"limit": 2})).json()
        rest = (await on.http.get(f"{ROOM}/events", params={"after": first["next"]})).json()
        end = (await on.http.get(f"{ROOM}/events", params={"after": rest["next"]})).json()
    kinds = [event["type"] for record in first["records"] + rest["records"] for event in record["events"]]
    assert kinds.count("membership.points_earned") == 3
    assert kinds[0] == "room.made"
    assert end["records"] == []
    assert end["next"] == rest["next"]
    assert end["oldest"] == first["records"][0]["id"]


async def test_what_is_kept_no_more_is_gone() -> None:
    now = 1_800_000_000_000
    store = MemoryStore(clock=lambda: now, outbox_age=1000)
    async with serving(store=store) as on:
        await on.http.put(ROOM, json={})
        first = (await on.http.get(f"{ROOM}/events")).json()["next"]
        now += 5000
        await on.http.post(f"{ANN}/score", json=TEN, headers=key("1"))
        now += 5000
        await on.http.post(f"{ANN}/score", json=TEN, headers=key("2"))
        response = await on.http.get(f"{ROOM}/events", params={"after": first})
        assert is_problem(response, 410)
        oldest = response.json()["oldest"]
        assert (await on.http.get(f"{ROOM}/events", params={"after": oldest})).status_code == 200


@pytest.mark.parametrize(
    "query", ["after=x", "after=-1", "after=1-2-3", "limit=0", "limit=1001", "limit=x", "after=" + "9" * 40]
)
async def test_a_place_that_is_none_is_refused(query: str) -> None:
    async with serving() as on:
        await on.http.put(ROOM, json={})
        response = await on.http.get(f"{ROOM}/events?{query}")
    assert response.status_code in (400, 422)
    assert is_problem(response, response.status_code)


@pytest.mark.timeout(20)
async def test_a_store_that_is_away_is_a_passing_problem() -> None:
    async with serving(store=MemoryStore(faults=[Fault.LOST_BEFORE] * 100)) as on:
        response = await on.http.put(ROOM, json={}, headers=key("1"))
    assert is_problem(response, 503)
    assert int(response.headers["retry-after"]) >= 1
    assert response.json()["temporary"] is True


# --- what the platform shows

CARD = {"type": "app.product", "data": {"sku": "t-1", "title": "茶"}}


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


NESTED: list[Any] = []
for _ in range(252):
    NESTED = [NESTED]


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
