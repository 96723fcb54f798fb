"""Clients who are sent to a real media server, Debian's Janus: they publish and watch there, and are put out there.

`make external` runs it: libnice, which carries Janus's packets, never uses the loopback; it needs a network of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, VideoStreamTrack

from tests.media.janus import Bridge, Janus
from tests.media.test_interop import Watcher, on_air, streaming
from tests.patience import until
from tests.server import RealServer, plain_http
from tests.story.wire import viewer

pytestmark = [pytest.mark.external, pytest.mark.timeout(180)]

ELSEWHERE = """[media]
backend = "whipwhep"
publish_at = "http://127.0.0.1:{port}/{{room}}/whip?token={{ticket}}"
play_at = "http://127.0.0.1:{port}/{{room}}/whep?token={{ticket}}"
kick = "DELETE http://127.0.0.1:{port}/sessions/{{session}}"
"""
SDP = {"Content-Type": "application/sdp"}


@dataclass(frozen=True)
class Elsewhere:
    """A room server whose pictures Janus carries, and the tokens of a host and of a viewer."""

    server: RealServer
    bridge: Bridge
    host: str
    viewer: str

    async def counted(self, name: str) -> float:
        async with plain_http() as client:
            page = (await client.get(f"{self.server.http}/metrics")).text
        return sum(float(line.split()[1]) for line in page.splitlines() if line.startswith(f"roomserver_media_{name} "))

    async def sent(self, path: str, token: str) -> str:
        """Where a client is sent to."""
        async with plain_http() as client:
            headers = SDP | {"Authorization": f"Bearer {token}"}
            answer = await client.post(f"{self.server.http}{path}", content="v=0\r\n", headers=headers)
        assert answer.status_code == 307, answer.text
        return answer.headers["location"]


@pytest.fixture
async def elsewhere(tmp_path: Path, janus_here: None) -> AsyncIterator[Elsewhere]:
    (tmp_path / "janus").mkdir()
    server, settings = RealServer(tmp_path), tmp_path / "elsewhere.toml"
    server.options = ("--dev", "--config", str(settings))
    async with Janus(tmp_path / "janus").running() as janus, Bridge(janus, server.http).running() as bridge:
        settings.write_text(ELSEWHERE.format(port=bridge.port))
        try:
            await server.start()
            host = await server.token("lin", room="demo", role="host")
            yield Elsewhere(server, bridge, host, await server.token("vera"))
            await server.stop()
        finally:
            server.end()


@contextlib.asynccontextmanager
async def watching(url: str) -> AsyncIterator[Watcher]:
    """A viewer by WHEP who takes the server's offer instead of his own."""
    watcher, first = Watcher(), RTCPeerConnection(RTCConfiguration(iceServers=[]))
    try:
        async with plain_http() as client:
            first.addTransceiver("video", direction="recvonly")
            own = await first.createOffer()
            offered = await client.post(url, content=own.sdp, headers=SDP)
            while offered.status_code == 409:  # let in, but nothing has come yet
                await asyncio.sleep(0.1)
                offered = await client.post(url, content=own.sdp, headers=SDP)
            assert offered.status_code == 406, offered.text
            await watcher.pc.setRemoteDescription(RTCSessionDescription(offered.text, "offer"))
            await watcher.pc.setLocalDescription(await watcher.pc.createAnswer())
            answer, where = watcher.pc.localDescription.sdp, urljoin(url, offered.headers["location"])
            assert (await client.patch(where, content=answer, headers=SDP)).status_code == 204
        yield watcher
    finally:
        await first.close()
        await watcher.close()


async def test_ffmpeg_is_sent_there_and_seen_there_and_put_out_there(elsewhere: Elsewhere) -> None:
    server = elsewhere.server
    async with streaming(server, elsewhere.host):
        await until(lambda: on_air(server))
        async with watching(await elsewhere.sent("/whep/demo", elsewhere.viewer)) as watcher:
            await until(lambda: watcher.sees)
            assert (await elsewhere.counted("publishers"), await elsewhere.counted("viewers")) == (1, 1)
            async with viewer(server.url, elsewhere.host, "demo") as host:
                await host.rpc("moderation.ban", room="demo", user="vera", key="enough")
            await until(lambda: watcher.pc.connectionState == "closed")
            assert [one.hook["action"] for one in elsewhere.bridge.clients.values()] == ["on_publish"]
            assert not await elsewhere.counted("viewers")


async def test_aiortc_is_sent_there_and_when_it_goes_the_room_hears_of_it(elsewhere: Elsewhere) -> None:
    publisher = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    for track in (AudioStreamTrack(), VideoStreamTrack()):
        publisher.addTransceiver(track, direction="sendonly")
    await publisher.setLocalDescription(await publisher.createOffer())
    async with plain_http() as client:
        where = await elsewhere.sent("/whip/demo", elsewhere.host)
        answer = await client.post(where, content=publisher.localDescription.sdp, headers=SDP)
    assert answer.status_code == 201, answer.text
    await publisher.setRemoteDescription(RTCSessionDescription(answer.text, "answer"))
    await until(lambda: on_air(elsewhere.server))
    async with watching(await elsewhere.sent("/whep/demo", elsewhere.viewer)) as watcher:
        await until(lambda: watcher.sees)

    async def nobody() -> bool:
        return await elsewhere.counted("publishers") + await elsewhere.counted("viewers") == 0

    await publisher.close()
    await until(nobody)


async def test_nobody_is_let_in_who_was_not_sent(elsewhere: Elsewhere) -> None:
    async with plain_http() as client:
        where = await elsewhere.sent("/whip/demo", elsewhere.host)
        for wrong in (where.partition("?")[0], where + "x", where.replace("/demo/", "/other/")):
            assert (await client.post(wrong, content="v=0\r\n", headers=SDP)).status_code == 401
    assert elsewhere.bridge.clients == {}
    assert await elsewhere.counted("hooks_refused_total") == 3
