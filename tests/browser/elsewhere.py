"""A media server elsewhere that does as MediaMTX: it asks the room's hook, knows one picture a room, and says 404."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from urllib.parse import parse_qs

import uvicorn
from fastapi import FastAPI, HTTPException, Request, Response

from media.backend import MAIN, Answer, PublishLimits, Rejected
from tests.media.in_process import InProcess
from tests.patience import until
from tests.server import RealServer, free_port, plain_http

SETTINGS = """[media]
backend = "whipwhep"
publish_at = "http://127.0.0.1:{port}/{{room}}/whip?token={{ticket}}"
play_at = "http://127.0.0.1:{port}/{{room}}/whep?token={{ticket}}"
"""
OPEN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "OPTIONS, GET, POST, PATCH, DELETE",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, If-Match",
    "Access-Control-Expose-Headers": "ETag, ID, Accept-Patch, Link, Location",
}
SDP = "application/sdp"


class Elsewhere:
    """The first viewer always comes a moment too early; ``turned`` says that he has been told so."""

    def __init__(self) -> None:
        self.port = free_port()
        self.turned = False
        self.hook = ""
        self._carrier = InProcess()
        self._app = FastAPI()
        self._app.post("/{room}/{way}", response_class=Response)(self._offered)
        self._app.delete("/{room}/{way}/{session}", response_class=Response)(self._ended)
        self._app.options("/{path:path}", response_class=Response)(_preflight)

    @contextlib.asynccontextmanager
    async def running(self, room: RealServer) -> AsyncIterator[Elsewhere]:
        self.hook = f"{room.http}/media/hook"
        server = uvicorn.Server(uvicorn.Config(self._app, port=self.port, log_level="warning"))
        async with self._carrier.running(), asyncio.TaskGroup() as tasks:
            serving = tasks.create_task(server.serve())
            await until(lambda: server.started)
            yield self
            server.should_exit = True
            await serving

    async def _offered(self, room: str, way: str, request: Request) -> Response:
        query = request.url.query
        asked = {"action": "publish" if way == "whip" else "read", "path": room, "query": query, "id": f"{id(request)}"}
        async with plain_http() as client:
            if not parse_qs(query) or not (await client.post(self.hook, json=asked)).is_success:
                raise HTTPException(401, headers=OPEN)
        answer = await self._answer(room, way, (await request.body()).decode())
        return Response(answer.sdp, 201, {**OPEN, "Location": f"/{room}/{way}/{answer.session}"}, media_type=SDP)

    async def _answer(self, room: str, way: str, offer: str) -> Answer:
        if way == "whep" and not self.turned:
            self.turned = True
            raise HTTPException(404, headers=OPEN)
        try:
            if way == "whip":
                answer = await self._carrier.publish(room, "host", MAIN, offer, PublishLimits())
            else:
                answer = await self._carrier.play(room, "viewer", (MAIN,), offer)
        except Rejected:
            raise HTTPException(404, headers=OPEN) from None
        assert isinstance(answer, Answer)
        return answer

    async def _ended(self, room: str, way: str, session: str) -> Response:
        await self._carrier.close(session, "closed")
        return Response(headers=OPEN)


async def _preflight() -> Response:
    return Response(status_code=204, headers=OPEN)
