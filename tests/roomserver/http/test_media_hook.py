"""Another media server asks about the clients that were sent to it, in its own words."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import httpx

from media.tickets import Tickets
from media.whipwhep import WhipWhep
from moderation.messages import Ban
from roomserver.clock import wall_ms
from roomserver.coming_pictures import GRACE_SECONDS
from roomserver.http.platform import OPERATOR
from tests.media.pictures import offer
from tests.patience import until
from tests.roomserver.http.serving import is_problem
from tests.roomserver.http.test_media import HOST, Media, media, token


class Mediamtx:
    """A server that speaks as MediaMTX does."""

    def __init__(self) -> None:
        self.kicked: list[str] = []

    async def kick(self, session: str) -> None:
        self.kicked.append(session)


@contextlib.asynccontextmanager
async def beside(server: Mediamtx) -> AsyncIterator[Media]:
    tickets = Tickets(b"secret", lambda: wall_ms() // 1000)
    there = "https://media.example/{room}"
    backend = WhipWhep(
        f"{there}/whip?token={{ticket}}", f"{there}/whep?token={{ticket}}", tickets=tickets, kick=server.kick
    )
    async with media(backend) as room:
        yield room


async def ticket(room: Media, path: str, by: str) -> str:
    sent = await room.say("POST", path, offer(), by=by)
    assert sent.status_code == 307
    return parse_qs(urlsplit(sent.headers["location"]).query)["token"][0]


async def hook(room: Media, **said: object) -> httpx.Response:
    return await room.http.post("/media/hook", json=said)


async def test_a_host_who_was_sent_there_is_let_in_and_his_room_is_live() -> None:
    async with beside(Mediamtx()) as room:
        demo = await room.on.server.rooms.open("demo")
        query = f"token={await ticket(room, '/whip/demo', HOST)}"
        answer = await hook(room, action="publish", path="demo", query=query, id="s1")
        assert (answer.status_code, answer.json()) == (200, {"code": 0})
        await until(lambda: demo.state.settings.live and room.on.pictures.coming.shown("demo") == ("main",))
        await hook(room, action="on_unpublish", stream="demo", param=f"?{query}", client_id="s1")
        await until(lambda: room.on.pictures.coming.shown("demo") == ())
        now = asyncio.get_running_loop().time()
        await until(lambda: [*room.on.pictures.due(now)] == [])
        [command] = room.on.pictures.due(now + 2 * GRACE_SECONDS)
        assert type(command).__name__ == "FollowPicture"


async def test_nobody_is_let_in_who_was_not_sent() -> None:
    async with beside(Mediamtx()) as room:
        viewers = await ticket(room, "/whep/demo", token("vera"))
        assert is_problem(await hook(room, action="publish", path="demo", query=f"token={viewers}", id="s1"), 403)
        assert is_problem(await hook(room, action="read", path="demo", query="", id="s1"), 403)
        assert is_problem(await hook(room, action="api", path="", query=""), 400)
        assert is_problem(await room.http.post("/media/hook", content=b"\xff"), 400)
        assert 'roomserver_media_refused_total{reason="hook"} 4.0' in room.on.server.metrics.page().decode()


async def test_who_is_banned_is_put_out_there_and_not_let_in_again() -> None:
    server = Mediamtx()
    async with beside(server) as room:
        first, second = [f"token={await ticket(room, '/whep/demo', token('vera'))}" for _ in range(2)]
        assert (await hook(room, action="read", path="demo", query=first, id="s1")).is_success
        await until(lambda: room.on.pictures.sessions.get("s1") is not None)
        await room.on.server.command(OPERATOR, Ban(room="demo", user="vera", key="1"))
        await until(lambda: server.kicked == ["s1"])
        assert is_problem(await hook(room, action="read", path="demo", query=second, id="s2"), 403)


async def test_a_guest_who_was_sent_there_is_let_in() -> None:
    async with beside(Mediamtx()) as room:
        query = f"token={await ticket(room, '/whep/demo', token(''))}"
        assert (await hook(room, action="read", path="demo", query=query, id="s1")).is_success


async def test_who_carries_pictures_himself_is_asked_by_nobody() -> None:
    async with media() as room:
        assert (await hook(room, action="read", path="demo", query="", id="s1")).status_code == 404
