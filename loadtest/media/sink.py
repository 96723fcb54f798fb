"""`python -m loadtest.media.sink URL TOKEN [light]`: WHEP viewers that look at nothing, in a process of their own.

It reads a number from standard input and joins so many more viewers at once, or `count`; each line is answered by one:
how many are here, how long the joins took, the packets that came and those that are missing between them.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Hashable
from time import perf_counter

import httpx
import msgspec
from aioice.ice import StunProtocol
from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpReceiver, RTCSessionDescription
from aiortc.rtp import RtpPacket

from loadtest.faults import LoadtestFault

CONNECTS_WITHIN = 20.0
LIVE_WITHIN = 20.0


class Counted:
    """What all viewers of this process got."""

    packets = 0
    gaps = 0
    last: dict[Hashable, int]

    def __init__(self) -> None:
        self.last = {}

    def step(self, stream: Hashable, sequence: int) -> None:
        """A packet came; whatever is left out before it is missing, whatever comes late is not."""
        self.packets += 1
        before = self.last.get(stream, sequence - 1)
        step = ((sequence - before + 0x8000) & 0xFFFF) - 0x8000
        if step > 0:
            self.gaps += step - 1
            self.last[stream] = sequence
        else:
            self.gaps -= 1


def look_at_nothing(counted: Counted) -> None:
    """Let aiortc's receivers count packets instead of decoding them."""

    async def handle(self: RTCRtpReceiver, packet: RtpPacket, arrival_time_ms: int) -> None:
        del arrival_time_ms
        counted.step(self, packet.sequence_number)

    RTCRtpReceiver._handle_rtp_packet = handle  # type: ignore[method-assign]  # in this process only


def open_nothing(counted: Counted) -> None:
    """Count datagrams by their headers, which are in clear, and open none: so a viewer costs this process least."""
    taken = StunProtocol.datagram_received

    def received(self: StunProtocol, data: bytes | str, addr: tuple[str, int]) -> None:
        if isinstance(data, bytes) and len(data) > 12 and data[0] > 127:
            if not 192 <= data[1] <= 208:
                counted.step((id(self), data[8:12]), int.from_bytes(data[2:4]))
        else:
            taken(self, data, addr)

    StunProtocol.datagram_received = received  # type: ignore[method-assign]  # in this process only


async def join(url: str, token: str, client: httpx.AsyncClient) -> RTCPeerConnection:
    """One viewer, connected.

    Raises LoadtestFault.
    """
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    for kind in ("audio", "video"):
        connection.addTransceiver(kind, direction="recvonly")
    await connection.setLocalDescription(await connection.createOffer())
    answer = await _answered(url, token, connection.localDescription.sdp, client)
    connected = asyncio.Event()

    @connection.on("connectionstatechange")
    def changed() -> None:
        if connection.connectionState == "connected":
            connected.set()

    await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    async with asyncio.timeout(CONNECTS_WITHIN):
        if connection.connectionState != "connected":
            await connected.wait()
    return connection


async def _answered(url: str, token: str, offer: str, client: httpx.AsyncClient) -> str:
    headers = {"Content-Type": "application/sdp", "Authorization": f"Bearer {token}"}
    deadline = perf_counter() + LIVE_WITHIN
    while True:
        response = await client.post(url, content=offer, headers=headers)
        if response.status_code == 201:
            return response.text
        if response.status_code not in (409, 429, 503) or perf_counter() > deadline:
            raise LoadtestFault(f"No picture at {url}: {response.status_code} {response.text[:200]}")
        await asyncio.sleep(0.2)


async def main(url: str, token: str, light: str = "") -> None:
    """Serve standard input until it ends."""
    counted = Counted()
    (open_nothing if light else look_at_nothing)(counted)
    here: list[RTCPeerConnection] = []
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    async with httpx.AsyncClient(timeout=20, trust_env=False) as client:
        async for line in reader:
            began = perf_counter()
            if line.strip() != b"count":
                async with asyncio.TaskGroup() as tasks:
                    joins = [tasks.create_task(join(url, token, client)) for _ in range(int(line))]
                here += [one.result() for one in joins]
            facts = {"here": len(here), "packets": counted.packets, "gaps": counted.gaps}
            sys.stdout.buffer.write(msgspec.json.encode({**facts, "took": perf_counter() - began}) + b"\n")
            sys.stdout.buffer.flush()
    async with asyncio.TaskGroup() as tasks:
        for one in here:
            tasks.create_task(one.close())


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
