"""Before words are shown the platform is asked, over real sockets: one that allows, refuses, idles, and fails."""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from time import perf_counter

import pytest
from standardwebhooks import Webhook

from roomserver.breaker import FAILURES
from roomserver.prepublish import FIRST_PAUSE
from tests.patience import PATIENCE
from tests.server import Json, RealServer, plain_http, running
from tests.story.wire import Refusal, Wire, fresh, viewer

pytestmark = [pytest.mark.store, pytest.mark.slow]

SECRET = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
OK = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b"

ODD = {
    "fails": b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n",
    "sends away": b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n",
    "talks without end": OK % (200_000, b" " * 200_000),
    "mumbles": OK % (5, b"maybe"),
    "hangs up": b"",
}
"""What a hook may answer that is no answer."""


class Moderation:
    """The platform's end: it verifies, refuses what has "spam" in it, and is as odd as the test wants."""

    def __init__(self) -> None:
        self.odd: bytes | None = None
        self.idle = asyncio.Event()
        self.idle.set()
        self.asked: list[Json] = []
        self.port = 0

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = [line.partition(":") for line in head.decode().split("\r\n")[1:]]
                headers = {name.lower(): text.strip() for name, _, text in lines if name}
                body = await reader.readexactly(int(headers["content-length"]))
                Webhook(SECRET).verify(body, headers)
                questions = json.loads(body)["messages"]
                self.asked += questions
                await self.idle.wait()
                writer.write(self._answer(questions))
                if self.odd == b"":
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _answer(self, questions: list[Json]) -> bytes:
        if self.odd is not None:
            return self.odd
        no = {"allow": False, "reason": "no advertising"}
        answers = [no if "spam" in one["text"] else {"allow": True} for one in questions]
        answer = json.dumps({"answers": answers}).encode()
        return OK % (len(answer), answer)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Moderation]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()

    def texts(self) -> list[str]:
        return [one["text"] for one in self.asked]


@pytest.fixture
async def moderation() -> AsyncIterator[Moderation]:
    async with Moderation().open() as moderation:
        yield moderation


@pytest.fixture
def options(moderation: Moderation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fail: str) -> list[str]:
    monkeypatch.setenv("ASK_SECRET", SECRET)
    config = tmp_path / "room.toml"
    config.write_text(f"""
[danmaku.hook]
url = "http://127.0.0.1:{moderation.port}/ask"
secret = "ASK_SECRET"
deadline_ms = 3000
fail = "{fail}"
""")
    return ["--dev", "--config", str(config)]


async def refused(wire: Wire, room: str, text: str) -> tuple[int, bool, str]:
    with pytest.raises(Refusal) as caught:
        await wire.rpc("danmaku.send", room=room, text=text)
    return caught.value.code, caught.value.temporary, caught.value.message


async def shown(server: RealServer, room: str, text: str) -> bool:
    """Whether somebody new may say it."""
    async with viewer(server.url, server.sign(fresh("dan")), room) as dan:
        try:
            return bool(await dan.rpc("danmaku.send", room=room, text=text))
        except Refusal:
            return False


async def outcomes(server: RealServer) -> dict[str, float]:
    async with plain_http() as client:
        page = (await client.get(f"{server.http}/metrics")).text
    lines = [line for line in page.splitlines() if line.startswith("roomserver_prepublish_total{")]
    return {line.split('"')[1]: float(line.split()[-1]) for line in lines}


@pytest.mark.parametrize("fail", ["closed"])
async def test_what_the_platform_refuses_is_not_shown_and_its_silence_is_no_leave(
    moderation: Moderation, options: list[str], tmp_path: Path
) -> None:
    room = fresh("room")
    async with (
        running(tmp_path, options) as server,
        viewer(server.url, server.sign("ada"), room) as ada,
        viewer(server.url, server.sign("bob"), room) as bob,
    ):
        said = await ada.rpc("danmaku.send", room=room, text="hello\u200b there")
        assert (await bob.event("danmaku.said"))["id"] == said["id"]
        [question] = moderation.asked
        assert (question["room"], question["type"], question["text"]) == (room, "danmaku.send", "hello there")
        assert question["user"] == {"id": "ada", "name": "ada", "tier": 0, "role": "member"}

        not_allowed = (1008, False, "the platform does not allow this: no advertising")
        assert await refused(ada, room, "buy spam") == not_allowed
        assert (await refused(ada, room, "\u200b"))[0] == 1201  # the room's own rules come first, and nobody is asked
        assert moderation.texts() == ["hello there", "buy spam"]

        async with viewer(server.url, server.sign("eve", roles={room: "host"}), room) as eve:
            thanks = await eve.rpc("shoutout.send", room=room, to="ada", text="thanks", key="1")
            assert (await bob.event("shoutout.shown"))["id"] == thanks["id"]
            with pytest.raises(Refusal) as caught:
                await eve.rpc("shoutout.send", room=room, to="bob", text="more spam", key="2")
            assert caught.value.code == 1008
        assert [(one["type"], one["user"]["role"]) for one in moderation.asked[2:]] == [("shoutout.send", "host")] * 2

        for odd in ODD.values():
            moderation.odd = odd
            assert (await refused(bob, room, "hi"))[:2] == (1009, True)
            moderation.odd = None
            async with viewer(server.url, server.sign(fresh("cyd")), room) as cyd:
                await cyd.rpc("danmaku.send", room=room, text="all is well")

        moderation.idle.clear()
        async with asyncio.TaskGroup() as tasks:
            waiting = tasks.create_task(refused(ada, room, "hello?"))
            await bob.rpc("checkin.mark", room=room)
            assert not waiting.done()
        assert waiting.result()[:2] == (1009, True)
        assert [event["text"] for event in bob.events("danmaku.said")] == ["hello there", *["all is well"] * len(ODD)]
        assert await outcomes(server) == {"allowed": 7, "refused": 2, "failed": 5, "timeout": 1}


@pytest.mark.parametrize("fail", ["open"])
async def test_a_platform_that_is_gone_is_left_alone_and_found_again(
    moderation: Moderation, options: list[str], tmp_path: Path
) -> None:
    room = fresh("room")
    async with running(tmp_path, options) as server:
        moderation.odd = ODD["fails"]
        async with AsyncExitStack() as stack:
            seats = [viewer(server.url, server.sign(f"user{n}"), room) for n in range(8)]
            everybody = [await stack.enter_async_context(seat) for seat in seats]
            began = perf_counter()
            for n, one in enumerate(everybody):  # one of each: the room gives everybody five at a time
                assert (await one.rpc("danmaku.send", room=room, text=f"{n} spam"))["status"] == "accepted"
            probes = len(moderation.asked) - FAILURES
            assert 0 <= probes <= (perf_counter() - began) / (FIRST_PAUSE / 2)
        assert await outcomes(server) == {"failed": FAILURES + probes, "circuit_open": 8 - FAILURES - probes}
        moderation.odd = None
        async with asyncio.timeout(PATIENCE):
            while await shown(server, room, "still spam"):  # until the first probe, at most a second later
                pass
        assert not await shown(server, room, "once more spam")
        assert (await outcomes(server))["refused"] == 2
