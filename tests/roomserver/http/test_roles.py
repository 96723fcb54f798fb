"""Who may what over HTTP: every route, asked by everybody, against a table that the code does not make.

A new route has no row here, so the test fails until somebody has thought about who may ask it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from roomserver.clock import wall_ms
from roomserver.http.app import make_platform_app
from roomserver.tokens import issue
from tests.media.in_process import InProcess
from tests.media.pictures import offer
from tests.roomserver.http.serving import KEY, OLD_KEY, SECRET, Serving, serving

MEMBER = "/api/v1/rooms/{room}/members/{user}"
ANYBODY, TOKEN, OPERATOR, HERE = "anybody", "token", "operator", "this machine or the operator"
READ = ("GET", "HEAD")

WHO: Mapping[str, Mapping[str, Sequence[str]]] = {
    ANYBODY: {
        "/": READ,
        "/host": READ,
        "/ops": READ,
        "/livez": READ,
        "/readyz": READ,
        "/api/openapi.json": READ,
        "/dev/token": ("POST",),  # where tokens are given to anybody: in development
        **{f"/{way}/{{room}}{rest}": (*READ, "OPTIONS") for way in ("whip", "whep") for rest in ("", "/{name}")},
    },
    HERE: {"/metrics": ("GET",)},
    TOKEN: {
        "/whip/{room}": ("POST",),
        "/whep/{room}": ("POST",),
        "/whip/{room}/{name}": ("PATCH", "DELETE"),
        "/whep/{room}/{name}": ("PATCH", "DELETE"),
    },
    OPERATOR: {
        "/api/v1/rooms/{room}": ("GET", "PUT"),
        "/api/v1/rooms/{room}/live": ("PUT",),
        "/api/v1/rooms/{room}/excuse": ("POST",),
        "/api/v1/rooms/{room}/publish": ("POST",),
        "/api/v1/rooms/{room}/events": ("GET",),
        MEMBER: ("GET", "DELETE"),
        f"{MEMBER}/score": ("POST",),
        f"{MEMBER}/tier": ("PUT",),
        f"{MEMBER}/import": ("PUT",),
        f"{MEMBER}/export": ("GET",),
        "/api/v1/members/{user}": ("DELETE",),
        "/api/v1/members/{user}/export": ("GET",),
        "/api/v1/members/{user}/revoke": ("POST",),
        "/api/v1/revoke": ("POST",),
    },
}
"""Who may ask which routes; of a session of somebody else nobody learns that it is there (404)."""

TABLE = {(method, path): who for who, paths in WHO.items() for path, methods in paths.items() for method in methods}


def token(user: str, roles: Mapping[str, str] | None = None, *, life: int = 3600, secret: str = SECRET) -> str:
    return issue(secret, user=user, roles=roles or {}, expires=wall_ms() // 1000 + life)


def bearing(text: str, scheme: str = "Bearer") -> dict[str, Any]:
    return {"headers": {"Authorization": f"{scheme} {text}"}}


STRANGERS: Mapping[str, dict[str, Any]] = {
    "nobody": {},
    "a key that is none": bearing("x" * 32),
    "the beginning of the key": bearing(KEY[:-1]),
    "the key and more": bearing(f"{KEY}k"),
    "both keys": bearing(f"{KEY},{OLD_KEY}"),
    "the key by another scheme": bearing(KEY, "Basic"),
    "the key in the address": {"params": {"access_token": KEY, "token": KEY}},
    "the key in a cookie": {"headers": {"Cookie": f"Authorization=Bearer {KEY}"}},
    "the secret of tokens": bearing(SECRET),
    "a token that is over": bearing(token("lin", {"*": "host"}, life=-1)),
    "a token of another server": bearing(token("lin", {"*": "host"}, secret="z" * 32)),
    "a token in the address": {"params": {"token": token("lin", {"*": "host"})}},
}
PEOPLE: Mapping[str, dict[str, Any]] = {
    "a guest": bearing(token("")),
    "a viewer": bearing(token("vera")),
    "a moderator": bearing(token("mo", {"demo": "moderator"})),
    "a host of another room": bearing(token("hans", {"other": "host"})),
    "the host": bearing(token("lin", {"demo": "host"})),
    "a host of all rooms": bearing(token("max", {"*": "host"})),
}
OPERATORS: Mapping[str, dict[str, Any]] = {"the key": bearing(KEY), "the key before it": bearing(OLD_KEY)}
CALLERS = {**STRANGERS, **PEOPLE, **OPERATORS}


def routes(app: FastAPI) -> set[tuple[str, str]]:
    """Every method and path of an application, those of no description too."""
    return {(method, route.path) for route in _flat(app.routes) for method in route.methods or ()}


def _flat(found: Sequence[Any]) -> Iterator[Any]:
    for route in found:
        if hasattr(route, "effective_candidates"):  # a router that is included keeps its routes to itself
            yield from _flat(route.effective_candidates())
        elif getattr(route, "methods", None) is not None:
            yield route


@asynccontextmanager
async def asked(*, apart: bool = False) -> AsyncIterator[Serving]:
    """A server with all that there can be, and a room."""
    async with InProcess(()).running() as inside, serving(backend=inside, issue=_given, apart=apart) as on:
        if not apart:
            await on.http.put("/api/v1/rooms/demo", json={})
        yield on


def _given(*, user: str, name: str, roles: Mapping[str, str]) -> str:
    return token(user, roles)


async def status(http: httpx.AsyncClient, method: str, path: str, caller: dict[str, Any]) -> int:
    place = path.format(room="demo", user="ann", name="session")
    return (await http.request(method, place, **caller)).status_code


async def test_every_route_has_its_row() -> None:
    async with asked() as on:
        assert routes(on.app) == set(TABLE)


@pytest.mark.parametrize(
    ("callers", "may"),
    [(STRANGERS, {ANYBODY}), (PEOPLE, {ANYBODY, TOKEN}), (OPERATORS, {ANYBODY, OPERATOR, HERE})],
    ids=["strangers", "people", "operators"],
)
async def test_everybody_may_ask_what_the_table_says_and_nothing_else(
    callers: Mapping[str, dict[str, Any]], may: set[str]
) -> None:
    wrong = {}
    async with asked() as on, on.stranger(address="10.0.0.7") as http:
        for name, caller in callers.items():
            for (method, path), who in TABLE.items():
                found = await status(http, method, path, caller)
                if (found != 401) is not (who in may) or found == 500:
                    wrong[name, method, path] = found
    assert wrong == {}


async def test_there_are_as_many_cases_as_it_takes() -> None:
    assert len(TABLE) * len(CALLERS) >= 400


async def test_where_the_platform_is_apart_each_listener_has_its_own_routes() -> None:
    theirs = {one for one, who in TABLE.items() if who in (OPERATOR, HERE) or one[1] in ("/api/openapi.json", "/ops")}
    both = {one for one in TABLE if one[1] in ("/livez", "/readyz")}
    async with asked(apart=True) as on, on.stranger(address="10.0.0.7") as http:
        apart = make_platform_app(on.server, on.access, version="1")
        assert routes(apart) == theirs | both
        assert routes(on.app) - {("GET", "/metrics")} == set(TABLE) - theirs
        for caller in CALLERS.values():
            assert {await status(http, *one, caller) for one in theirs} == {404}


# Pictures: who may begin one, and whose it is -------------------------------------------------------------------------

BEGINS = {
    "a guest": (422, 409),
    "a viewer": (403, 409),
    "a moderator": (403, 409),
    "a host of another room": (403, 409),
    "the host": (201, 409),
    "a host of all rooms": (201, 409),
}
"""What they are told who want to publish, and to watch what nobody publishes yet."""


async def test_who_may_publish_and_watch() -> None:
    for name, expected in BEGINS.items():
        async with asked() as on, on.stranger() as http:
            headers = {**PEOPLE[name]["headers"], "Content-Type": "application/sdp"}
            sends = await http.post("/whip/demo", content=offer(), headers=headers)
            watches = await http.post("/whep/demo", content=offer(direction="recvonly"), headers=headers)
        assert (sends.status_code, watches.status_code) == expected, name


async def test_a_session_is_its_owners_alone() -> None:
    async with asked() as on, on.stranger() as http:
        headers = {**PEOPLE["the host"]["headers"], "Content-Type": "application/sdp"}
        place = (await http.post("/whip/demo", content=offer(), headers=headers)).headers["Location"]
        for name, caller in CALLERS.items():
            if name != "the host":
                for where in (place, place.replace("whip", "whep"), place.replace("demo", "other")):
                    told = {(await http.request(method, where, **caller)).status_code for method in ("PATCH", "DELETE")}
                    assert told == {404 if name in PEOPLE else 401}, name
        assert (await http.delete(place, headers=PEOPLE["the host"]["headers"])).status_code == 200
