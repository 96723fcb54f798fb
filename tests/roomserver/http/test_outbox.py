"""What happened in a room, page by page."""

import pytest

from roomserver.memory_store import MemoryStore
from tests.roomserver.http.serving import is_problem, serving

ROOM = "/api/v1/rooms/demo"

ANN = f"{ROOM}/members/ann"

TEN = {"amount": 10, "reason": "order 1"}


def key(name: str) -> dict[str, str]:
    return {"Idempotency-Key": name}


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
