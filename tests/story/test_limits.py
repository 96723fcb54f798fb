"""Limits of a real server with its own defaults: what one person may ask, and how often he may be here."""

from contextlib import AsyncExitStack, suppress
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.patience import PATIENCE
from tests.server import plain_http, running
from tests.story.wire import dialled, fresh, together, viewer

pytestmark = pytest.mark.store

TOO_MANY, FLOOD, CONNECTION_LIMIT = 111, 3013, 3504
CALLS_AT_ONCE, PER_USER, AT_ONCE = 40, 10, 4


async def metrics(http: str) -> dict[str, float]:
    async with plain_http() as client:
        page = (await client.get(f"{http}/metrics")).text
    lines = (line.rpartition(" ") for line in page.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in lines}


async def test_who_asks_too_much_is_told_and_who_goes_on_is_closed(tmp_path: Path) -> None:
    async with running(tmp_path) as server, viewer(server.url, server.sign("ada"), "demo") as ada:
        answers = await together(*(ada.ask(ping={}) for _ in range(3 * CALLS_AT_ONCE)))
        refused = [one["error"] for one in answers if "error" in one]
        assert {(error["code"], error["temporary"]) for error in refused} == {(TOO_MANY, True)}
        with suppress(ConnectionClosed):
            for _ in range(12):
                await ada.say(*[{"send": {"data": {}}}] * 250)
        assert (await ada.ended())[0] == FLOOD
        counted = await metrics(server.http)
        assert counted['roomserver_refusals_total{code="111"}'] >= len(refused)
        assert counted['roomserver_closes_total{code="3013"}'] == 1


async def test_one_user_is_here_ten_times_and_no_more(tmp_path: Path) -> None:
    async with running(tmp_path) as server, AsyncExitStack() as stack:
        token = server.sign("ada")
        for _ in range(PER_USER):
            await stack.enter_async_context(viewer(server.url, token, "demo"))
        eleventh = await stack.enter_async_context(dialled(server.url))
        await eleventh.say({"id": 1, "connect": {"token": token}})
        assert (await eleventh.ended())[0] == CONNECTION_LIMIT


async def test_a_full_server_and_a_crowded_address_answer_503_with_a_time(tmp_path: Path) -> None:
    config = tmp_path / "small.toml"
    config.write_text('[server]\nproxies = ["127.0.0.1/32"]\n[limits]\nconnections = 3\nper_address = 1\n')
    async with running(tmp_path, ("--config", str(config))) as server, AsyncExitStack() as stack:

        async def come_from(address: str) -> None:
            await stack.enter_async_context(connect(server.url, additional_headers={"X-Forwarded-For": address}))

        await come_from("198.51.100.1")
        with pytest.raises(InvalidStatus) as crowded:
            await come_from("198.51.100.1")
        await come_from("198.51.100.2")
        await come_from("2001:db8::1")
        with pytest.raises(InvalidStatus) as full:
            await come_from("198.51.100.3")
        for refused in (crowded.value.response, full.value.response):
            assert refused.status_code == httpx.codes.SERVICE_UNAVAILABLE
            assert 1 <= int(refused.headers["Retry-After"]) <= 5
        counted = await metrics(server.http)
        assert counted['roomserver_turned_away_total{reason="address"}'] == 1
        assert counted['roomserver_turned_away_total{reason="full"}'] == 1


async def test_a_crowd_at_once_is_let_in_and_a_flood_of_arrivals_is_not(tmp_path: Path) -> None:
    config = tmp_path / "small.toml"
    config.write_text("[limits]\narrivals = 1\n")
    async with running(tmp_path, ("--config", str(config))) as server:

        async def come() -> int:
            try:
                async with connect(server.url, open_timeout=PATIENCE):
                    return 101
            except InvalidStatus as refused:
                return refused.response.status_code

        assert await together(*(come() for _ in range(AT_ONCE))) == [101] * AT_ONCE
        flood = await together(*(come() for _ in range(60)))
        assert set(flood) <= {101, 503}
        assert flood.count(503) >= 2


@pytest.mark.parametrize("developing", [True, False])
async def test_development_has_no_rate_of_arrivals_and_counts_no_addresses(tmp_path: Path, developing: bool) -> None:
    config = tmp_path / "small.toml"
    config.write_text("[server]\nproxies = []\n[limits]\narrivals = 1\nper_address = 2\n")
    options = ("--config", str(config), *(("--dev",) if developing else ()))
    async with running(tmp_path, options) as server, AsyncExitStack() as stack:
        for _ in range(2):
            await stack.enter_async_context(connect(server.url))
        if developing:
            for _ in range(20):
                await stack.enter_async_context(viewer(server.url, server.sign(fresh("ada")), "demo"))
        else:
            with pytest.raises(InvalidStatus):
                await stack.enter_async_context(connect(server.url))
