"""The platform's back end as a caller: who it is in a room, where its calls are, and how they are written."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Response
from fastapi.security import HTTPBearer
from pydantic import BaseModel, ConfigDict

from room.people import PLATFORM_ID, Actor, Role
from roomserver.http.guard import PLATFORM

OPERATOR = Actor(id=PLATFORM_ID, name=PLATFORM_ID, role=Role.OPERATOR)
"""Who the platform's back end is in a room."""

DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"


class PlatformBody(BaseModel):
    """The JSON that a call brings: no fields but those that are known, and no type for another."""

    model_config = ConfigDict(extra="forbid", strict=True)


def platform_router(path: str = "") -> APIRouter:
    """A router under /api/v1/rooms/{room}; who may call it was decided before."""
    documented = HTTPBearer(auto_error=False, description="The operator's key.")
    prefix = f"{PLATFORM}/rooms/{{room}}{path}"
    return APIRouter(prefix=prefix, tags=["platform"], dependencies=[Depends(documented)])


def answered(body: bytes) -> Response:
    """A reply that is JSON already."""
    return Response(body, media_type="application/json")
