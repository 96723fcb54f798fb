"""Debian's Janus as the server to which clients are sent, and before it a bridge that speaks WHIP and WHEP with them.

    POST   /{room}/whip?token=…   201: the offer is given to Janus's video room, whose answer is given back
    POST   /{room}/whep?token=…   406: Janus makes the offer (draft-ietf-wish-whep, 4.3); 409 while nobody publishes
    PATCH  /sessions/{name}       204: the viewer's answer
    DELETE /sessions/{name}       200: over; also how the room server puts somebody out

Before either, and after, the bridge asks and tells the room server as SRS would (`http_hooks`).
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import shutil
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI, HTTPException, Request, Response

from tests.patience import PATIENCE, until
from tests.server import free_port, plain_http

PROGRAM = shutil.which("janus")
ADDRESS = "10.77.0.1"
SDP = "application/sdp"

JANUS = """
general: {{ configs_folder = "{folder}", debug_level = 3, session_timeout = 0, protected_folders = [] }}
nat: {{ ice_lite = true, ice_enforce_list = "10.77" }}
media: {{ rtp_port_range = "20000-20200", no_media_timer = 3 }}
plugins: {{ disable = "{others}" }}
transports: {{ disable = "libjanus_pfunix.so" }}
"""
HTTP = 'general: {{ json = "compact", base_path = "/janus", http = true, port = {port}, ip = "127.0.0.1" }}'
ROOMS = "general: { string_ids = true }"

Json = dict[str, Any]


class Janus:
    """A Janus process and one session of its HTTP interface; ``ended`` is called with a handle that has ended."""

    def __init__(self, folder: Path) -> None:
        self.ended: Callable[[int], Awaitable[None]] | None = None
        self._folder = folder
        self._port = free_port()
        self._http = plain_http()
        self._session = ""
        self._waiting: dict[str, asyncio.Future[Json]] = {}

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Janus]:
        assert PROGRAM is not None
        self._write_configuration()
        log = (self._folder / "janus.log").open("wb")
        process = await asyncio.create_subprocess_exec(
            PROGRAM, "-F", str(self._folder), stdout=log, stderr=subprocess.STDOUT
        )
        try:
            async with self._http, asyncio.TaskGroup() as tasks:
                await until(self._created)
                listening = tasks.create_task(self._listen())
                yield self
                listening.cancel()
        finally:
            process.kill()
            await process.wait()
            log.close()

    def _write_configuration(self) -> None:
        plugins = Path("/usr/lib/x86_64-linux-gnu/janus/plugins").glob("libjanus_*.so")
        others = ",".join(one.name for one in plugins if one.name != "libjanus_videoroom.so")
        written = {
            "janus": JANUS.format(folder=self._folder, others=others),
            "janus.transport.http": HTTP.format(port=self._port),
            "janus.plugin.videoroom": ROOMS,
        }
        for name, text in written.items():
            (self._folder / f"{name}.jcfg").write_text(text)

    async def _created(self) -> bool:
        with contextlib.suppress(httpx.TransportError):
            self._session = f"/{(await self._post('', {'janus': 'create'}))['data']['id']}"
        return bool(self._session)

    async def _post(self, path: str, what: Json) -> Json:
        url = f"http://127.0.0.1:{self._port}/janus{path}"
        said: Json = (await self._http.post(url, json={"transaction": secrets.token_hex(6), **what})).json()
        assert said["janus"] != "error", said
        return said

    async def _listen(self) -> None:
        """Hear what happens, as Janus tells it: by requests that it answers when something does."""
        url = f"http://127.0.0.1:{self._port}/janus{self._session}"
        while True:
            said = (await self._http.get(url, params={"maxev": 10}, timeout=PATIENCE + 30)).json()
            for event in said if isinstance(said, list) else [said]:
                waiting = self._waiting.pop(event.get("transaction", ""), None)
                if waiting is not None:
                    waiting.set_result(event)
                elif event["janus"] in ("hangup", "detached") and self.ended is not None:
                    await self.ended(event["sender"])

    async def attached(self) -> int:
        """A new handle of the video room."""
        said = await self._post(self._session, {"janus": "attach", "plugin": "janus.plugin.videoroom"})
        return int(said["data"]["id"])

    async def detach(self, handle: int) -> None:
        """End what it carries."""
        await self._post(f"{self._session}/{handle}", {"janus": "detach"})

    async def say(self, handle: int, body: Json, kind: str = "", sdp: str = "") -> Json:
        """Ask something; what comes of it, at once or later."""
        transaction = secrets.token_hex(6)
        waiting = self._waiting[transaction] = asyncio.get_running_loop().create_future()
        jsep = {"jsep": {"type": kind, "sdp": sdp}} if sdp else {}
        what = {"janus": "message", "transaction": transaction, "body": body, **jsep}
        said = await self._post(f"{self._session}/{handle}", what)
        if said["janus"] == "ack":
            async with asyncio.timeout(PATIENCE):
                said = await waiting
        self._waiting.pop(transaction, None)
        return said


@dataclass(frozen=True)
class Client:
    """Somebody who publishes or watches there: what the room server was told of him."""

    handle: int
    hook: Json


class Bridge:
    """WHIP and WHEP before Janus; ``hook`` is the room server's address."""

    def __init__(self, janus: Janus, hook: str) -> None:
        self.port = free_port()
        self.clients: dict[str, Client] = {}
        self._janus = janus
        self._hook = hook
        self._feeds: dict[str, str] = {}
        janus.ended = self._ended
        self._app = FastAPI()
        self._app.post("/{room}/whip", response_class=Response)(self.whip)
        self._app.post("/{room}/whep", response_class=Response)(self.whep)
        self._app.patch("/sessions/{name}", response_class=Response)(self.patch)
        self._app.delete("/sessions/{name}", response_class=Response)(self.delete)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Bridge]:
        server = uvicorn.Server(uvicorn.Config(self._app, port=self.port, log_level="warning"))
        async with asyncio.TaskGroup() as tasks:
            serving = tasks.create_task(server.serve())
            await until(lambda: server.started)
            yield self
            server.should_exit = True
            await serving

    # --- what clients ask

    async def whip(self, room: str, request: Request) -> Response:
        name, handle = await self._let_in("on_publish", room, request)
        await self._janus.say(handle, {"request": "create", "room": room, "videocodec": "h264,vp8"})
        joins = {"request": "joinandconfigure", "room": room, "ptype": "publisher"}
        said = await self._janus.say(handle, joins, "offer", (await request.body()).decode())
        self._feeds[room] = said["plugindata"]["data"]["id"]
        return _made(201, name, said["jsep"]["sdp"])

    async def whep(self, room: str, request: Request) -> Response:
        name, handle = await self._let_in("on_play", room, request)
        feed = self._feeds.get(room, "")
        joins = {"request": "join", "room": room, "ptype": "subscriber", "streams": [{"feed": feed}]}
        said = await self._janus.say(handle, joins)
        if "jsep" not in said:
            await self.delete(name)
            raise HTTPException(409, headers={"Retry-After": "2"})
        return _made(406, name, said["jsep"]["sdp"])

    async def patch(self, name: str, request: Request) -> Response:
        await self._janus.say(self._known(name).handle, {"request": "start"}, "answer", (await request.body()).decode())
        return Response(status_code=204)

    async def delete(self, name: str) -> Response:
        await self._janus.detach(self._known(name).handle)
        return Response()

    def _known(self, name: str) -> Client:
        if name not in self.clients:
            raise HTTPException(404)
        return self.clients[name]

    # --- what the room server is asked and told

    async def _let_in(self, action: str, room: str, request: Request) -> tuple[str, int]:
        name = secrets.token_hex(6)
        asked = {"action": action, "stream": room, "param": f"?{request.url.query}", "client_id": name}
        if not await self._told(asked):
            raise HTTPException(401)
        handle = await self._janus.attached()
        self.clients[name] = Client(handle, asked)
        return name, handle

    async def _told(self, what: Json) -> bool:
        async with plain_http() as client:
            return (await client.post(f"{self._hook}/media/hook", json=what)).is_success

    async def _ended(self, handle: int) -> None:
        for name, client in list(self.clients.items()):
            if client.handle == handle:
                del self.clients[name]
                gone = "on_unpublish" if client.hook["action"] == "on_publish" else "on_stop"
                await self._told({**client.hook, "action": gone})


def _made(status: int, name: str, sdp: str) -> Response:
    return Response(sdp, status, {"Location": f"/sessions/{name}"}, media_type=SDP)
