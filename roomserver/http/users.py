"""A person over all rooms, as the platform knows him: what is stored of him, and its end."""

from __future__ import annotations

import orjson
from fastapi import APIRouter, Depends, Response
from fastapi.security import HTTPBearer

from roomserver.http.export import exported
from roomserver.http.guard import PLATFORM
from roomserver.http.ids import UserId
from roomserver.http.platform import OPERATOR, answered
from roomserver.revocations import EVERYBODY
from roomserver.server import RoomServer


def users(server: RoomServer) -> APIRouter:
    """The routes under /api/v1/members; who may call them was decided before."""
    documented = HTTPBearer(auto_error=False, description="The operator's key.")
    router = APIRouter(prefix="/members")

    @router.get("/{user}/export", operation_id="get_exports")
    async def get_exports(user: UserId) -> Response:
        """Everything that is stored of a person, room by room."""
        found = [await exported(server, room, user) for room in await server.store.rooms()]
        server.shell.audit.note(OPERATOR, "members.export", room="*", whom=user)
        kept = [orjson.Fragment(one) for one in found if orjson.loads(one)["version"]]
        return answered(orjson.dumps({"user": user, "rooms": kept}))

    @router.delete("/{user}", operation_id="delete_user")
    async def delete_user(user: UserId) -> Response:
        """Erase a person in every room; the rooms in which something was stored of him."""
        rooms = await server.forgetting.everywhere(user)
        server.shell.audit.note(OPERATOR, "members.erase", room="*", whom=user)
        return answered(orjson.dumps({"erased": user, "rooms": rooms}))

    @router.post("/{user}/revoke", operation_id="post_revoke")
    async def post_revoke(user: UserId) -> Response:
        """Let no token be good that this person has by now, and close whoever is connected with one."""
        return await _revoked(server, user)

    everybody = APIRouter(prefix=PLATFORM, tags=["platform"], dependencies=[Depends(documented)])

    @everybody.post("/revoke", operation_id="post_revoke_all")
    async def post_revoke_all() -> Response:
        """Let no token be good that anybody has by now, and close whoever is connected with one."""
        return await _revoked(server, EVERYBODY)

    everybody.include_router(router)
    return everybody


async def _revoked(server: RoomServer, user: str) -> Response:
    closed = await server.revocations.revoke(user)
    server.shell.audit.note(OPERATOR, "tokens.revoke", room="*", whom=user)
    return answered(orjson.dumps({"revoked": user, "closed": closed}))
