"""Whether the server lives, whether it is ready, and what it counts."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from roomserver.admission import Local
from roomserver.http.guard import bears
from roomserver.http.problems import ProblemResponse
from roomserver.metrics import CONTENT_TYPE
from roomserver.server import RoomServer

FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")
"""What proxies add: a request that has it does not come from this machine, wherever its connection does."""


class Readiness(BaseModel):
    """Whether new viewers are welcome, and what an acknowledgement is worth."""

    ready: bool
    durability: Literal["memory", "local", "replicated"]
    store: Literal["ok", "away"]
    rooms: int
    connections: int
    version: str


def health(server: RoomServer, operator: Sequence[str], version: str) -> APIRouter:
    """The routes for machines that watch this one."""
    router = APIRouter(tags=["health"])
    keys = [key.encode() for key in operator]

    @router.api_route("/livez", methods=["GET", "HEAD"], include_in_schema=False)
    async def livez() -> dict[str, bool]:
        return {"alive": True}

    @router.head("/readyz", include_in_schema=False)
    @router.get("/readyz", response_model=Readiness, operation_id="readiness")
    async def readyz() -> Response:
        """503 only while the server starts or drains; a store that is away is 200, since the rooms go on."""
        said = Readiness(
            ready=server.ready,
            durability=server.durability.value,
            store="away" if server.rooms.storage == "away" else "ok",
            rooms=len(server.rooms),
            connections=len(server.door.connections),
            version=version,
        )
        return JSONResponse(said.model_dump(), status_code=200 if server.ready else 503)

    @router.get("/metrics", include_in_schema=False)
    async def metrics(request: Request) -> Response:
        if not (_from_here(request) or bears(request.headers, keys)):
            return ProblemResponse(401, "the operator's key is needed", headers={"WWW-Authenticate": "Bearer"})
        return Response(server.metrics.page(), media_type=CONTENT_TYPE)

    return router


def _from_here(request: Request) -> bool:
    """Whether a program on this machine asks, and no proxy for somebody else."""
    if request.client is None or any(name in request.headers for name in FORWARDED):
        return False
    try:
        peer = ipaddress.ip_address(request.client.host)
    except ValueError:
        return False
    return peer.is_loopback and Local().knows_host(request.headers.get("host", ""))
