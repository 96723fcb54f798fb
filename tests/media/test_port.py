"""What comes from strangers: ignored, counted, and of no consequence for anybody else (reliability.md, S31)."""

from __future__ import annotations

import asyncio
import os
import random
import socket

import pytest
from aioice import stun

from media import rtcp
from media.answer import Credentials
from media.backend import Published, PublishLimits
from media.stun import Address
from tests.media.client import Client, client, picture
from tests.media.conftest import Unit
from tests.patience import PATIENCE

ALERT = bytes([21, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 40])
HELLO = bytes([22, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 0, 0, 20]) + b"\x01" + b"\x00" * 19


async def counted(unit: Unit, name: str, least: int = 1) -> None:
    """Wait until something was counted."""
    async with asyncio.timeout(PATIENCE):
        while unit.port.counted[name] < least:  # noqa: ASYNC110  # what is counted tells nobody
            await asyncio.sleep(0)


def strange(unit: Unit, *datagrams: bytes) -> None:
    """Write to the port from an address that nobody has vouched for."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        for data in datagrams:
            stranger.sendto(data, ("127.0.0.1", unit.port.number))


async def test_a_stranger_cannot_disturb_a_handshake(unit: Unit) -> None:
    async with client() as host:
        for _ in range(5):
            strange(unit, ALERT, HELLO, b"\x16junk")
        connecting = asyncio.create_task(unit.publishing(host))
        while not connecting.done():
            strange(unit, ALERT, HELLO)
            await asyncio.sleep(0)
        await connecting
        picture(host)
        await unit.until(Published)
        assert unit.port.counted["strangers"] >= 15


HANDSHAKES = 20
UNSOUND_MEDIA = bytes([0x80, 96, 0, 1]) + bytes(40)


def forged_checks(names: tuple[str, str]) -> list[bytes]:
    """Checks and answers of somebody who has heard how a peer is called, and knows no password."""
    made = []
    for kind, sealed in ((stun.Class.REQUEST, True), (stun.Class.REQUEST, False), (stun.Class.RESPONSE, True)):
        check = stun.Message(message_method=stun.Method.BINDING, message_class=kind)
        check.attributes |= {"USERNAME": f"{names[0]}:mine", "PRIORITY": 1, "USE-CANDIDATE": None}
        if sealed:
            check.add_message_integrity(b"no password of theirs")
        made.append(bytes(check))
    return made


async def test_every_handshake_succeeds_whatever_strangers_write_meanwhile(unit: Unit) -> None:
    """An alert, another's hello, junk, packets and forged checks, before and while hands are shaken: finding 9, T24."""
    written = 0
    for number in range(HANDSHAKES):
        async with client() as host:
            setup = "active" if number % 2 else "passive"
            room, sdp = f"room{number}", host.offer(["audio", "video"], "sendonly", setup)
            answer = unit.sfu.publish(room, "host", "main", sdp, PublishLimits())
            names = unit.sfu._sessions[answer.session].connection.ice[0]
            wrong = [ALERT, HELLO, b"\x16junk", UNSOUND_MEDIA, *forged_checks((names.fragment, ""))]
            strange(unit, *wrong)
            connecting = asyncio.create_task(host.connect(answer.sdp))
            while not connecting.done():
                strange(unit, *wrong)
                written += 1
                await asyncio.sleep(0)
            await connecting
            picture(host)
            await unit.until(Published, number + 1)
    assert written >= HANDSHAKES
    assert unit.port.counted["strangers"] >= 4 * HANDSHAKES
    assert unit.port.counted["forged"] >= 2 * HANDSHAKES


REFUSED = ("10.0.0.1", "192.168.1.1", "169.254.169.254", "127.0.0.1", "0.0.0.0", "224.0.0.1", "::1", "a.local")


async def test_nobody_is_written_to_because_somebody_names_him(unit: Unit) -> None:
    """Candidates of an offer and of a PATCH, addresses of sections: no packet goes there, and no name is looked up."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as victim:
        victim.bind(("127.0.0.1", 0))
        victim.setblocking(False)
        port = victim.getsockname()[1]
        lines = [f"a=candidate:{n} 1 udp {n} {one} {port} typ host" for n, one in enumerate(REFUSED, 1)]
        async with client() as host, client() as viewer:
            sdp = host.offer(["audio", "video"], "sendonly", more=lines)
            sdp = sdp.replace("m=audio 9 ", f"m=audio {port} ").replace("c=IN IP4 0.0.0.0", "c=IN IP4 127.0.0.1")
            answer = unit.sfu.publish("room", "host", "main", sdp, PublishLimits())
            fragment = "\r\n".join(["a=ice-ufrag:mine", "a=ice-pwd:secret", *lines, ""])
            unit.sfu.patch(answer.session, fragment, answer.etag)
            await host.connect(answer.sdp)
            picture(host)
            await unit.until(Published)
            await unit.playing(viewer)
            await viewer.until(3)
            assert unit.port.counted["unreachable"] == 0
        with pytest.raises(BlockingIOError):
            victim.recv(1)


async def test_a_check_with_the_wrong_password_binds_nothing(unit: Unit) -> None:
    async with client() as host, client() as forger:
        answer = unit.sfu.publish("room", "host", "main", host.offer(["video"], "sendonly"), PublishLimits())
        await forger.check(answer.sdp, password="x" * 36)
        await counted(unit, "forged")
        forger.write(HELLO)
        await counted(unit, "strangers")
        assert forger.raw == [], "nobody is answered who is not known"


async def test_forged_and_repeated_packets_are_dropped(unit: Unit) -> None:
    async with client() as host, client() as viewer:
        await unit.publishing(host)
        picture(host)
        await unit.until(Published)
        await unit.playing(viewer)
        await viewer.until(3)
        replayed = [data for data in viewer.raw if data[0] > 127]
        sent = host.send(viewer.packets[0]._replace(ssrc=77, payload_type=96, sequence=3))
        await viewer.until(4)
        host.write(sent)  # once more, as somebody would who listened
        host.write(sent[:-1] + bytes([sent[-1] ^ 1]))
        host.write(replayed[0])
        host.write(b"\x80\xc8\x00\x06" + os.urandom(24))
        await counted(unit, "unsound", 4)
        picture(host, 4, 1)
        assert len(await viewer.until(5)) == 5


async def test_what_somebody_has_overheard_is_of_no_use_from_elsewhere(unit: Unit) -> None:
    """Whole flights of the handshake, packets and reports, as they were sent, from another address."""
    async with client() as host, client() as viewer:
        overheard = overhear(host)
        await unit.publishing(host)
        picture(host)
        await unit.until(Published)
        await unit.playing(viewer)
        await viewer.until(3)
        host.report(rtcp.key_request(77))
        before = unit.port.counted["strangers"]
        kinds = {data[0] >> 6 for data in overheard}
        assert kinds == {0, 2}, "handshake, packets and reports"
        strange(unit, *overheard)
        await counted(unit, "strangers", before + len(overheard))
        picture(host, 3, 1)
        assert len(await viewer.until(4)) == 4
        assert unit.port.counted["unsound"] == unit.port.counted["handshakes_failed"] == 0
        host.write(overheard[-1])  # the report, from where it came: once is enough
        await counted(unit, "unsound")


def overhear(client: Client) -> list[bytes]:
    """All but its checks that a client writes from now on."""
    heard: list[bytes] = []
    write = client.write

    def noted(data: bytes) -> None:
        if data[0] > 3:
            heard.append(data)
        write(data)

    client.write = noted  # type: ignore[method-assign]  # the client is the test's own
    return heard


async def test_junk_is_counted_and_nothing_more(unit: Unit) -> None:
    chance = random.Random(7)
    junk = [b"", b"\x00", b"\x00" * 20, b"\x40" * 30, b"\xff" * 1500, *(chance.randbytes(60) for _ in range(200))]
    async with client() as host:
        await unit.publishing(host)
        strange(unit, *junk)
        for data in junk:
            host.write(data)
        picture(host)
        await unit.until(Published)
        assert unit.port.counted["junk"] > 0


async def test_one_socket_serves_everybody(unit: Unit) -> None:
    async with client() as host, client() as viewer:
        await unit.publishing(host)
        picture(host)
        await unit.until(Published)
        await unit.playing(viewer)
        await viewer.until(3)
        assert host.server == viewer.server == ("127.0.0.1", unit.port.number)


async def test_a_client_may_change_its_address(unit: Unit) -> None:
    async with client() as host, client() as viewer, client() as moved:
        await unit.publishing(host)
        picture(host)
        await unit.until(Published)
        await unit.playing(viewer)
        await viewer.until(3)
        await moved.move_from(viewer)
        picture(host, 3)
        assert len(await moved.until(3)) == 3


class Faulty:
    """A peer with a fault in it."""

    address: Address | None = None

    def __init__(self) -> None:
        self.ice = [Credentials(fragment="faulty", password="p" * 22)]

    def checked(self, address: Address) -> None:
        raise RuntimeError("planted")

    def dtls(self, data: bytes) -> bool:
        return False

    def media(self, data: bytes) -> None:
        raise RuntimeError("planted")


async def test_a_fault_in_one_datagram_is_not_the_next_ones(unit: Unit, caplog: pytest.LogCaptureFixture) -> None:
    faulty = Faulty()
    unit.port.expect(faulty)
    async with client() as stranger, client() as host:
        answer = unit.sfu.publish("room", "host", "main", host.offer(["video"], "sendonly"), PublishLimits())
        sdp = answer.sdp.replace(unit.sfu._sessions[answer.session].connection.ice[0].fragment, "faulty")
        await stranger.check(sdp, password="p" * 22)
        await host.connect(answer.sdp)
        picture(host)
        await unit.until(Published)
    assert unit.port.counted["faults"] >= 1
    assert "a datagram was not taken" in caplog.text
