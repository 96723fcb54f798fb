"""The application as a whole."""

from pathlib import Path

import httpx
import pytest

from roomserver.admission import Listed
from roomserver.http.app import make_platform_app
from roomserver.http.guard import PLATFORM
from tests.roomserver.http.serving import KEY, Serving, is_problem, serving

LISTED = Listed.of(["https://shop.example"], ["live.shop.example"])


async def test_the_api_describes_itself() -> None:
    async with serving() as on:
        said = (await on.stranger().get("/api/openapi.json")).json()
    assert set(said["paths"]) == {
        "/readyz",
        f"{PLATFORM}/rooms/{{room}}",
        f"{PLATFORM}/rooms/{{room}}/live",
        f"{PLATFORM}/rooms/{{room}}/members/{{user}}",
        f"{PLATFORM}/rooms/{{room}}/members/{{user}}/score",
        f"{PLATFORM}/rooms/{{room}}/members/{{user}}/tier",
        f"{PLATFORM}/rooms/{{room}}/members/{{user}}/import",
        f"{PLATFORM}/rooms/{{room}}/members/{{user}}/export",
        f"{PLATFORM}/members/{{user}}",
        f"{PLATFORM}/members/{{user}}/export",
        f"{PLATFORM}/members/{{user}}/revoke",
        f"{PLATFORM}/revoke",
        f"{PLATFORM}/rooms/{{room}}/publish",
        f"{PLATFORM}/rooms/{{room}}/excuse",
        f"{PLATFORM}/rooms/{{room}}/events",
        *(f"/{protocol}/{{room}}{rest}" for protocol in ("whip", "whep") for rest in ("", "/{name}")),
    }
    assert said["components"]["securitySchemes"] == {
        "HTTPBearer": {"type": "http", "scheme": "bearer", "description": "The operator's key."}
    }


async def test_no_page_loads_anything_from_elsewhere() -> None:
    async with serving() as on:
        for path in ("/docs", "/redoc", "/docs/oauth2-redirect"):
            assert is_problem(await on.http.get(path), 404)


# The platform's own listener ------------------------------------------------------------------------------------------


def at_its_own(on: Serving, *, key: str = KEY, pages: Path | None = None) -> httpx.AsyncClient:
    """A client of the platform's own listener, by a name that only its network knows."""
    app = make_platform_app(on.server, on.access, version="1", pages=pages)
    transport = httpx.ASGITransport(app, client=("10.0.0.7", 5000))
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return httpx.AsyncClient(transport=transport, base_url="http://rooms.internal:9000", headers=headers)


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/v1", "/api/v1/rooms/demo", "/api/openapi.json", "/metrics"])
@pytest.mark.parametrize("method", ["GET", "PUT", "OPTIONS"])
async def test_where_the_platform_is_apart_viewers_find_nothing_of_it_with_any_key(method: str, path: str) -> None:
    async with serving(apart=True) as on:
        assert is_problem(await on.http.request(method, path, json={}), 404)
        assert is_problem(await on.stranger().request(method, path, content=b'{"a": 1, "a": 1}'), 404)
        assert is_problem(await on.stranger().get("/ops"), 404)
        assert (await on.http.get("/readyz")).status_code == 200
        assert (await on.http.post("/whep/demo")).status_code == 401


async def test_at_the_platforms_own_listener_is_all_of_its_and_nothing_for_viewers(tmp_path: Path) -> None:
    (tmp_path / "ops.html").write_text("<!doctype html>")
    (tmp_path / "assets").mkdir()
    async with serving(apart=True, admission=LISTED) as on, at_its_own(on, pages=tmp_path) as http:
        assert (await http.put("/api/v1/rooms/demo", json={})).status_code == 200
        assert (await http.get("/readyz")).status_code == 200
        assert (await http.get("/metrics")).status_code == 200
        paths = (await http.get("/api/openapi.json")).json()["paths"]
        assert "script-src 'self'" in (await http.get("/ops")).headers["content-security-policy"]
        for path in ("/", "/host", "/assets/main.js", "/dev/token", "/whip/demo", "/media/hook"):
            assert is_problem(await http.get(path), 404)
    assert {path for path in paths if not path.startswith(PLATFORM)} == {"/readyz"}


async def test_the_platforms_own_listener_needs_its_key_and_lets_no_page_in() -> None:
    async with serving(apart=True, admission=LISTED) as on, at_its_own(on, key="") as stranger:
        for path in ("/api/v1/rooms/demo", "/api/v1/nowhere", "/metrics"):
            assert is_problem(await stranger.get(path), 401)
        async with at_its_own(on) as http:
            for origin in ("https://shop.example", "https://evil.example", "null"):
                assert is_problem(await http.get("/api/v1/rooms/demo", headers={"Origin": origin}), 403)


async def test_in_development_its_own_listener_too_answers_to_names_of_this_machine_only() -> None:
    async with serving(apart=True) as on, at_its_own(on) as http:
        assert is_problem(await http.get("/api/v1/rooms/demo"), 421)
