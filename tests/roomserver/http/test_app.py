"""The application as a whole."""

from roomserver.http.guard import PLATFORM
from tests.roomserver.http.serving import is_problem, serving


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
