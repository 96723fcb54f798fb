"""What the platform's back end calls: rooms, members, and what happened in a room."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Depends, Query, Response
from fastapi.security import HTTPBearer
from pydantic import BaseModel, ConfigDict, Field, field_validator

from app.feature import TYPE, Publish
from checkin.messages import Excuse
from membership.messages import MOST, AddScore, Member
from room.people import Actor, Role
from room.settings import Cadence
from roomserver.http.guard import PLATFORM
from roomserver.http.ids import USER, Key, RoomId, UserId, required
from roomserver.http.problems import ProblemRaised
from roomserver.open_room import OpenRoom
from roomserver.server import RoomServer
from settings.feature import Configure, SetLive, described

OPERATOR = Actor(id="operator", name="operator", role=Role.OPERATOR)
"""Who the platform's back end is in a room."""

PUBLISHED_BYTES = 4096
"""Of what the platform shows in one event: it goes to every viewer, in the batch with everything else."""

DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"

START = "0"
"""The place before the first record of a room."""


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Plan(_Body):
    """When the next stream begins, in ms since 1970; null when none is planned."""

    next_at: Annotated[int, Field(ge=1, lt=2**53)] | None = None


class RoomFace(_Body):
    """What is set for a room; what is absent stays. ``boundary``: minutes after midnight when days begin.

    ``cadence`` says what asks for a check-in: every day, a day with ``live_minutes`` of streaming, or each stream that
    is so long; before a check-in a member must have been in the room for ``dwell_seconds``.
    """

    title: Annotated[str, Field(max_length=128)] | None = None
    host: Annotated[str, Field(pattern=rf"^$|{USER}")] | None = None
    zone: Annotated[str, Field(min_length=1, max_length=64, examples=["Asia/Shanghai"])] | None = None
    boundary: Annotated[int, Field(ge=0, le=1439)] | None = None
    language: Literal["en", "zh"] | None = None
    words: Annotated[list[Annotated[str, Field(min_length=1, max_length=64)]], Field(max_length=500)] | None = None
    cadence: Cadence | None = None
    live_minutes: Annotated[int, Field(ge=1, le=1440)] | None = None
    dwell_seconds: Annotated[int, Field(ge=0, le=3600)] | None = None
    schedule: Plan | None = None


class Live(_Body):
    """Whether the room's stream runs, and when the next one is planned.

    ``stream`` is the platform's id of it: with that of the last one, the same stream goes on after an interruption.
    """

    live: bool
    stream: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    schedule: Plan | None = None


class ScoreChange(_Body):
    """Points and qualifying score that a member gets, or loses."""

    amount: Annotated[int, Field(ge=-MOST, le=MOST)]
    reason: Annotated[str, Field(min_length=1, max_length=200)]


class Published(_Body):
    """Something of the platform's own to show in a room: a product card, an order notice."""

    type: Annotated[str, Field(pattern=rf"^{TYPE}$", examples=["app.product"])]
    data: dict[str, Any]

    @field_validator("data")
    @classmethod
    def _fits(cls, data: dict[str, Any]) -> dict[str, Any]:
        """It must be what a batch can carry: one that cannot be encoded would take the whole batch with it."""
        try:
            size = len(orjson.dumps([data])) - 2  # one level deeper, as it will be in the event
        except TypeError as error:
            raise ValueError(f"no JSON that can be shown: {error}") from None
        if size > PUBLISHED_BYTES:
            raise ValueError(f"{size} bytes, and {PUBLISHED_BYTES} may be shown")
        return data


class Excused(_Body):
    """Days (``2026-11-21``) on which nothing that was missed breaks a streak, the last one included, and why."""

    first: Annotated[str, Field(alias="from", pattern=DAY)]
    last: Annotated[str, Field(alias="to", pattern=DAY)]
    reason: Annotated[str, Field(min_length=1, max_length=200)]


class Happened(BaseModel):
    """One record of a room's outbox: the durable events of one turn."""

    id: str
    events: list[dict[str, Any]]


class Page(BaseModel):
    """Records after a place, oldest first; ask for what comes after ``next``."""

    records: list[Happened]
    next: str
    oldest: str | None


def platform(server: RoomServer) -> APIRouter:
    """The routes under /api/v1; who may call them was decided before."""
    documented = HTTPBearer(auto_error=False, description="The operator's key.")
    router = APIRouter(prefix=f"{PLATFORM}/rooms/{{room}}", tags=["platform"], dependencies=[Depends(documented)])

    @router.put("", operation_id="put_room")
    async def put_room(room: RoomId, face: RoomFace, key: Key = None) -> Response:
        """Make a room, or change what is set for it."""
        given = face.model_dump(exclude={"schedule", "words"}, exclude_none=True)
        words = None if face.words is None else tuple(face.words)
        command = Configure(room=room, next_at=_planned(face.schedule), words=words, key=key, **given)
        return _json(await server.command(OPERATOR, command, make=True))

    @router.get("", operation_id="get_room")
    async def get_room(room: RoomId) -> Response:
        """A room as it is now."""
        return _json(orjson.dumps(_shown(await server.rooms.open(room, make=False))))

    @router.put("/live", operation_id="put_live")
    async def put_live(room: RoomId, live: Live, key: Key = None) -> Response:
        """Say that the room's stream has begun, or has ended."""
        command = SetLive(room=room, live=live.live, stream=live.stream, next_at=_planned(live.schedule), key=key)
        return _json(await server.command(OPERATOR, command))

    @router.post("/excuse", operation_id="post_excuse")
    async def post_excuse(room: RoomId, excused: Excused, key: Key = None) -> Response:
        """Excuse days, also after they are over: streaks that broke on them are whole again, and boards with them."""
        days = {"first": excused.first, "last": excused.last}
        return _json(await server.command(OPERATOR, Excuse(room=room, **days, reason=excused.reason, key=key)))

    @router.get("/members/{user}", operation_id="get_member")
    async def get_member(room: RoomId, user: UserId) -> Response:
        """A member's whole card."""
        return _json(await server.command(OPERATOR, Member(room=room, user=user)))

    @router.post("/members/{user}/score", operation_id="post_score")
    async def post_score(room: RoomId, user: UserId, change: ScoreChange, key: Key = None) -> Response:
        """Give a member points and qualifying score, or take them; his new colour is on his next message."""
        command = AddScore(room=room, user=user, amount=change.amount, reason=change.reason, key=required(key))
        return _json(await server.command(OPERATOR, command))

    @router.post("/publish", operation_id="post_publish")
    async def post_publish(room: RoomId, shown: Published, key: Key = None) -> Response:
        """Show something in the room, in its next batch; nothing of it is stored."""
        return _json(await server.command(OPERATOR, Publish(room=room, type=shown.type, data=shown.data, key=key)))

    @router.get("/events", operation_id="get_events")
    async def get_events(
        room: RoomId,
        after: Annotated[str, Query(pattern=r"^[0-9]{1,20}(-[0-9]{1,20})?$")] = START,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    ) -> Page:
        """What happened in a room, and is kept: 410 when records after that place are kept no more."""
        return await _events(server, room, after, limit)

    return router


def _planned(plan: Plan | None) -> int | None:
    """What the command says: nothing, an instant, or 0 for "none is planned"."""
    return None if plan is None else plan.next_at or 0


def _shown(room: OpenRoom) -> dict[str, Any]:
    return {
        **described(room.state, room.state.settings),
        "online": room.state.online,
        "words": room.state.settings.words,
    }


def _json(body: bytes) -> Response:
    return Response(body, media_type="application/json")


async def _events(server: RoomServer, room: str, after: str, limit: int) -> Page:
    await server.rooms.open(room, make=False)  # an unknown room is no empty one
    try:
        page = await server.store.outbox(room, after, limit)
    except ValueError as error:
        raise ProblemRaised(400, str(error)) from None
    if not page.complete:
        raise ProblemRaised(410, "records after that place are kept no more", oldest=page.oldest)
    records = [Happened(id=place, events=orjson.loads(record)["events"]) for place, record in page.records]
    return Page(records=records, next=records[-1].id if records else after, oldest=page.oldest)
