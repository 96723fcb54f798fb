"""The development door: a token for anybody, on this machine only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Protocol

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from roomserver.http.ids import ROOM
from roomserver.http.problems import ProblemRaised


class Issue(Protocol):
    """Makes a token for a user; ``roles`` by room."""

    def __call__(self, *, user: str, name: str, roles: Mapping[str, str]) -> str:
        """The token. Raises ValueError for what this server would not accept."""


class Wanted(BaseModel):
    """Who somebody wants to be; an empty ``user`` is a guest, ``role`` holds in ``room``."""

    model_config = ConfigDict(extra="forbid")

    user: Annotated[str, Field(max_length=128)]
    name: Annotated[str, Field(max_length=256)] = ""
    room: Annotated[str, Field(pattern=ROOM)] | None = None
    role: Literal["host", "moderator"] | None = None


class Given(BaseModel):
    """A token."""

    token: str


def development(issue: Issue) -> APIRouter:
    """The door, for servers that were started for development."""
    router = APIRouter(tags=["development"])

    @router.post("/dev/token", operation_id="development_token")
    async def token(wanted: Wanted) -> Given:
        """A token for whoever asks; only a development server or the demo gives one."""
        if wanted.role is not None and wanted.room is None:
            raise ProblemRaised(422, "a role needs a room")
        roles = {wanted.room: wanted.role} if wanted.room and wanted.role else {}
        try:
            return Given(token=issue(user=wanted.user, name=wanted.name, roles=roles))
        except ValueError as error:
            raise ProblemRaised(422, str(error)) from None

    return router
