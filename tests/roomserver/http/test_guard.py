"""What stands before every request."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from roomserver.addresses import Proxies
from roomserver.admission import Listed
from roomserver.clock import wall_ms
from roomserver.gate import Gate
from roomserver.http.guard import BODY_BYTES, PLATFORM, Guard
from roomserver.limits import Limits
from roomserver.tokens import issue
from tests.roomserver.http.serving import KEY, OLD_KEY, SECRET, Serving, is_problem, serving

LISTED = Listed.of(["https://shop.example"], ["live.shop.example"])


@pytest.mark.parametrize(
    "path", ["/", "/livez", "/readyz", "/metrics", "/nowhere", "/api/v1/rooms/x", "/api/openapi.json"]
)
async def test_every_response_has_the_security_headers(path: str) -> None:
    async with serving() as on:
        response = await on.http.get(path)
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "no-referrer"
    assert response.headers["permissions-policy"] == "camera=(self), microphone=(self), display-capture=(self)"
    assert response.headers["content-security-policy"].startswith("default-src 'none'; ")
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/", "/metrics", "/dev/token", "/api/v1/rooms/demo", "/nowhere"])
async def test_a_foreign_host_is_misdirected(path: str) -> None:
    async with serving() as on:
        assert is_problem(await on.http.get(path, headers={"Host": "evil.example"}), 421)


async def test_probes_may_use_any_name() -> None:
    async with serving(admission=LISTED) as on:
        assert (await on.http.get("/livez", headers={"Host": "10.0.0.7:8000"})).status_code == 200
        assert (await on.http.get("/readyz", headers={"Host": "10.0.0.7:8000"})).status_code == 200


async def test_two_hosts_are_no_host() -> None:
    async with serving() as on:
        twice = [("Host", "127.0.0.1:8000"), ("Host", "evil.example")]
        assert is_problem(await on.stranger().get("/", headers=twice), 421)


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "", "http://127.0.0.1:9", "https://shop.example"])
async def test_a_foreign_origin_is_refused(origin: str) -> None:
    async with serving() as on:
        assert is_problem(await on.http.put("/api/v1/rooms/demo", json={}, headers={"Origin": origin}), 403)


async def test_a_listed_origin_passes_in_production() -> None:
    async with serving(admission=LISTED) as on:
        headers = {"Host": "live.shop.example", "Origin": "https://shop.example"}
        assert (await on.http.put("/api/v1/rooms/demo", json={}, headers=headers)).status_code == 200


@pytest.mark.parametrize(
    "given",
    [
        "",
        "Bearer",
        "Bearer ",
        f"Basic {KEY}",
        KEY,
        f"Bearer {KEY}x",
        f"Bearer {KEY[:-1]}",
        "Bearer é",
        f"Bearer {KEY} {KEY}",
    ],
)
@pytest.mark.parametrize("path", ["/api/v1/rooms/demo", "/api/v1/nowhere", "/api/v1"])
async def test_without_the_operators_key_nothing_of_the_platform_is_told(path: str, given: str) -> None:
    async with serving() as on:
        response = await on.stranger().request(
            "PUT", path, content=b"no json", headers={b"Authorization": given.encode("latin-1")}
        )
    assert is_problem(response, 401)
    assert response.headers["www-authenticate"] == "Bearer"


async def test_both_keys_are_good_during_a_rotation() -> None:
    async with serving() as on:
        for key in (KEY, OLD_KEY):
            headers = {"Authorization": f"bearer {key}"}
            assert (await on.stranger().put("/api/v1/rooms/demo", json={}, headers=headers)).status_code == 200


async def test_a_large_body_is_refused_by_its_length_and_by_its_bytes() -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(5):
            yield b" " * (BODY_BYTES // 4)

    async with serving() as on:
        announced = await on.http.put("/api/v1/rooms/demo", content=b" " * (BODY_BYTES + 1))
        streamed = await on.http.put("/api/v1/rooms/demo", content=chunks())
        fitting = await on.http.put("/api/v1/rooms/demo", content=b"{}" + b" " * (BODY_BYTES - 2), headers=JSON)
    assert is_problem(announced, 413)
    assert is_problem(streamed, 413)
    assert fitting.status_code == 200


JSON = {"Content-Type": "application/json"}


async def test_an_unforeseen_error_is_told_by_nothing_but_its_status(caplog: pytest.LogCaptureFixture) -> None:
    async def fails(_: Scope, __: Receive, ___: Send) -> None:
        raise RuntimeError("hush")

    transport = httpx.ASGITransport(
        Guard(fails, admission=Listed.of([], []), operator=(), count=lambda status: None, gate=Gate(limits=Limits()))
    )
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as http:
        response = await http.get("/")
    assert is_problem(response, 500)
    assert "hush" not in response.text
    assert "hush" in caplog.text


async def test_every_problem_is_counted_by_its_status() -> None:
    async with serving() as on:
        await on.http.get("/livez")
        await on.http.get("/nowhere")
        await on.stranger().get("/api/v1/rooms/demo")
        page = on.server.metrics.page().decode()
    assert [line for line in page.splitlines() if line.startswith("roomserver_http_problems_total{")] == [
        'roomserver_http_problems_total{status="404"} 1.0',
        'roomserver_http_problems_total{status="401"} 1.0',
    ]


async def test_every_call_of_the_platform_needs_its_key_and_a_viewers_token_is_none() -> None:
    async with serving() as on:
        paths = (await on.stranger().get("/api/openapi.json")).json()["paths"]
        calls = [(method, path) for path, methods in paths.items() for method in methods if path.startswith(PLATFORM)]
        asked = [(method, path.format(room="demo", user="ann")) for method, path in calls]
        token = issue(SECRET, user="ann", expires=2**33, roles={"*": "host"})
        for given in ({}, {"Authorization": f"Bearer {token}"}, {"Authorization": f"Bearer {SECRET}"}):
            answers = [await on.stranger().request(method, path, headers=given) for method, path in asked]
            assert {answer.status_code for answer in answers} == {401}
        answers = [await on.http.request(method, path) for method, path in asked]
        assert 401 not in {answer.status_code for answer in answers}
    assert len(calls) > 15


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"live": true, "live": false}', 422),
        (b'{"live": true, "l\\u0069ve": false}', 422),
        (b'{"live": true, "schedule": {"next_at": 5, "next_at": null}}', 422),
        (b'{"live": true, "schedule": {"next_at": null}}', 200),
        (b'{"live": true, "unknown": 1}', 422),
        (b"[" * 60_000, 400),
        (b"\xff", 400),
        ('{"live": true}'.encode("utf-16"), 400),
        ('{"live": true}'.encode("utf-16-le"), 400),
        ('{"live": true}'.encode("utf-32-be"), 400),
        (b'{"live": true, "stream": "a\0"}', 400),
    ],
)
async def test_a_body_says_nothing_twice_and_nothing_unknown(body: bytes, status: int) -> None:
    async with serving() as on:
        await on.http.put("/api/v1/rooms/demo", json={})
        response = await on.http.put(
            "/api/v1/rooms/demo/live", content=body, headers={"Content-Type": "application/json"}
        )
    assert response.status_code == status, response.text


# From where wrong keys come -------------------------------------------------------------------------------------------

THERE = {"X-Forwarded-For": "203.0.113.7"}


def noticed(on: Serving, start: float) -> int:
    """How many seconds are held against the address, to somebody of so little patience that he bears none."""
    gate = on.server.door.gate
    return gate.wait_after_failures("203.0.113.7", start + 0.1 - gate.limits.per_address)


async def test_wrong_keys_and_tokens_are_held_against_the_address_that_they_come_from() -> None:
    async with serving(proxies=Proxies(["127.0.0.1/32"])) as on, on.stranger() as stranger:
        start = asyncio.get_running_loop().time()
        token = issue(SECRET, user="ann", expires=wall_ms() // 1000 + 3600, roles={})
        good = {"Authorization": f"Bearer {token}"}
        assert (await stranger.post("/whep/demo", headers=THERE | good)).status_code == 415
        assert (await on.http.put("/api/v1/rooms/demo", json={}, headers=THERE)).status_code == 200
        assert noticed(on, start) == 0
        assert is_problem(await stranger.get("/api/v1/rooms/demo", headers=THERE), 401)
        first = noticed(on, start)
        assert is_problem(await stranger.post("/whep/demo", headers=THERE | {"Authorization": "Bearer x"}), 401)
        second = noticed(on, start)
        assert second > first > 0
        assert (await stranger.options("/whep/demo", headers=THERE)).status_code == 200
        assert noticed(on, start) == second, "a preflight bears none"
        assert (await stranger.options("/whep/demo", headers=THERE | {"Authorization": "Bearer x"})).status_code == 200
        third = noticed(on, start)
        assert third > second
        assert is_problem(await stranger.get("/metrics", headers=THERE), 401)
        assert noticed(on, start) == third, "who has no key yet shows no wrong one"
        assert is_problem(await stranger.get("/metrics", headers=THERE | {"Authorization": "Bearer x"}), 401)
        assert noticed(on, start) > third


async def test_from_where_many_have_come_no_key_or_token_is_looked_at_for_a_while() -> None:
    async with serving(proxies=Proxies(["127.0.0.1/32"])) as on, on.stranger() as stranger:
        gate, at = on.server.door.gate, asyncio.get_running_loop().time()
        for _ in range(gate.limits.per_address + 1):
            gate.failed("203.0.113.7", at + 60)
        token = {"Authorization": f"Bearer {issue(SECRET, user='ann', expires=2**33, roles={})}"}
        for twice in ([*THERE.items()], [("X-Forwarded-For", "198.51.100.1"), *THERE.items()]):
            for answer in (
                await on.http.get("/api/v1/rooms/demo", headers=twice),
                await stranger.get("/api/v1/rooms/demo", headers=twice),
                await on.http.get("/metrics", headers=twice),
                await stranger.post("/whep/demo", headers=[*twice, *token.items()]),
            ):
                assert is_problem(answer, 429)
                assert int(answer.headers["Retry-After"]) > 0
        assert (await on.http.get("/api/v1/rooms/demo")).status_code == 404
