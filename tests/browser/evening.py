"""A host who is on air with a test picture."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpSender, RTCSessionDescription
from av import Packet

from loadtest.cast import Member
from loadtest.evening import (
    AUDIO_TIME,
    FRAMES_PER_SECOND,
    SAMPLES_PER_PACKET,
    VIDEO_TIME,
)
from loadtest.evening import evening as drawn
from loadtest.onair import Looping, on_air
from loadtest.target import parse_target
from tests.server import RealServer, plain_http


@asynccontextmanager
async def evening(server: RealServer, room: str) -> AsyncIterator[None]:
    """The room's host is on air while the block lasts."""
    stop = asyncio.Event()
    host = Member(user="lin", name="Lin", tier=0, language="en", role="host")
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(on_air(parse_target(server.url), room, host, stop))
        try:
            yield
        finally:
            stop.set()


class Shutter(Looping):
    """A camera that sends nothing unless it is open; opened once."""

    def __init__(self, packets: tuple[bytes, ...]) -> None:
        super().__init__("video", packets, 1 / FRAMES_PER_SECOND, round(1 / FRAMES_PER_SECOND / VIDEO_TIME))
        self.open = asyncio.Event()

    async def recv(self) -> Packet[Any]:
        await self.open.wait()
        return await super().recv()


@asynccontextmanager
async def camera_off(server: RealServer, room: str) -> AsyncIterator[Shutter]:
    """The room's host is on air with his sound while the block lasts; his camera is off until it is opened."""
    loop = await asyncio.to_thread(drawn)
    camera = Shutter(loop.video)
    pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    try:
        picture = pc.addTransceiver(camera, direction="sendonly")
        codecs = RTCRtpSender.getCapabilities("video").codecs
        picture.setCodecPreferences([one for one in codecs if one.mimeType == "video/VP8"])
        microphone = Looping("audio", loop.audio, float(SAMPLES_PER_PACKET * AUDIO_TIME), SAMPLES_PER_PACKET)
        pc.addTransceiver(microphone, direction="sendonly")
        await pc.setLocalDescription(await pc.createOffer())
        bearer = server.sign("lin", roles={room: "host"})
        headers = {"Authorization": f"Bearer {bearer}", "Content-Type": "application/sdp"}
        async with plain_http() as http:
            response = await http.post(f"{server.http}/whip/{room}", content=pc.localDescription.sdp, headers=headers)
        await pc.setRemoteDescription(RTCSessionDescription(response.text, "answer"))
        yield camera
    finally:
        camera.open.set()  # who waits for it is not cancelled
        await pc.close()
