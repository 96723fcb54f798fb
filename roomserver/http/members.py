"""Members who come from another system, and all that is stored of one: import and export."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi.security import HTTPBearer
from pydantic import BaseModel, ConfigDict, Field

from checkin.imported import DAYS, ImportHistory
from effects.text import clean
from roomserver.http.export import exported
from roomserver.http.guard import PLATFORM
from roomserver.http.ids import Key, RoomId, UserId, required
from roomserver.http.platform import OPERATOR
from roomserver.server import RoomServer

Day = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]


class History(BaseModel):
    """What a member had in another system; ``days`` are those checked in, as ``2026-11-21``, in any order."""

    model_config = ConfigDict(extra="forbid", strict=True)

    days: Annotated[list[Day], Field(max_length=DAYS)] = []
    score: Annotated[int, Field(ge=0, le=10**9)] = 0
    points: Annotated[int, Field(ge=0, le=10**9)] = 0
    name: Annotated[str, Field(min_length=1, max_length=64)] | None = None


def members(server: RoomServer) -> APIRouter:
    """The routes under /api/v1/rooms/{room}/members/{user}; who may call them was decided before."""
    documented = HTTPBearer(auto_error=False, description="The operator's key.")
    prefix = f"{PLATFORM}/rooms/{{room}}/members/{{user}}"
    router = APIRouter(prefix=prefix, tags=["platform"], dependencies=[Depends(documented)])

    @router.put("/import", operation_id="put_history")
    async def put_history(room: RoomId, user: UserId, history: History, key: Key = None) -> Response:
        """Set up the history of a member who has none here yet; it counts from now on, and earns nothing again."""
        command = ImportHistory(
            room=room,
            user=user,
            days=tuple(history.days),
            score=history.score,
            points=history.points,
            name=None if history.name is None else clean(history.name),
            key=required(key),
        )
        return Response(await server.command(OPERATOR, command), media_type="application/json")

    @router.get("/export", operation_id="get_export")
    async def get_export(room: RoomId, user: UserId) -> Response:
        """Everything that is stored of a member in a room, with his days as an import takes them."""
        await server.rooms.open(room)  # an unknown room is no empty one
        return Response(await exported(server, room, user), media_type="application/json")

    return router
