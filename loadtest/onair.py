"""Publishes the evening by WHIP, as a host's encoder would, until it is stopped or put out."""

from __future__ import annotations

import asyncio
from typing import Any

import av
import httpx
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCRtpSender, RTCSessionDescription

from loadtest.cast import Member
from loadtest.evening import (
    AUDIO_TIME,
    FRAMES_PER_SECOND,
    SAMPLES_PER_PACKET,
    SAMPLES_PER_SECOND,
    VIDEO_TIME,
    evening,
)
from loadtest.faults import LoadtestFault
from loadtest.platform import Platform
from loadtest.target import Target

PATIENCE = 10.0


class Looping(MediaStreamTrack):
    """Packets in time, again and again."""

    def __init__(self, kind: str, packets: tuple[bytes, ...], seconds: float, ticks: int) -> None:
        super().__init__()
        self.kind = kind
        self._packets = packets
        self._seconds = seconds
        self._ticks = ticks
        self._sent = 0
        self._began: float | None = None

    async def recv(self) -> av.Packet[Any]:
        """The next packet, when it is due."""
        now = asyncio.get_running_loop().time()
        if self._began is None:
            self._began = now
        await asyncio.sleep(self._began + self._sent * self._seconds - now)
        packet = av.Packet(self._packets[self._sent % len(self._packets)])
        packet.pts = self._sent * self._ticks
        packet.time_base = VIDEO_TIME if self.kind == "video" else AUDIO_TIME
        self._sent += 1
        return packet


async def on_air(target: Target, room: str, host: Member, stop: asyncio.Event) -> None:
    """Publish as a room's host, until ``stop`` is set, as it is when the connection ends.

    Raises LoadtestFault.
    """
    async with Platform(target, room, "picture", None) as platform:
        token = await platform.token(host)
    loop = await asyncio.to_thread(evening)
    pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))

    @pc.on("connectionstatechange")
    def look() -> None:
        if pc.connectionState in {"failed", "closed"}:
            stop.set()

    try:
        _offer_vp8(pc, Looping("video", loop.video, 1 / FRAMES_PER_SECOND, 90_000 // FRAMES_PER_SECOND))
        seconds = SAMPLES_PER_PACKET / SAMPLES_PER_SECOND
        pc.addTransceiver(Looping("audio", loop.audio, seconds, SAMPLES_PER_PACKET), direction="sendonly")
        await _shake(pc, f"{target.http}/whip/{room}", token)
        await stop.wait()
    finally:
        await pc.close()


def _offer_vp8(pc: RTCPeerConnection, track: Looping) -> None:
    """Offer the one codec that the loop is in."""
    transceiver = pc.addTransceiver(track, direction="sendonly")
    codecs = RTCRtpSender.getCapabilities("video").codecs
    transceiver.setCodecPreferences([one for one in codecs if one.mimeType == "video/VP8"])


async def _shake(pc: RTCPeerConnection, url: str, token: str) -> None:
    await pc.setLocalDescription(await pc.createOffer())
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/sdp"}
    async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE, follow_redirects=True) as client:
        try:
            response = await client.post(url, content=pc.localDescription.sdp, headers=headers)
        except httpx.HTTPError as error:
            raise LoadtestFault(f"{url} does not answer: {error}.") from error
    if response.status_code != httpx.codes.CREATED:
        raise LoadtestFault(f"{url} does not take the picture: {response.status_code} {response.text[:200]}.")
    await pc.setRemoteDescription(RTCSessionDescription(response.text, "answer"))
