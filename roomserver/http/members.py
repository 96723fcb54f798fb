"""A member as the platform knows him: his card, his score, his history in another system, and all that is stored."""

from __future__ import annotations

from typing import Annotated

import orjson
from fastapi import APIRouter, Response
from pydantic import Field

from checkin.imported import DAYS, ImportHistory
from effects.text import clean
from membership.assignment import LATEST, AssignTier
from membership.messages import MOST, AddScore, Member
from room.message import PLAIN
from roomserver.http.export import exported
from roomserver.http.ids import Key, RoomId, UserId, required
from roomserver.http.platform import DAY, OPERATOR, PlatformBody, answered, platform_router
from roomserver.server import RoomServer

Day = Annotated[str, Field(pattern=DAY)]


class History(PlatformBody):
    """What a member had in another system; ``days`` are those checked in, as ``2026-11-21``, in any order."""

    days: Annotated[list[Day], Field(max_length=DAYS, default_factory=list)]
    score: Annotated[int, Field(ge=0, le=10**9)] = 0
    points: Annotated[int, Field(ge=0, le=10**9)] = 0
    name: Annotated[str, Field(min_length=1, max_length=64)] | None = None


class ScoreChange(PlatformBody):
    """Points that a member gets, or loses, and as much qualifying score unless it is said."""

    amount: Annotated[int, Field(ge=-MOST, le=MOST)]
    qualifying: Annotated[int, Field(ge=-MOST, le=MOST)] | None = None
    reason: Annotated[str, Field(min_length=1, max_length=200, pattern=f"^{PLAIN}+$")]


class TierBody(PlatformBody):
    """The tier that a member is to have at least: until an instant (ms since 1970) or for good; null takes it back."""

    level: Annotated[int, Field(ge=0, le=1_000)] | None
    until: Annotated[int, Field(ge=0, le=LATEST)] | None = None
    reason: Annotated[str, Field(min_length=1, max_length=200, pattern=f"^{PLAIN}+$")]


def _imported(room: str, user: str, history: History, key: str) -> ImportHistory:
    """The command that a history asks for, under a name that may be shown."""
    return ImportHistory(
        room=room,
        user=user,
        days=tuple(history.days),
        score=history.score,
        points=history.points,
        name=None if history.name is None else clean(history.name),
        key=key,
    )


def members(server: RoomServer) -> APIRouter:
    """The routes under /api/v1/rooms/{room}/members/{user}; who may call them was decided before."""
    router = platform_router("/members/{user}")

    @router.get("", operation_id="get_member")
    async def get_member(room: RoomId, user: UserId) -> Response:
        """A member's whole card."""
        return answered(await server.command(OPERATOR, Member(room=room, user=user)))

    @router.post("/score", operation_id="post_score")
    async def post_score(room: RoomId, user: UserId, change: ScoreChange, key: Key = None) -> Response:
        """Give a member points and qualifying score, or take them; his new colour is on his next message."""
        command = AddScore(
            room=room,
            user=user,
            amount=change.amount,
            qualifying=change.qualifying,
            reason=change.reason,
            key=required(key),
        )
        return answered(await server.command(OPERATOR, command))

    @router.put("/tier", operation_id="put_tier")
    async def put_tier(room: RoomId, user: UserId, tier: TierBody, key: Key = None) -> Response:
        """Assign a member a tier, extend it, or take it back; his new colour is on his next message."""
        asked = AssignTier(
            room=room, user=user, level=tier.level, until=tier.until, reason=tier.reason, key=required(key)
        )
        return answered(await server.command(OPERATOR, asked))

    @router.put("/import", operation_id="put_history")
    async def put_history(room: RoomId, user: UserId, history: History, key: Key = None) -> Response:
        """Set up the history of a member who has none here yet; it counts from now on, and earns nothing again."""
        return answered(await server.command(OPERATOR, _imported(room, user, history, required(key))))

    @router.delete("", operation_id="delete_member")
    async def delete_member(room: RoomId, user: UserId) -> Response:
        """Erase a member: nothing is kept of him in this room, and his connections to it are closed."""
        await server.forgetting.erase(room, user)
        return answered(orjson.dumps({"erased": user, "rooms": [room]}))

    @router.get("/export", operation_id="get_export")
    async def get_export(room: RoomId, user: UserId) -> Response:
        """Everything that is stored of a member in a room, with his days as an import takes them."""
        await server.rooms.open(room, make=False)  # an unknown room is no empty one
        body = await exported(server, room, user)
        server.shell.audit.note(OPERATOR, "members.export", room=room, whom=user)
        return answered(body)

    return router
