"""What durably happened in a room, page by page, for whoever follows it."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query
from pydantic import BaseModel

from roomserver.http.ids import RoomId
from roomserver.http.platform import platform_router
from roomserver.http.problems import ProblemRaised
from roomserver.server import RoomServer

START = "0"
"""The place before the first record of a room."""


class Happened(BaseModel):
    """One record of a room's outbox: the durable events of one turn."""

    id: str
    events: list[dict[str, Any]]


class EventsPage(BaseModel):
    """Records after a place, oldest first; ask for what comes after ``next``."""

    records: list[Happened]
    next: str
    oldest: str | None


def outbox(server: RoomServer) -> APIRouter:
    """The route of what happened."""
    router = platform_router()

    @router.get("/events", operation_id="get_events")
    async def get_events(
        room: RoomId,
        after: Annotated[str, Query(pattern=r"^[0-9]{1,20}(-[0-9]{1,20})?$")] = START,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    ) -> EventsPage:
        """What happened in a room, and is kept: 410 when records after that place are kept no more."""
        return await _events(server, room, after, limit)

    return router


async def _events(server: RoomServer, room: str, after: str, limit: int) -> EventsPage:
    await server.rooms.open(room, make=False)  # an unknown room is no empty one
    try:
        page = await server.store.outbox(room, after, limit)
    except ValueError as error:
        raise ProblemRaised(400, str(error)) from None
    if not page.complete:
        raise ProblemRaised(410, "records after that place are kept no more", oldest=page.oldest)
    records = [Happened(id=place, events=orjson.loads(record)["events"]) for place, record in page.records]
    return EventsPage(records=records, next=records[-1].id if records else after, oldest=page.oldest)
