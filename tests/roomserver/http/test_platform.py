"""The platform's calls: what they all have in common."""

from typing import Any

import pytest

from roomserver.memory_store import Fault, MemoryStore
from tests.roomserver.http.serving import is_problem, serving

ROOM = "/api/v1/rooms/demo"

ANN = f"{ROOM}/members/ann"

TEN = {"amount": 10, "reason": "order 1"}


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


@pytest.mark.parametrize("bad", ["", "x" * 65, "a b", "é"])
async def test_a_key_is_1_to_64_visible_characters(bad: str) -> None:
    async with serving() as on:
        headers = {b"Idempotency-Key": bad.encode("latin-1")}
        assert is_problem(await on.http.put(ROOM, json={}, headers=headers), 422)


BAD_BODIES: list[tuple[str, str, Any]] = [
    ("PUT", ROOM, {"title": "x" * 129}),
    ("PUT", ROOM, {"title": 5}),
    ("PUT", ROOM, {"title": "a\u0000b"}),
    ("PUT", ROOM, {"title": "\u202eback"}),
    ("PUT", ROOM, {"title": "two\nlines"}),
    ("PUT", ROOM, {"host": "a b"}),
    ("PUT", ROOM, {"host": "guest-1"}),
    ("PUT", ROOM, {"zone": "../../etc/passwd"}),
    ("PUT", ROOM, {"zone": "a\u0000"}),
    ("POST", f"{ANN}/score", {"amount": 10, "reason": "\u202eback"}),
    ("POST", f"{ROOM}/excuse", {"from": "2023-11-10", "to": "2023-11-10", "reason": "a\u0000"}),
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


@pytest.mark.timeout(20)
async def test_a_store_that_is_away_is_a_passing_problem() -> None:
    async with serving(store=MemoryStore(faults=[Fault.LOST_BEFORE] * 100)) as on:
        response = await on.http.put(ROOM, json={}, headers=key("1"))
    assert is_problem(response, 503)
    assert int(response.headers["retry-after"]) >= 1
    assert response.json()["temporary"] is True
