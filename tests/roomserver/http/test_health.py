"""Whether the server lives, is ready, and what it counts."""

import asyncio

import pytest

from roomserver.memory_store import MemoryStore
from tests.roomserver.http.serving import KEY, is_problem, serving


async def test_a_running_server_lives_and_is_ready() -> None:
    async with serving() as on:
        assert (await on.http.get("/livez")).status_code == 200
        assert (await on.http.head("/livez")).content == b""
        ready = await on.http.get("/readyz")
    assert ready.status_code == 200
    assert ready.json() == {
        "ready": True,
        "durability": "memory",
        "store": "ok",
        "rooms": 0,
        "connections": 0,
        "version": "1",
    }


async def test_a_draining_server_lives_but_is_not_ready() -> None:
    async with serving() as on:
        await on.server.drain()
        assert (await on.http.get("/livez")).status_code == 200
        ready = await on.http.get("/readyz")
    assert ready.status_code == 503
    assert ready.json()["ready"] is False


async def test_a_store_that_is_away_leaves_the_server_ready() -> None:
    async with serving() as on:
        on.server.rooms.storage_is(available=False)
        ready = await on.http.get("/readyz")
    assert ready.status_code == 200
    assert ready.json()["store"] == "away"


async def test_metrics_are_in_the_text_format() -> None:
    async with serving() as on:
        response = await on.stranger().get("/metrics")
    assert response.headers["content-type"].startswith("text/plain; version=")
    assert "# TYPE roomserver_commands_total counter" in response.text


@pytest.mark.parametrize("name", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
async def test_metrics_through_a_proxy_need_the_operators_key(name: str) -> None:
    async with serving() as on:
        assert is_problem(await on.stranger().get("/metrics", headers={name: "127.0.0.1"}), 401)


@pytest.mark.parametrize("address", ["10.0.0.7", "::ffff:10.0.0.7", "fe80::1", ""])
async def test_metrics_from_elsewhere_need_the_operators_key(address: str) -> None:
    async with serving() as on:
        stranger = on.stranger(address=address)
        assert is_problem(await stranger.get("/metrics"), 401)
        assert is_problem(await stranger.get("/metrics", headers={"Authorization": "Bearer x"}), 401)
        assert (await stranger.get("/metrics", headers={"Authorization": f"Bearer {KEY}"})).status_code == 200


@pytest.mark.parametrize("address", ["127.0.0.1", "127.3.2.1", "::1"])
async def test_metrics_are_open_to_this_machine(address: str) -> None:
    async with serving() as on:
        assert (await on.stranger(address=address).get("/metrics")).status_code == 200
        wrong = {"Authorization": "Bearer x"}
        assert is_problem(await on.stranger(address=address).get("/metrics", headers=wrong), 401)


async def test_readiness_does_not_wait_for_the_store() -> None:
    gate = asyncio.Event()
    async with serving(store=MemoryStore(gate=gate)) as on:
        assert (await on.http.get("/readyz")).status_code == 200
        gate.set()
