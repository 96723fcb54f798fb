"""What the platform sets for a room."""

import pytest

from roomserver.config import RoomsSection
from tests.roomserver.http.serving import is_problem, serving

ROOM = "/api/v1/rooms/demo"

SHANGHAI = RoomsSection(zone="Asia/Shanghai", boundary="05:00")


def key(name: str) -> dict[str, str]:
    return {"Idempotency-Key": name}


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


async def test_the_same_key_makes_a_room_once() -> None:
    async with serving() as on:
        first = await on.http.put(ROOM, json={"title": "A"}, headers=key("1"))
        await on.http.put(ROOM, json={"title": "B"}, headers=key("2"))
        again = await on.http.put(ROOM, json={"title": "A"}, headers=key("1"))
        assert first.content == again.content
        assert (await on.http.get(ROOM)).json()["title"] == "B"


@pytest.mark.parametrize("room", ["a" * 65, "a%20b", "a%2Fb", "%E8%8C%B6", "a.b", "..%2f", "a%0A"])
async def test_ids_of_rooms_are_checked(room: str) -> None:
    async with serving() as on:
        response = await on.http.put(f"/api/v1/rooms/{room}", json={})
        assert response.status_code in (404, 422)
        assert is_problem(response, response.status_code)
        assert not on.store.stored
