"""Errors as `application/problem+json` (RFC 9457); what went wrong inside is never told."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from app.refusals import TooManyShown
from effects.refusals import TextEmpty, TextTooLong
from moderation.refusals import Banned, BannedForGood
from room.refusal import (
    BadRequest,
    KeyTaken,
    LimitExceeded,
    NotAMember,
    PermissionDenied,
    Refused,
    TooManyRequests,
    UnknownMethod,
    UnknownRoom,
)
from roomserver.store import StoreUnavailable
from stage.refusals import NotOnStage

STATUSES: Mapping[type[Refused], int] = {
    BadRequest: 422,
    KeyTaken: 422,
    LimitExceeded: 422,
    NotAMember: 403,
    PermissionDenied: 403,
    TextEmpty: 422,
    TextTooLong: 422,
    TooManyRequests: 429,
    TooManyShown: 429,
    UnknownMethod: 404,
    UnknownRoom: 404,
    Banned: 403,
    BannedForGood: 403,
    NotOnStage: 403,
}
"""Statuses of refusals; any other is 503 when it passes, 409 when it stays."""


PROBLEM: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "integer", "description": "of a refusal, as docs/protocol.md has them"},
        "reason": {"type": "string"},
        "temporary": {"type": "boolean"},
    },
}
"""The schema of every error's body."""

_DOCUMENTED = {"description": "A problem (RFC 9457).", "content": {"application/problem+json": {"schema": PROBLEM}}}
DOCUMENTED: dict[int | str, dict[str, Any]] = {422: _DOCUMENTED, "4XX": _DOCUMENTED, "5XX": _DOCUMENTED}
"""What the API's own description says of errors."""


class ProblemResponse(JSONResponse):
    """An error's answer; what is in ``more`` stands beside the standard members."""

    media_type = "application/problem+json"

    def __init__(self, status: int, detail: str, *, headers: Mapping[str, str] | None = None, **more: object) -> None:
        said = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail, **more}
        super().__init__(said, status_code=status, headers=dict(headers or {}) | {"Cache-Control": "no-store"})


class ProblemRaised(Exception):
    """Ends a request with a problem."""

    def __init__(self, status: int, detail: str, **more: str | None) -> None:
        super().__init__(detail)
        self.problem = ProblemResponse(status, detail, headers=None, **more)


def of_refusal(refused: Refused) -> ProblemResponse:
    """A refusal of the domain, with its code."""
    status = STATUSES.get(type(refused)) or (503 if refused.temporary else 409)
    headers = {}
    if refused.temporary:
        headers["Retry-After"] = str(math.ceil((refused.retry_in or 1000) / 1000))
    return ProblemResponse(
        status,
        refused.message,
        headers=headers,
        code=refused.code,
        reason=refused.reason,
        temporary=refused.temporary,
    )


def answer_with_problems(app: FastAPI, count: Callable[[int], None]) -> None:
    """Let every error of an application be answered by a problem, and the codes of refusals be counted."""

    async def refused(_: Request, error: Exception) -> ProblemResponse:
        assert isinstance(error, Refused)
        count(error.code)
        return of_refusal(error)

    app.add_exception_handler(ProblemRaised, _raised)
    app.add_exception_handler(Refused, refused)
    app.add_exception_handler(StoreUnavailable, _store_away)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _standard)


async def _raised(_: Request, error: Exception) -> ProblemResponse:
    assert isinstance(error, ProblemRaised)
    return error.problem


async def _store_away(_: Request, __: Exception) -> ProblemResponse:
    return ProblemResponse(503, "the store is away", headers={"Retry-After": "1"}, temporary=True)


async def _invalid(_: Request, error: Exception) -> ProblemResponse:
    assert isinstance(error, RequestValidationError)
    errors = [{"at": _place(one["loc"]), "what": one["msg"]} for one in error.errors()[:20]]
    return ProblemResponse(422, "; ".join(f"{one['at']}: {one['what']}" for one in errors), errors=errors)


def _place(parts: Sequence[Any]) -> str:
    return ".".join(str(part) for part in parts)


async def _standard(request: Request, error: Exception) -> ProblemResponse:
    assert isinstance(error, HTTPException)
    details = {404: f"there is nothing at {request.url.path[:200]}", 405: f"no {request.method} here"}
    return ProblemResponse(error.status_code, details.get(error.status_code, str(error.detail)), headers=error.headers)
