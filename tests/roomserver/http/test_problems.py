"""Errors as problems."""

import json

import pytest

from effects.refusals import TextEmpty, TextTooLong, TooFast
from room.refusal import (
    BadRequest,
    Contended,
    NotAMember,
    PermissionDenied,
    Refused,
    StoreAway,
    TooManyRequests,
    UnknownRoom,
)
from roomserver.http.problems import of_refusal
from tests.roomserver.http.serving import is_problem, serving


@pytest.mark.parametrize(
    ("refused", "status", "wait"),
    [
        (UnknownRoom("x"), 404, None),
        (TextEmpty(), 422, None),
        (TextTooLong(), 422, None),
        (BadRequest("x"), 422, None),
        (PermissionDenied(), 403, None),
        (NotAMember(), 403, None),
        (TooManyRequests(), 429, "1"),
        (StoreAway(), 503, "1"),
        (StoreAway(retry_in=1500), 503, "2"),
        (Contended(), 503, "1"),
        (TooFast(retry_in=2000), 503, "2"),
    ],
)
def test_a_refusal_has_its_status_code_and_wait(refused: Refused, status: int, wait: str | None) -> None:
    problem = of_refusal(refused)
    said = json.loads(bytes(problem.body))
    assert (problem.status_code, problem.headers.get("retry-after")) == (status, wait)
    assert (said["code"], said["temporary"], said["detail"]) == (refused.code, refused.temporary, refused.message)


async def test_unknown_paths_and_methods_are_problems() -> None:
    async with serving() as on:
        assert is_problem(await on.http.get("/nowhere"), 404)
        assert is_problem(await on.http.get("/api/v1/nowhere"), 404)
        wrong = await on.http.delete("/livez")
    assert is_problem(wrong, 405)
    assert "GET" in wrong.headers["allow"]


async def test_an_invalid_field_is_named() -> None:
    async with serving() as on:
        response = await on.http.put("/api/v1/rooms/demo", json={"boundary": 5000})
    assert response.json()["errors"] == [{"at": "body.boundary", "what": "Input should be less than or equal to 1439"}]


async def test_refusals_over_http_are_counted_by_their_codes_too() -> None:
    async with serving() as on:
        await on.http.get("/api/v1/rooms/demo")
        await on.http.get("/api/v1/rooms/demo/members/ann")
        assert 'roomserver_refusals_total{code="1005"} 2.0' in on.server.metrics.page().decode()
