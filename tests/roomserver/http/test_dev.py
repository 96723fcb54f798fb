"""The development door."""

from collections.abc import Mapping
from typing import Any

import pytest

from room.people import Role
from roomserver.clock import wall_ms
from roomserver.identity import Identity
from roomserver.tokens import Rules, Secrets, TokenChecks, issue
from tests.roomserver.http.serving import SECRET, is_problem, serving


def given(*, user: str, name: str, roles: Mapping[str, str]) -> str:
    return issue(SECRET, user=user, name=name, roles=roles, expires=wall_ms() // 1000 + 60)


def proved(token: str) -> Identity:
    return TokenChecks(Secrets([SECRET]), Rules()).verify(token)


@pytest.mark.parametrize("more", [{}, {"role": None}, {"room": "demo"}, {"room": "demo", "role": None}])
async def test_anybody_gets_a_token(more: dict[str, Any]) -> None:
    async with serving(issue=given) as on:
        response = await on.stranger().post("/dev/token", json={"user": "ann", "name": "Ann", **more})
    identity = proved(response.json()["token"])
    assert (identity.user, identity.name, identity.roles) == ("ann", "Ann", {})


async def test_a_role_holds_in_its_room() -> None:
    async with serving(issue=given) as on:
        body = {"user": "lin", "name": "Lin", "room": "demo", "role": "host"}
        identity = proved((await on.stranger().post("/dev/token", json=body)).json()["token"])
    assert identity.roles == {"demo": Role.HOST}


async def test_an_empty_user_is_a_guest() -> None:
    async with serving(issue=given) as on:
        response = await on.stranger().post("/dev/token", json={"user": ""})
    assert proved(response.json()["token"]).user == ""


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"user": 5},
        {"user": "a b"},
        {"user": "guest-1"},
        {"user": "a", "role": "host"},
        {"user": "a", "room": "a b"},
        {"user": "a", "room": "demo", "role": "king"},
        {"user": "a", "more": 1},
    ],
)
async def test_a_wish_that_does_not_fit_is_refused(body: dict[str, Any]) -> None:
    async with serving(issue=given) as on:
        assert is_problem(await on.stranger().post("/dev/token", json=body), 422)


async def test_there_is_no_door_in_production() -> None:
    async with serving() as on:
        assert is_problem(await on.http.post("/dev/token", json={"user": "ann"}), 404)


async def test_pages_of_other_sites_cannot_knock() -> None:
    async with serving(issue=given) as on:
        headers = {"Origin": "https://evil.example"}
        assert is_problem(await on.stranger().post("/dev/token", json={"user": "ann"}, headers=headers), 403)
