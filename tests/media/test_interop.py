"""Other people's WebRTC against a real server: FFmpeg, Chromium and aiortc, as publishers and as viewers."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import imageio_ffmpeg  # type: ignore[import-untyped]  # it says no types
import pytest
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, VideoStreamTrack
from playwright.async_api import Page, async_playwright

from media.backend import PublishLimits
from media.port import MediaPort
from media.stun import Address
from tests.media.in_process import InProcess
from tests.patience import until
from tests.server import RealServer, plain_http, running

pytestmark = [pytest.mark.media, pytest.mark.slow, pytest.mark.store, pytest.mark.timeout(180)]

FLAGS = (
    "--no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update "
    "--use-fake-device-for-media-stream --use-fake-ui-for-media-stream --autoplay-policy=no-user-gesture-required "
    "--disable-features=WebRtcHideLocalIpsWithMdns"
).split()

log = logging.getLogger(__name__)

SCRIPT = Path(__file__).with_name("rtc.js")
SECONDS = 20.0


@contextlib.asynccontextmanager
async def live(folder: Path) -> AsyncIterator[tuple[RealServer, str, str]]:
    """A server with the tokens of a host and of a viewer."""
    async with running(folder) as server:
        host = await server.token("lin", room="demo", role="host")
        yield server, host, await server.token("vera")


async def on_air(server: RealServer) -> bool:
    """Whether a picture comes in, as the platform sees it."""
    async with plain_http() as client:
        headers = {"Authorization": f"Bearer {server.operator}"}
        response = await client.get(f"{server.http}/api/v1/rooms/demo", headers=headers)
    return bool(response.is_success and response.json()["live"])


# --- FFmpeg


def ffmpeg(server: RealServer, token: str, *more: str) -> list[str]:
    picture = "-f lavfi -i testsrc2=size=320x240:rate=30 -f lavfi -i sine=sample_rate=48000".split()
    video = "-c:v libx264 -preset ultrafast -tune zerolatency -profile:v baseline -pix_fmt yuv420p -bf 0 -g 30".split()
    sound = "-c:a libopus -ac 2 -f whip".split()
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-re", *picture, *video, "-b:v", "500k", *sound]
    return [*command, *more, "-authorization", token, f"{server.http}/whip/demo"]


@contextlib.asynccontextmanager
async def streaming(server: RealServer, token: str, *more: str) -> AsyncIterator[None]:
    process = await asyncio.create_subprocess_exec(*ffmpeg(server, token, *more), stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.kill()
        await process.wait()


# --- aiortc


class Watcher:
    """aiortc as a player: it decodes, and counts its frames."""

    def __init__(self) -> None:
        self.pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.frames = {"audio": 0, "video": 0}
        self._tasks: set[asyncio.Task[None]] = set()
        self.pc.on("track", self._play)
        for kind in self.frames:
            self.pc.addTransceiver(kind, direction="recvonly")

    def _play(self, track: MediaStreamTrack) -> None:
        self._tasks.add(asyncio.get_running_loop().create_task(self._count(track)))

    async def _count(self, track: MediaStreamTrack) -> None:
        with contextlib.suppress(Exception):  # theirs, when the connection ends
            while True:
                await track.recv()
                self.frames[track.kind] += 1

    @property
    def sees(self) -> bool:
        """Whether sound and picture have come for a while."""
        return min(self.frames.values()) > 20

    async def close(self) -> None:
        await self.pc.close()
        for task in self._tasks:
            await task


async def shake(pc: RTCPeerConnection, url: str, token: str) -> None:
    await pc.setLocalDescription(await pc.createOffer())
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/sdp"}
    async with plain_http() as client:
        response = await client.post(url, content=pc.localDescription.sdp, headers=headers)
    assert response.status_code == 201, response.text
    await pc.setRemoteDescription(RTCSessionDescription(response.text, "answer"))


@contextlib.asynccontextmanager
async def watching(server: RealServer, token: str) -> AsyncIterator[Watcher]:
    watcher = Watcher()
    try:
        await shake(watcher.pc, f"{server.http}/whep/demo", token)
        yield watcher
    finally:
        await watcher.close()


# --- Chromium


@contextlib.asynccontextmanager
async def tabs(chromium: Path, url: str, count: int) -> AsyncIterator[list[Page]]:
    """Tabs of a browser with a camera and a microphone that it makes up."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        context = await browser.new_context(bypass_csp=True)
        made = [await context.new_page() for _ in range(count)]
        for page in made:
            await page.goto(url)
            await page.add_script_tag(path=SCRIPT)
        yield made
        await browser.close()


async def frames(page: Page, kind: str = "video") -> int:
    received = await page.evaluate("rtc.received()")
    return int(received.get(kind, {}).get("framesDecoded", 0))


# --- who meets whom


@pytest.mark.parametrize("flags", [(), ("-whip_flags", "dtls_active")], ids=["passive", "active"])
async def test_ffmpeg_to_aiortc(tmp_path: Path, flags: tuple[str, ...]) -> None:
    async with live(tmp_path) as (server, host, viewer), streaming(server, host, *flags):
        await until(lambda: on_air(server))
        async with watching(server, viewer) as first, watching(server, viewer) as second:
            await until(lambda: first.sees and second.sees)


async def test_aiortc_to_aiortc_and_the_room_is_live(tmp_path: Path) -> None:
    async with live(tmp_path) as (server, host, viewer):
        publisher = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        for track in (AudioStreamTrack(), VideoStreamTrack()):
            publisher.addTransceiver(track, direction="sendonly")
        await shake(publisher, f"{server.http}/whip/demo", host)
        await until(lambda: on_air(server))
        async with watching(server, viewer) as watcher:
            await until(lambda: watcher.sees)
        await publisher.close()


@pytest.mark.parametrize("codec", ["video/VP8", "video/H264"])
async def test_chromium_to_chromium_and_aiortc(tmp_path: Path, chromium: Path, codec: str) -> None:
    async with live(tmp_path) as (server, host, viewer), tabs(chromium, f"{server.http}/livez", 2) as (stage, seat):
        await stage.evaluate(f"rtc.publish(rtc.over('/whip/demo', '{host}'), '{codec}')")
        await until(lambda: on_air(server))
        first = await seat.evaluate(f"rtc.watch(rtc.over('/whep/demo', '{viewer}'))")
        log.info("the first frame came after %.0f ms", first)  # make goals asks how soon
        async with watching(server, viewer) as watcher:
            await until(lambda: watcher.sees)

        async def goes_on() -> bool:
            sent = await stage.evaluate("rtc.sent()")
            return await frames(seat) > 30 and sent["bytesSent"] > 50_000

        await until(goes_on)
        received = await seat.evaluate("rtc.received()")
        assert received["video"]["packetsLost"] == received["audio"]["packetsLost"] == 0


async def test_ffmpeg_to_chromium(tmp_path: Path, chromium: Path) -> None:
    async with live(tmp_path) as (server, host, viewer), streaming(server, host):
        await until(lambda: on_air(server))
        async with tabs(chromium, f"{server.http}/livez", 1) as [seat]:
            first = await seat.evaluate(f"rtc.watch(rtc.over('/whep/demo', '{viewer}'))")
            log.info("the first frame came after %.0f ms", first)  # make goals asks how soon

            async def goes_on() -> bool:
                return await frames(seat) > 30

            await until(goes_on)


class Lossy(MediaPort):
    """A port that loses every twentieth packet of what viewers are sent, and of what publishers send, while it does."""

    loses = True
    lost = 0
    missed = 0
    _sent = 0
    _taken = 0

    def take(self, data: bytes, address: Address) -> None:
        self._taken += data[0] > 127
        if self.loses and data[0] > 127 and self._taken % 20 == 0:
            self.missed += 1
        else:
            super().take(data, address)

    def send(self, data: bytes, address: Address) -> None:
        self._sent += data[0] > 127
        if self.loses and data[0] > 127 and self._sent % 20 == 0:
            self.lost += 1
        else:
            super().send(data, address)


async def test_a_browser_misses_nothing_of_a_line_that_loses_packets(tmp_path: Path, chromium: Path) -> None:
    inside = InProcess()
    port = Lossy("127.0.0.1", 0)

    async def publish(sdp: str) -> str:
        answer = await inside.publish("demo", "lin", "main", sdp, PublishLimits())
        return getattr(answer, "sdp", "")

    async def play(sdp: str) -> str:
        answer = await inside.play("demo", "vera", ["main"], sdp)
        return getattr(answer, "sdp", "")

    async with (
        inside.running(port),
        live(tmp_path) as (server, _, _),
        tabs(chromium, f"{server.http}/livez", 2) as made,
    ):
        stage, seat = made
        await stage.expose_function("publish", publish)
        await seat.expose_function("play", play)
        await stage.evaluate("rtc.publish(publish, 'video/VP8')")
        await until(lambda: inside.on_air)
        await seat.evaluate("rtc.watch(play)")

        async def long_enough() -> bool:
            return await frames(seat) > 100

        await until(long_enough)
        port.loses = False

        async def all_is_there() -> bool:
            return bool((await seat.evaluate("rtc.received()"))["video"]["packetsLost"] <= 1)

        await until(all_is_there)  # what was just under way is sent again, too
        received = (await seat.evaluate("rtc.received()"))["video"]
        assert min(port.lost, port.missed) > 10
        assert inside.counts()["asked_again_total"] > 5
        assert received["nackCount"] > 0
        assert inside.counts()["sent_again_total"] > 10
