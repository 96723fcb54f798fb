"""What the platform shows in a room: a product card, an order notice."""

from __future__ import annotations

import json
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Response
from pydantic import Field, field_validator

from app.feature import TYPE, Publish
from roomserver.http.ids import Key, RoomId
from roomserver.http.platform import OPERATOR, PlatformBody, answered, platform_router
from roomserver.server import RoomServer

PUBLISHED_BYTES = 4096
"""Of what the platform shows in one event: it goes to every viewer, in the batch with everything else."""


class Published(PlatformBody):
    """Something of the platform's own to show in a room: a product card, an order notice."""

    type: Annotated[str, Field(pattern=rf"^{TYPE}$", examples=["app.product"])]
    data: dict[str, Any]

    @field_validator("data")
    @classmethod
    def _fits(cls, data: dict[str, Any]) -> dict[str, Any]:
        """It must be what a batch can carry: one that cannot be encoded would take the whole batch with it."""
        try:
            json.dumps(data, allow_nan=False)  # orjson would say null for what JSON has no number for
            size = len(orjson.dumps([data])) - 2  # one level deeper, as it will be in the event
        except (TypeError, ValueError) as error:
            raise ValueError(f"no JSON that can be shown: {error}") from None
        if size > PUBLISHED_BYTES:
            raise ValueError(f"{size} bytes, and {PUBLISHED_BYTES} may be shown")
        return data


def publishing(server: RoomServer) -> APIRouter:
    """The route of what is shown."""
    router = platform_router()

    @router.post("/publish", operation_id="post_publish")
    async def post_publish(room: RoomId, shown: Published, key: Key = None) -> Response:
        """Show something in the room, in its next batch; nothing of it is stored."""
        return answered(await server.command(OPERATOR, Publish(room=room, type=shown.type, data=shown.data, key=key)))

    return router
