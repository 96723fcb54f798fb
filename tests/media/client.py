"""A WebRTC client of a few lines: it sends and receives whole packets, and codes nothing.

Its lower layers are aiortc's and aioice's, as the server's are; other people's clients are in test_interop.py.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import Literal

from aioice import stun
from aiortc.sdp import SessionDescription

from media import rtcp
from media.dtls import Secured, Unsound, fingerprint, make_certificate
from media.rtp import Packet, is_rtcp, parse, write
from media.stun import Address
from tests.media.pictures import H264_KEY, offer, packet
from tests.patience import PATIENCE

CERTIFICATE = make_certificate()


class Client(asyncio.DatagramProtocol):
    """One client with a socket of its own; it loses a packet of each payload type in ``losing``."""

    def __init__(self) -> None:
        self.packets: list[Packet] = []
        self.raw: list[bytes] = []
        self.early: list[bytes] = []
        self.losing: list[int] = []
        self.told: list[rtcp.Told] = []
        self.arrived = asyncio.Event()
        self.checked = asyncio.Event()
        self.ended = asyncio.Event()
        self.secured: Secured | None = None
        self.server: Address = ("", 0)
        self.names = ("", "")
        self._transport: asyncio.DatagramTransport | None = None

    # --- what it says

    def offer(
        self,
        sections: Sequence[str],
        direction: str,
        setup: str = "actpass",
        codecs: str = "H264",
        more: Sequence[str] = (),
    ) -> str:
        found = fingerprint(CERTIFICATE)
        return offer(sections, direction=direction, setup=setup, codecs=codecs, fingerprint=found, more=more)

    async def check(self, sdp: str, *, password: str | None = None) -> None:
        """Send a connectivity check to whom an answer names."""
        media = SessionDescription.parse(sdp).media[0]
        assert media.ice is not None
        [candidate] = media.ice_candidates
        self.server = (candidate.ip, candidate.port)
        self.names = (str(media.ice.usernameFragment), str(password or media.ice.password))
        if self._transport is None:
            loop = asyncio.get_running_loop()
            self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", 0))
        self.stay()

    async def move_from(self, other: Client) -> None:
        """Go on where another client was, from another address."""
        self.secured, self.server, self.names = other.secured, other.server, other.names
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", 0))
        self.stay()
        async with asyncio.timeout(PATIENCE):
            await self.checked.wait()

    def stay(self) -> None:
        """Check again, which is consent."""
        request = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
        request.attributes |= {"USERNAME": f"{self.names[0]}:mine", "PRIORITY": 1, "USE-CANDIDATE": None}
        request.add_message_integrity(self.names[1].encode())
        self.write(bytes(request))

    async def connect(self, sdp: str) -> None:
        """Check, and shake hands."""
        description = SessionDescription.parse(sdp)
        dtls = description.media[0].dtls
        assert dtls is not None
        prints = [(one.algorithm, one.value) for one in dtls.fingerprints]
        role: Literal["server", "client"] = "server" if dtls.role == "client" else "client"
        self.secured = Secured(CERTIFICATE, self.write, role=role, fingerprints=prints)
        await self.check(sdp)
        async with asyncio.timeout(PATIENCE):
            await self.checked.wait()
            assert await self.secured.handshake()
        for data in self.early:
            self.datagram_received(data, self.server)
        self.secured.on_end(self.ended.set)

    def write(self, data: bytes) -> None:
        assert self._transport is not None
        self._transport.sendto(data, self.server)

    def send(self, sent: Packet) -> bytes:
        """Send a packet; what went over the wire."""
        assert self.secured is not None
        data = self.secured.protect_rtp(write(sent, sent.payload_type, 0))
        self.write(data)
        return data

    def report(self, plain: bytes) -> None:
        assert self.secured is not None
        self.write(self.secured.protect_rtcp(plain))

    # --- what it hears

    def datagram_received(self, data: bytes, addr: Address) -> None:
        if data[0] > 127 and data[1] & 0x7F in self.losing:
            self.losing.remove(data[1] & 0x7F)
            return
        self.raw.append(data)
        if data[0] < 4:
            self.checked.set()
        elif data[0] < 64:
            if self.secured is not None:
                self.secured.channel.put(data)
        elif self.secured is not None and not self.secured.open:
            self.early.append(data)
        elif self.secured is not None:
            with contextlib.suppress(Unsound):
                if is_rtcp(data):
                    self.told += rtcp.read(self.secured.open_rtcp(data))
                else:
                    self.packets.append(parse(self.secured.open_rtp(data)))
        self.arrived.set()

    async def until(self, count: int) -> list[Packet]:
        """Its packets, once there are so many."""
        async with asyncio.timeout(PATIENCE):
            while len(self.packets) < count:
                self.arrived.clear()
                await self.arrived.wait()
        return self.packets

    async def until_told(self, kind: type[rtcp.Told]) -> rtcp.Told:
        """The first report of a kind."""
        async with asyncio.timeout(PATIENCE):
            while not (found := [one for one in self.told if isinstance(one, kind)]):
                self.arrived.clear()
                await self.arrived.wait()
        return found[0]

    async def close(self) -> None:
        if self.secured is not None:
            await self.secured.close()
        if self._transport is not None:
            self._transport.close()


@contextlib.asynccontextmanager
async def client() -> AsyncIterator[Client]:
    made = Client()
    try:
        yield made
    finally:
        await made.close()


def picture(client: Client, start: int = 0, count: int = 3, *, ssrc: int = 77, time: int = 0) -> None:
    """Send a key frame and what follows it."""
    for step in range(count):
        payload = H264_KEY if step == 0 else b"\x41%d" % step
        client.send(packet(start + step, time + 3000 * step, payload, ssrc=ssrc))
