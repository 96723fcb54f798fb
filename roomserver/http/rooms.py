"""What the platform sets for a room: its face and its days, whether it is live, and which days are excused."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Response
from pydantic import Field

from checkin.messages import Excuse
from room.message import PLAIN
from room.settings import Cadence
from roomserver.http.ids import HostId, Key, RoomId
from roomserver.http.platform import DAY, OPERATOR, PlatformBody, answered, platform_router
from roomserver.open_room import OpenRoom
from roomserver.server import RoomServer
from settings.feature import described
from settings.messages import Configure, SetLive


class Planned(PlatformBody):
    """When the next stream begins, in ms since 1970; null when none is planned."""

    next_at: Annotated[int, Field(ge=1, lt=2**53)] | None = None


class RoomFace(PlatformBody):
    """What is set for a room; what is absent stays. ``boundary``: minutes after midnight when days begin.

    ``cadence`` says what asks for a check-in: every day, a day with ``live_minutes`` of streaming, or each stream that
    is so long; before a check-in a member must have been in the room for ``dwell_seconds``.
    """

    title: Annotated[str, Field(max_length=128, pattern=f"^{PLAIN}*$")] | None = None
    host: HostId | None = None
    zone: Annotated[str, Field(min_length=1, max_length=64, examples=["Asia/Shanghai"])] | None = None
    boundary: Annotated[int, Field(ge=0, le=1439)] | None = None
    language: Literal["en", "zh"] | None = None
    words: Annotated[list[Annotated[str, Field(min_length=1, max_length=64)]], Field(max_length=500)] | None = None
    cadence: Cadence | None = None
    live_minutes: Annotated[int, Field(ge=1, le=1440)] | None = None
    dwell_seconds: Annotated[int, Field(ge=0, le=3600)] | None = None
    schedule: Planned | None = None


class Live(PlatformBody):
    """Whether the room's stream runs, and when the next one is planned.

    ``stream`` is the platform's id of it: with that of the last one, the same stream goes on after an interruption.
    """

    live: bool
    stream: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    schedule: Planned | None = None


class Excused(PlatformBody):
    """Days (``2026-11-21``) on which nothing that was missed breaks a streak, the last one included, and why."""

    first: Annotated[str, Field(alias="from", pattern=DAY)]
    last: Annotated[str, Field(alias="to", pattern=DAY)]
    reason: Annotated[str, Field(min_length=1, max_length=200, pattern=f"^{PLAIN}+$")]


def rooms(server: RoomServer) -> APIRouter:
    """The routes of a room itself."""
    router = platform_router()

    @router.put("", operation_id="put_room")
    async def put_room(room: RoomId, face: RoomFace, key: Key = None) -> Response:
        """Make a room, or change what is set for it."""
        given = face.model_dump(exclude={"schedule", "words"}, exclude_none=True)
        words = None if face.words is None else tuple(face.words)
        command = Configure(room=room, next_at=_planned(face.schedule), words=words, key=key, **given)
        return answered(await server.command(OPERATOR, command, make=True))

    @router.get("", operation_id="get_room")
    async def get_room(room: RoomId) -> Response:
        """A room as it is now."""
        return answered(orjson.dumps(_shown(await server.rooms.open(room, make=False))))

    @router.put("/live", operation_id="put_live")
    async def put_live(room: RoomId, live: Live, key: Key = None) -> Response:
        """Say that the room's stream has begun, or has ended."""
        command = SetLive(room=room, live=live.live, stream=live.stream, next_at=_planned(live.schedule), key=key)
        return answered(await server.command(OPERATOR, command))

    @router.post("/excuse", operation_id="post_excuse")
    async def post_excuse(room: RoomId, excused: Excused, key: Key = None) -> Response:
        """Excuse days, also after they are over: streaks that broke on them are whole again, and boards with them."""
        days = {"first": excused.first, "last": excused.last}
        return answered(await server.command(OPERATOR, Excuse(room=room, **days, reason=excused.reason, key=key)))

    return router


def _planned(plan: Planned | None) -> int | None:
    """What the command says: nothing, an instant, or 0 for "none is planned"."""
    return None if plan is None else plan.next_at or 0


def _shown(room: OpenRoom) -> dict[str, Any]:
    return {
        **described(room.state, room.state.settings),
        "online": room.state.online,
        "words": room.state.settings.words,
    }
