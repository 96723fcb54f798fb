"""Where a media server to which clients are sent asks whether it may let them in, and tells when they have gone.

    POST /media/hook    200 {"code": 0}: let him in (2xx for MediaMTX, the code for SRS); 403: do not

Who asks proves nothing: what he holds is the client's ticket, and that was given to this client for this room alone.
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from media.hooks import read
from roomserver.http.problems import ProblemResponse
from roomserver.pictures import Pictures
from roomserver.server import RoomServer


def media_hook(pictures: Pictures, server: RoomServer) -> APIRouter:
    """The route."""
    router = APIRouter(tags=["media"])

    @router.post("/media/hook", operation_id="media_hook", response_class=Response)
    async def hook(request: Request) -> Response:
        """Say whether a client may publish or watch: asked by MediaMTX (`authHTTPAddress`) and SRS (`http_hooks`)."""
        try:
            asked = read(await request.body())
        except ValueError:
            server.metrics.media_refused.labels("hook").inc()
            return ProblemResponse(400, "this is not what a media server asks")
        if await pictures.hook(asked):
            return Response(b'{"code": 0}', media_type="application/json")
        server.metrics.media_refused.labels("hook").inc()
        return ProblemResponse(403, "not sent by this server, or too long ago")

    return router
